use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "only the lower half of an index is checked",
    why: "A 32-bit comparison (`w1 > 15`) says nothing about the upper 32 bits, and the access uses all 64.",
    fix: "Compare the whole register, or clear the upper half first: `w1 = w1`.",
    lesson: lesson("ranges", 20),
    when: |e| e.outside() == Some(Outside::LowerHalf),
    guard: Shape::Offset,
    ..PLAIN
};
