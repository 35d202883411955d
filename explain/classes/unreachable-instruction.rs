use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "no path leads to an instruction",
    why: "Every instruction must be reachable by jumps and fall-through, whatever the values.",
    fix: "Remove the code, or the jump over it.",
    lesson: lesson("code", 20),
    ..PLAIN
};
