use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the offset in the packet is beyond what a range can prove",
    why: "A comparison proves nothing if the offset may be larger than 65535.",
    fix: "Limit the variable offset, so that offset and size stay below 65536.",
    lesson: lesson("packets", 60),
    docs: pages::PACKETS,
    when: |e| e.outside() == Some(Outside::TooFar),
    guard: Shape::FarInPacket,
    derivation: Numbers::FarInPacket,
    remedy: |_| {
        Some(Remedy {
            c: "offset &= 0xfff; before it is added: a whole __u16 is already too much once something else is added",
            rust: "offset & 0xfff before it is added: a whole u16 is already too much once something else is added",
            asm: "r4 &= 0xfff; r2 += r4",
        })
    },
    ..PLAIN
};
