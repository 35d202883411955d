use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the comparison with data_end is the wrong way round",
    why: "The comparison proves the packet's bytes on one of its two ways only, and the access is on the other.",
    fix: "Access the packet where pointer + size is not beyond data_end.",
    lesson: lesson("packets", 30),
    docs: pages::PACKETS,
    when: |e| e.outside() == Some(Outside::Reversed),
    guard: Shape::Packet,
    derivation: Numbers::Packet,
    remedy: |_| {
        Some(Remedy {
            c: "if ((void *)(eth + 1) > data_end) return …; first, and the access after it",
            rust: "ptr_at::<T>(&ctx, offset)?, which gives a pointer only where the bytes are",
            asm: "if r4 > r3 goto out, where r4 is pointer + size: the access on the path that falls through",
        })
    },
    ..PLAIN
};
