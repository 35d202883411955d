use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the saved state of interrupts is used out of order, or not given back",
    why: "bpf_local_irq_save fills 8 bytes of stack, and bpf_local_irq_restore gives them back: last saved, first restored, each once, by the same family of functions.",
    fix: "Restore in the reverse order, on every path, with the flag that this save has filled.",
    lesson: lesson("kernel", 90),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "unsigned long flags; bpf_local_irq_save(&flags); … bpf_local_irq_restore(&flags);",
            rust: "let mut flags: u64 on the stack; pass its address to both calls and write to it nowhere else",
            asm: "r1 = r10; r1 += -8 for both calls, and no store to r10-8 between",
        })
    },
    ..PLAIN
};
