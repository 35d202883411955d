use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a function returns a pointer to its own stack",
    why: "The frame is gone when the function has returned.",
    fix: "Let the caller pass a pointer to its own stack.",
    lesson: lesson("stack", 80),
    ..PLAIN
};
