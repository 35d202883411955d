use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a call leads to no function",
    why: "A call between functions of a program must lead to an instruction of the program.",
    fix: "Correct the distance of the call; an assembler with labels does it for you.",
    lesson: lesson("code", 50),
    ..PLAIN
};
