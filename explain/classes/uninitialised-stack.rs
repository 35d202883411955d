use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program reads stack bytes that it never wrote",
    why: "The stack may still hold kernel data: reading it needs CAP_PERFMON (and Linux 6.3).",
    fix: "Write the slot before it is read.",
    blame: Blame::Privilege,
    lesson: lesson("stack", 20),
    ..PLAIN
};
