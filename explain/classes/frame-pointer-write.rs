use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the frame pointer is written",
    why: "r10 always points to the top of the stack frame and can't be changed.",
    fix: "Copy r10 to another register and change that.",
    lesson: lesson("registers", 50),
    ..PLAIN
};
