use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program returns an address",
    why: "The result goes to user space or the kernel as a number; an address in it needs CAP_PERFMON.",
    fix: "Return a number.",
    blame: Blame::Privilege,
    lesson: lesson("privilege", 20),
    ..PLAIN
};
