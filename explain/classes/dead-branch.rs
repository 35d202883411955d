use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "code after a condition that is known",
    why: "What can't be reached with the values known is not walked; one step further and it is.",
    fix: "Repair what the branch does, or make the condition impossible for the verifier too.",
    lesson: lesson("ranges", 80),
    ..PLAIN
};
