use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an atomic operation that is not aligned",
    why: "Atomic operations must be aligned to their size on every machine, even where ordinary loads needn't be.",
    fix: "Use a member whose offset is a multiple of its size.",
    lesson: lesson("code", 140),
    docs: pages::ATOMICS,
    when: |e| {
        let misaligned =
            [Kind::PacketAlignment, Kind::ValueAlignment, Kind::Alignment, Kind::NamelessAlignment];
        e.is(&misaligned) && matches!(e.fault.insn, Some(Insn::Atomic { .. }))
    },
    remedy: |_| {
        Some(Remedy {
            c: "counters first in the struct, of type __u64, and no __attribute__((packed))",
            rust: "#[repr(C)] without packed: AtomicU64 asks for its own alignment",
            asm: "lock *(u64 *)(r0 +8) += r1: an offset that is a multiple of the size, from a pointer that is",
        })
    },
    ..PLAIN
};
