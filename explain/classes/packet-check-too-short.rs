use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the comparison with data_end proves fewer bytes than are read",
    why: "The comparison proves a number of bytes from the pointer on (`r=` in the log), and the access goes beyond them.",
    fix: "Compare pointer + offset + size with data_end.",
    lesson: lesson("packets", 20),
    when: |e| e.outside() == Some(Outside::TooShort),
    guard: Shape::Packet,
    derivation: Numbers::Packet,
    ..PLAIN
};
