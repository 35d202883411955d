use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an operator that makes no sense on pointers",
    why: "Pointers can be moved by `+` and `-` in 64 bits; other operators, and 32-bit ones, would make them something else.",
    fix: "Calculate the offset in a number first, then add it.",
    lesson: lesson("pointers", 30),
    ..PLAIN
};
