use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a kernel pointer in a map value is used against its rules",
    why: "Fields marked __kptr hold pointers to kernel objects. Plain loads and stores of 8 bytes at their own place are allowed for unreferenced ones; referenced ones go in and out by bpf_kptr_xchg.",
    fix: "Exchange referenced pointers by bpf_kptr_xchg, and access the field whole, at its constant offset.",
    lesson: lesson("kernel", 90),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "old = bpf_kptr_xchg(&v->task, new); if (old) bpf_task_release(old);",
            rust: "bpf_kptr_xchg(field, new) and release what it gives, unless NULL",
            asm: "r1 = address of the field; r2 = pointer; call bpf_kptr_xchg#194; a stored constant may only be 0",
        })
    },
    ..PLAIN
};
