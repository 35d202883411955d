use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a jump leads out of the program",
    why: "A jump's target must be an instruction of the same function, and not the second half of a 64-bit load.",
    fix: "Correct the distance: it counts slots from the one after the jump.",
    lesson: lesson("code", 30),
    ..PLAIN
};
