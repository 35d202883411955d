use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "arithmetic on a pointer that may be NULL",
    why: "NULL plus an offset would no longer compare equal to NULL, so the check has to come first.",
    fix: "Check the pointer for NULL right after the lookup, before anything is added to it.",
    lesson: lesson("null", 30),
    guard: Shape::NotNull,
    derivation: Numbers::Null,
    ..PLAIN
};
