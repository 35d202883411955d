use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the compiler left a trap where the source is undefined",
    why: "Compilers put __bpf_trap where a value is used that was never set, or an index is always out of bounds: the path has no meaning.",
    fix: "Initialise the variable, and look for reads out of bounds in the line.",
    lesson: lesson("code", 150),
    docs: pages::CLANG,
    remedy: |_| {
        Some(Remedy {
            c: "compile with -Wall -Wuninitialized -Warray-bounds, and initialise: int x = 0;",
            rust: "look for unreachable_unchecked, unwrap_unchecked and MaybeUninit in the line",
            asm: "no call of __bpf_trap",
        })
    },
    ..PLAIN
};
