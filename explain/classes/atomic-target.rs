use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an atomic operation on memory that does not allow it",
    why: "Atomic operations work on map values, the stack and other memory of the program, not on packets or the context.",
    fix: "Load, change and store the value, or keep the counter in a map.",
    lesson: lesson("code", 130),
    ..PLAIN
};
