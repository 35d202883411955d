use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the comparison with data_end is the wrong way round",
    why: "The comparison proves the packet's bytes on one of its two ways only, and the access is on the other.",
    fix: "Access the packet where pointer + size is not beyond data_end.",
    lesson: lesson("packets", 30),
    when: |e| e.outside() == Some(Outside::Reversed),
    guard: Shape::Packet,
    derivation: Numbers::Packet,
    ..PLAIN
};
