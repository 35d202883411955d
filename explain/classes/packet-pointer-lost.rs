use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a helper moved the packet, and the old pointers are used",
    why: "A helper that may move the packet makes all packet pointers plain numbers.",
    fix: "Load data and data_end from the context again after the call, and check again.",
    lesson: lesson("packets", 70),
    when: |e| e.held() == Some(Held::LostPacket),
    loses_pointer: true,
    turn: |fault, last| {
        let (step, name) = call_before(fault, last, moves_packets)?;
        let reg = fault.register_name();
        Some((step, format!("{name} may move the packet: {reg} is a plain number from here on")))
    },
    ..PLAIN
};
