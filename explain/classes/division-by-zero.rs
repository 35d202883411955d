use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a division by the constant zero",
    why: "A division by the constant zero is refused when the program is read; by a register that is zero at run time it gives 0.",
    fix: "Divide by something else.",
    lesson: lesson("code", 90),
    ..PLAIN
};
