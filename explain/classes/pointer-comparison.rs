use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an address is compared with a number",
    why: "Comparing an address with a number reveals it bit by bit, so it needs CAP_PERFMON.",
    fix: "Load with CAP_PERFMON, or don't compare addresses.",
    blame: Blame::Privilege,
    lesson: lesson("privilege", 30),
    ..PLAIN
};
