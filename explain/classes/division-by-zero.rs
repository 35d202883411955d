use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a division by the constant zero",
    why: "A division by the constant zero is refused when the program is read; by a register that is zero at run time it gives 0.",
    fix: "Divide by something else.",
    lesson: lesson("code", 90),
    docs: pages::ARITHMETIC,
    remedy: |_| {
        Some(Remedy {
            c: "clang warns (-Wdivision-by-zero): mostly a sizeof or a macro that became 0",
            rust: "rustc refuses a literal 0; of a const that may be 0, checked_div()",
            asm: "the immediate of /= or %=",
        })
    },
    ..PLAIN
};
