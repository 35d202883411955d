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
    note: |fault| {
        let (message, _) = fault.message.as_ref()?;
        (message.fields.text("opcode") == Some("8d")).then(|| {
            "8d is a call through a register, as clang makes it of function pointers: build with -O2 and inline the function".to_owned()
        })
    },
    ..PLAIN
};
