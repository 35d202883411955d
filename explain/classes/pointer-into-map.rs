use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an address is stored in a map",
    why: "User space could read the address from the map, so storing it needs CAP_PERFMON.",
    fix: "Store an index or a copy of the data, or load with CAP_PERFMON.",
    blame: Blame::Privilege,
    lesson: lesson("privilege", 10),
    ..PLAIN
};
