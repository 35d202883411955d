use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a shift by a constant that is too large",
    why: "A constant shift must be below 64, or below 32 for 32-bit registers.",
    fix: "Correct the count.",
    lesson: lesson("code", 100),
    docs: pages::ARITHMETIC,
    remedy: |_| {
        Some(Remedy {
            c: "(__u64)x << 40: clang warns of a count beyond the type (-Wshift-count-overflow)",
            rust: "u64::from(x) << 40: rustc refuses a constant count beyond the type",
            asm: "0 to 63 for rN, 0 to 31 for wN",
        })
    },
    ..PLAIN
};
