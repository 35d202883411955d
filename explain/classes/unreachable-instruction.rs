use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "no path leads to an instruction",
    why: "Every instruction must be reachable by jumps and fall-through, whatever the values.",
    fix: "Remove the code, or the jump over it.",
    lesson: lesson("code", 20),
    docs: pages::MESSAGES,
    remedy: |_| {
        Some(Remedy {
            c: "clang drops such code: look for asm volatile after a goto or an exit, or for a static function that nobody calls in a section loaded by itself",
            rust: "LLVM drops such code: look for core::arch::asm! after a jump",
            asm: "no instruction without a label after goto, exit",
        })
    },
    ..PLAIN
};
