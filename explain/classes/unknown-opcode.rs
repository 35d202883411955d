use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the code has no such instruction",
    why: "This kernel's instruction set doesn't have it: newer instructions are unknown to older kernels.",
    fix: "Emit code for the kernel's instruction set (clang: -mcpu=v3 or lower).",
    blame: Blame::Kernel,
    lesson: lesson("code", 60),
    when: |e| {
        // Load-acquire and store-release are atomic opcodes of newer kernels.
        let ordered = e.is(&[Kind::AtomicOpcode]) && matches!(e.text("opcode"), Some("100" | "110"));
        ordered || e.reserved() == Some(Reserved::NewerInsn)
    },
    ..PLAIN
};
