use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "functions that call each other need too much stack together",
    why: "The stack of a call chain is at most 512 bytes: the frames of all functions in it are added, each rounded up.",
    fix: "Use less stack, move data to a per-CPU array, or merge functions that don't need their frames at the same time.",
    blame: Blame::Limit,
    lesson: lesson("stack", 70),
    ..PLAIN
};
