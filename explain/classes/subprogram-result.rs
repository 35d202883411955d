use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a function gives something that is no number",
    why: "What a global function, a callback or an extension returns must be a number, and r0 must hold one.",
    fix: "Return a number on every path.",
    lesson: lesson("loops", 64),
    docs: pages::VALUES,
    remedy: |_| {
        Some(Remedy {
            c: "return 0; at the end of each path, not a pointer",
            rust: "make the function return i32 or u64, not a reference",
            asm: "r0 = 0 before exit",
        })
    },
    ..PLAIN
};
