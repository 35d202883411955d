use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an iterator is used out of order",
    why: "An iterator is made once by its `new`, asked by `next`, and ended by `destroy`, on the same bytes of the stack and on every path.",
    fix: "Begin with `new` on bytes that hold no iterator, end with `destroy` on every way out, and keep the bytes for it alone.",
    lesson: lesson("kernel", 50),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "bpf_for(i, 0, n) { … } or bpf_for_each(task, …), which begin and end it themselves",
            rust: "call bpf_iter_num_new, then bpf_iter_num_next until it gives NULL, then bpf_iter_num_destroy, also where the loop is left early",
            asm: "the same address (r1 = r10; r1 += -8) for new, next and destroy; no store to it between",
        })
    },
    ..PLAIN
};
