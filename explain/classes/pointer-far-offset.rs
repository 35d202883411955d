use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a constant offset is too large for any pointer",
    why: "Offsets of pointers must stay within 2^29 bytes, whatever they point to.",
    fix: "Correct the constant.",
    lesson: lesson("pointers", 60),
    ..PLAIN
};
