//! Packet accesses: what the comparisons with data_end on the path prove, and why that isn't enough.

use knockwright_asm::{AluOp, Insn, Reg, Source};
use knockwright_verifier::log::{PointerKind, PointerState};

use super::Fault;
use crate::class::Class;
use crate::message::Kind;

/// The class of an access outside of the packet.
pub(super) fn classify(fault: &Fault<'_>, base: Reg) -> Class {
    if fault.is_call() {
        return Class::HelperPacketArgument;
    }
    let Some(step) = fault.step else { return Class::PacketUnchecked };
    let pointer = fault.state(base).and_then(|state| state.pointer().copied());
    let detail = fault.detail(Kind::PacketAccess);
    let number = |hole| detail.as_ref().and_then(|detail| detail.holes.number(hole));
    let range = number("range").or(pointer.and_then(|pointer| pointer.range)).unwrap_or(0);
    let id = number("id").or(pointer.map(|pointer| i64::from(pointer.id))).unwrap_or(0);
    if range > 0 {
        return Class::PacketCheckTooShort;
    }
    let checks: Vec<PointerState<'_>> = (0..step).filter_map(|step| check(fault, step)).collect();
    if id > 0 {
        let own = checks.iter().find(|pointer| i64::from(pointer.id) == id);
        return match own {
            // Offsets above 65535 prove nothing.
            Some(pointer) if pointer.max_offset() >= 0xffff => Class::PacketOffsetTooLarge,
            Some(_) => Class::PacketCheckReversed,
            None if checks.is_empty() => Class::PacketUnchecked,
            None => Class::PacketCheckBeforeOffset,
        };
    }
    if !checks.is_empty() {
        return Class::PacketCheckReversed;
    }
    if (0..step).any(|step| is_length(fault, step)) { Class::PacketLengthCheck } else { Class::PacketUnchecked }
}

/// The packet pointer that a step compares with data_end.
pub(super) fn check<'a>(fault: &Fault<'a>, step: usize) -> Option<PointerState<'a>> {
    let Some(Insn::JumpIf { dst, src: Source::Reg(src), .. }) = fault.path.insn(step) else { return None };
    let frame = fault.path.steps()[step].frame;
    let pointer = |reg| fault.path.before(step, frame, reg).and_then(|state| state.pointer().copied());
    let (left, right) = (pointer(dst)?, pointer(src)?);
    match (left.kind, right.kind) {
        (kind, PointerKind::PacketEnd) if kind.is_packet() => Some(left),
        (PointerKind::PacketEnd, kind) if kind.is_packet() => Some(right),
        _ => None,
    }
}

/// Whether a step subtracts the packet's start from its end.
fn is_length(fault: &Fault<'_>, step: usize) -> bool {
    let Some(Insn::Alu { op: AluOp::Sub, dst, src: Source::Reg(src), .. }) = fault.path.insn(step) else {
        return false;
    };
    let frame = fault.path.steps()[step].frame;
    let kind = |reg| fault.path.before(step, frame, reg).and_then(|state| Some(state.pointer()?.kind));
    kind(dst) == Some(PointerKind::PacketEnd) && kind(src).is_some_and(PointerKind::is_packet)
}
