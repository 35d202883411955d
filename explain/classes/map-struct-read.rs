use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "fields of a map's own struct are read",
    why: "Reading the kernel's struct of a map reveals addresses, so it needs CAP_PERFMON.",
    fix: "Load with CAP_PERFMON, or look up a value instead.",
    blame: Blame::Privilege,
    lesson: lesson("privilege", 40),
    ..PLAIN
};
