use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program does not end with exit or a jump",
    why: "Every function must end with `exit` or a jump: execution never runs into what follows.",
    fix: "End the function with `exit`.",
    lesson: lesson("code", 10),
    docs: pages::JUMPS,
    remedy: |_| {
        Some(Remedy {
            c: "give each path a return; a function that never returns ends like this too",
            rust: "build with --release: in debug builds the path of a panic ends in nothing; index by get() and avoid unwrap()",
            asm: "exit after the last instruction",
        })
    },
    ..PLAIN
};
