use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a comparison of the packet's length proves nothing",
    why: "The verifier learns from comparisons of packet pointers, not from their difference: data_end - data is just a number.",
    fix: "Compare data + size with data_end.",
    lesson: lesson("packets", 50),
    when: |e| e.outside() == Some(Outside::Length),
    guard: Shape::Packet,
    derivation: Numbers::Packet,
    ..PLAIN
};
