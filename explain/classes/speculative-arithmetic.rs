use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "pointer arithmetic that speculation could take out of bounds",
    why: "Without CAP_PERFMON, arithmetic on pointers is guarded against mispredicted branches, and what can't be guarded is refused.",
    fix: "Load with CAP_PERFMON, or use a constant offset.",
    blame: Blame::Privilege,
    lesson: lesson("privilege", 50),
    guard: Shape::Offset,
    ..PLAIN
};
