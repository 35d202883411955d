use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the helper is not for programs of this type",
    why: "Each program type has its own list of helpers, which grows from kernel to kernel.",
    fix: "Use a helper of this program type, another program type, or a kernel that allows it.",
    blame: Blame::Kernel,
    lesson: lesson("helpers", 80),
    ..PLAIN
};
