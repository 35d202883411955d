use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "only the lower half of an index is checked",
    why: "A 32-bit comparison (`w1 > 15`) says nothing about the upper 32 bits, and the access uses all 64.",
    fix: "Compare the whole register, or clear the upper half first: `w1 = w1`.",
    lesson: lesson("ranges", 20),
    docs: pages::VALUES,
    when: |e| e.outside() == Some(Outside::LowerHalf),
    guard: Shape::Offset,
    remedy: |_| {
        Some(Remedy {
            c: "__u64 from where the number comes from, so that clang compares what it adds: of a __u32 it compares w1",
            rust: "usize from where the number comes from: let i = usize::from(x) before the comparison",
            asm: "if r1 > 15 in place of if w1 > 15",
        })
    },
    ..PLAIN
};
