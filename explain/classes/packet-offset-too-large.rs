use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the offset in the packet is beyond what a range can prove",
    why: "A comparison proves nothing if the offset may be larger than 65535.",
    fix: "Limit the variable offset, so that offset and size stay below 65536.",
    lesson: lesson("packets", 60),
    when: |e| e.outside() == Some(Outside::TooFar),
    guard: Shape::FarInPacket,
    derivation: Numbers::FarInPacket,
    ..PLAIN
};
