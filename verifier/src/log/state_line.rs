//! States of the walk as the log's model, and their state lines.

use super::Log;
use super::print_state::{push_frame, push_refs, push_reg_name};
use super::state::{Liveness, MapText, PointerKind, PointerState, RegState, ScalarState, Slot, SlotBytes};
use crate::program::MapInfo;
use crate::state::{Byte, Extent, Link, Mark, Reg, RegType, StackSlot, State, slot_offset};

/// Which registers and slots are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parts {
    /// All.
    All,
    /// Those of the masks, by register and by slot.
    Changed {
        /// A bit a register.
        regs: u16,
        /// A bit a stack slot.
        slots: u64,
    },
}

impl Log {
    /// Appends the state of a frame, with a space before each part and a newline at the end. Only to be used where the log
    /// is on.
    pub(crate) fn state(&mut self, state: &State, frame: usize, parts: Parts, maps: &[MapInfo]) {
        let dialect = self.dialect();
        let out = self.text_mut();
        let (regs, slots) = match parts {
            Parts::All => (u16::MAX, u64::MAX),
            Parts::Changed { regs, slots } => (regs, slots),
        };
        let shown = &state.frames[frame];
        if frame > 0 {
            push_frame(out, frame as u32);
        }
        for (number, reg) in shown.regs.iter().enumerate() {
            if reg.kind == RegType::NotInit || regs & 1 << number == 0 {
                continue;
            }
            let liveness = shown.marks.get(number).map_or(Liveness::NONE, liveness);
            push_reg_name(out, number as u8, liveness, dialect);
            reg_state(reg, frame, maps).push(out, dialect);
        }
        for (number, slot) in shown.stack.iter().enumerate() {
            if slots & 1 << number == 0 || !slot.is_used() {
                continue;
            }
            slot_state(slot, slot_offset(number), frame, maps).push(out, dialect);
        }
        let references = shown.held.as_ref().unwrap_or(&state.references);
        push_refs(out, references.iter().map(|reference| reference.id.get()));
        if shown.in_callback {
            out.push_str(" cb");
        }
        out.push('\n');
    }
}

/// The marks of a register or slot.
fn liveness(mark: &Mark) -> Liveness {
    Liveness { read: mark.read != Extent::Nothing, written: mark.written, done: mark.done }
}

/// A stack slot as seen from a frame.
fn slot_state<'a>(slot: &StackSlot, offset: i32, frame: usize, maps: &'a [MapInfo]) -> Slot<'a> {
    let mut bytes = SlotBytes::NONE;
    // What is spilled fills the bytes from some place on.
    for byte in slot.bytes.iter().take_while(|byte| !slot.is_spill() || **byte != Byte::Spill) {
        bytes.push(byte.letter());
    }
    let spilled = slot.is_spill().then(|| reg_state(&slot.spilled, frame, maps));
    Slot { offset, liveness: liveness(&slot.mark), bytes, spilled, brief: false }
}

/// A register's content as seen from a frame.
fn reg_state<'a>(reg: &Reg, frame: usize, maps: &'a [MapInfo]) -> RegState<'a> {
    if reg.is_scalar() {
        let delta = (reg.link != Link::Same).then_some(reg.off);
        return RegState::Scalar(ScalarState { precise: reg.precise, id: reg.id, delta, num: reg.num });
    }
    let (kind, word) = pointer_kind(reg.kind);
    let map = reg.kind.map().and_then(|map| maps.get(usize::from(map))).map(|map| MapText {
        name: (!map.name.is_empty()).then_some(map.name.as_str()),
        key_size: map.key_size,
        value_size: map.value_size,
    });
    let has_range = reg.kind.is_packet() || reg.kind == RegType::PacketEnd && reg.extent != 0;
    RegState::Pointer(PointerState {
        kind,
        prefix: match (reg.read_only, reg.ringbuf) {
            (false, false) => "",
            (true, false) => "rdonly_",
            (false, true) => "ringbuf_",
            (true, true) => "rdonly_ringbuf_",
        },
        word,
        or_null: reg.nullable,
        id: reg.id,
        ref_obj_id: reg.ref_id,
        map,
        off: i64::from(reg.off),
        range: has_range.then_some(i64::from(reg.extent)),
        size: (reg.kind == RegType::Mem).then_some(u64::from(reg.extent as u32)),
        frame: (kind == PointerKind::Stack && usize::from(reg.frame) != frame)
            .then_some(u32::from(reg.frame)),
        num: reg.num,
        more: "",
    })
}

const fn pointer_kind(kind: RegType) -> (PointerKind, &'static str) {
    let log_kind = match kind {
        RegType::NotInit | RegType::Scalar => PointerKind::Other,
        RegType::Ctx => PointerKind::Ctx,
        RegType::MapPtr(_) => PointerKind::MapPtr,
        RegType::MapValue(_) => PointerKind::MapValue,
        RegType::MapKey(_) => PointerKind::MapKey,
        RegType::Stack => PointerKind::Stack,
        RegType::Packet => PointerKind::Packet,
        RegType::PacketMeta => PointerKind::PacketMeta,
        RegType::PacketEnd => PointerKind::PacketEnd,
        RegType::Mem => PointerKind::Mem,
        RegType::Func(_) => PointerKind::Func,
        RegType::SockCommon => PointerKind::SockCommon,
        RegType::Sock => PointerKind::Sock,
    };
    (log_kind, kind.name())
}
