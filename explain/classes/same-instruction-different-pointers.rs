use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "one load is reached with pointers of different kinds",
    why: "The kernel rewrites some accesses by the kind of pointer, so one instruction can't serve two kinds.",
    fix: "Use two instructions, one on each path.",
    lesson: lesson("pointers", 70),
    ..PLAIN
};
