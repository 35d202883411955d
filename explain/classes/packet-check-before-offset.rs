use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a variable is added to a packet pointer after the comparison",
    why: "Adding a variable makes a new pointer: what was proven for the old one says nothing about it.",
    fix: "Compare with data_end again after the addition.",
    lesson: lesson("packets", 40),
    docs: pages::PACKETS,
    when: |e| e.outside() == Some(Outside::BeforeOffset),
    guard: Shape::Packet,
    derivation: Numbers::Packet,
    remedy: |_| {
        Some(Remedy {
            c: "p = data + offset; if ((void *)(p + 1) > data_end) return …; with that p alone in the loads: barrier_var(p) before the comparison if clang adds again after it",
            rust: "ptr_at::<T>(&ctx, offset)? with the whole offset: it adds first and compares then",
            asm: "one register for the sum, compared and dereferenced",
        })
    },
    ..PLAIN
};
