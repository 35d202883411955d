use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a variable is added to a packet pointer after the comparison",
    why: "Adding a variable makes a new pointer: what was proven for the old one says nothing about it.",
    fix: "Compare with data_end again after the addition.",
    lesson: lesson("packets", 40),
    when: |e| e.outside() == Some(Outside::BeforeOffset),
    guard: Shape::Packet,
    derivation: Numbers::Packet,
    ..PLAIN
};
