use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a jump gets too long when the kernel rewrites the program",
    why: "The kernel replaces some instructions by several, and a jump across them no longer fits 16 bits.",
    fix: "Make the program smaller, or compile for instruction set v4, whose jumps have 32 bits.",
    no_lesson: Some("It takes more than 30,000 instructions, which nobody would read."),
    blame: Blame::Limit,
    docs: pages::JUMPS,
    remedy: |_| {
        Some(Remedy {
            c: "clang -mcpu=v4, or split the program with tail calls",
            rust: "-C target-cpu=v4, or split the program",
            asm: "gotol for far jumps",
        })
    },
    ..PLAIN
};
