use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a packet pointer as a helper's argument",
    why: "A helper that reads or writes memory may get a packet pointer, but the bytes must lie before data_end as for a load.",
    fix: "Compare pointer + size with data_end before the call.",
    lesson: lesson("packets", 90),
    when: |e| e.outside() == Some(Outside::PacketArgument),
    guard: Shape::Packet,
    derivation: Numbers::Packet,
    ..PLAIN
};
