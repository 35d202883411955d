use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an atomic operation that is not aligned",
    why: "Atomic operations must be aligned to their size on every machine, even where ordinary loads needn't be.",
    fix: "Use a member whose offset is a multiple of its size.",
    lesson: lesson("code", 140),
    when: |e| {
        let misaligned =
            [Kind::PacketAlignment, Kind::ValueAlignment, Kind::Alignment, Kind::NamelessAlignment];
        e.is(&misaligned) && matches!(e.fault.insn, Some(Insn::Atomic { .. }))
    },
    ..PLAIN
};
