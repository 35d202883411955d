use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an access to the stack that is not aligned",
    why: "Accesses to the stack must be aligned to their size on every machine.",
    fix: "Use an offset that is a multiple of the size.",
    lesson: lesson("stack", 30),
    ..PLAIN
};
