use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "two pointers are added",
    why: "The sum of two addresses points nowhere.",
    fix: "Add a number to a pointer.",
    lesson: lesson("pointers", 40),
    ..PLAIN
};
