use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a shift by a constant that is too large",
    why: "A constant shift must be below 64, or below 32 for 32-bit registers.",
    fix: "Correct the count.",
    lesson: lesson("code", 100),
    ..PLAIN
};
