use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "pointer arithmetic that speculation could take out of bounds",
    why: "Without CAP_PERFMON, arithmetic on pointers is guarded against mispredicted branches, and what can't be guarded is refused.",
    fix: "Load with CAP_PERFMON, or use a constant offset.",
    blame: Blame::Privilege,
    lesson: lesson("privilege", 50),
    docs: pages::SPECULATION,
    guard: Shape::Offset,
    remedy: |_| {
        Some(Remedy {
            c: "setcap cap_bpf,cap_perfmon+ep LOADER; else index by a constant, for example in a switch",
            rust: "the loader with cap_perfmon; else a match with a constant index in each arm",
            asm: "constant offsets in the instruction",
        })
    },
    ..PLAIN
};
