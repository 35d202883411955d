use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "preemption is not enabled as often as it was disabled",
    why: "While preemption is off there are no tail calls and no calls of global functions, and every bpf_preempt_disable needs its bpf_preempt_enable before the program or the global function ends.",
    fix: "Enable it on every path, once for each disabling.",
    lesson: lesson("kernel", 80),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "bpf_preempt_disable(); … bpf_preempt_enable(); with no return between",
            rust: "the pair of calls with no early return between",
            asm: "call bpf_preempt_enable before each exit",
        })
    },
    ..PLAIN
};
