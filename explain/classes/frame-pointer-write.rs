use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the frame pointer is written",
    why: "r10 always points to the top of the stack frame and can't be changed.",
    fix: "Copy r10 to another register and change that.",
    lesson: lesson("registers", 50),
    docs: pages::VERIFIER,
    remedy: |_| {
        Some(Remedy {
            c: "clang never writes it: look for r10 on the left in asm volatile",
            rust: "LLVM never writes it: look for r10 on the left in core::arch::asm!",
            asm: "r2 = r10; r2 += -8",
        })
    },
    ..PLAIN
};
