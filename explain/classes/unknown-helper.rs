use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a call of a helper that does not exist",
    why: "This kernel has no helper of this number.",
    fix: "Use a helper that the kernel has; 195896080 is a CO-RE relocation that failed.",
    blame: Blame::Kernel,
    lesson: lesson("helpers", 90),
    ..PLAIN
};
