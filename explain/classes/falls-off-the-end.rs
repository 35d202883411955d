use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program does not end with exit or a jump",
    why: "Every function must end with `exit` or a jump: execution never runs into what follows.",
    fix: "End the function with `exit`.",
    lesson: lesson("code", 10),
    ..PLAIN
};
