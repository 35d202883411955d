use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program type may not write packets directly",
    why: "Only some program types may store through packet pointers.",
    fix: "Use a helper that writes, or a program type that may.",
    blame: Blame::Kernel,
    lesson: lesson("packets", 100),
    ..PLAIN
};
