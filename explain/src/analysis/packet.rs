//! Packet accesses: what the comparisons with data_end on the path prove, and why that isn't enough.

use knockwright_asm::{AluOp, Cond, Insn, Reg, Source};
use knockwright_verifier::log::{PointerKind, RegState};
use knockwright_verifier::message::Kind;

use super::{Fault, Outside};
use crate::numbers;
use crate::slice::{Origin, Role, Storage, slice};

/// The highest offset in a packet that a comparison proves anything for.
///
/// Source: `MAX_PACKET_OFF`, as observed: with more, the log shows `r=0` after the comparison.
pub(crate) const MOST_PACKET_OFFSET: i128 = 0xffff;

/// Why an access is outside of the packet.
pub(super) fn unproven(fault: &Fault<'_>, base: Reg) -> Outside {
    if fault.is_call() {
        return Outside::PacketArgument;
    }
    let Some(last) = fault.step else { return Outside::Unchecked };
    let pointer = fault.state(base).and_then(|state| state.pointer().copied());
    let detail = fault.detail(Kind::PacketAccess);
    let number = |hole| detail.as_ref().and_then(|detail| detail.fields.number(hole));
    // Where nobody says how many bytes are proven, nothing tells a short comparison from none.
    let Some(range) = number("range").or(pointer.and_then(|pointer| pointer.range)) else {
        return Outside::Unchecked;
    };
    if range > 0 {
        return Outside::TooShort;
    }
    let checks = checks(fault);
    let sum = numbers::pointer_offset(&fault.path, last, fault.frame, base);
    // Where the farthest byte is known, and near enough to be proven, the offset isn't too large.
    let is_near = sum.ends().is_some_and(|(_, high)| high < MOST_PACKET_OFFSET);
    if let Some((added, _)) = sum.terms.last() {
        let after: Vec<&Check> = checks.iter().filter(|check| check.step > *added).collect();
        return match after.first() {
            // It looks right and proves nothing: the offset may be too large for any proof.
            Some(_) if after.iter().any(|check| check.proves) && !is_near => Outside::TooFar,
            Some(_) if after.iter().all(|check| !check.proves) => Outside::Reversed,
            // What was compared is another pointer.
            Some(_) => Outside::Unchecked,
            None if checks.is_empty() => Outside::Unchecked,
            None => Outside::BeforeOffset,
        };
    }
    if sum.origin.is_none() {
        // What was added, and so what was compared, isn't known.
        return Outside::Unchecked;
    }
    if !checks.is_empty() {
        return Outside::Reversed;
    }
    if (0..last).any(|step| is_length(fault, step)) { Outside::Length } else { Outside::Unchecked }
}

/// A comparison of a packet pointer with data_end on the path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Check {
    pub(crate) step: usize,
    /// The register with the packet pointer.
    pub(crate) reg: Reg,
    /// Whether the path goes where the pointer isn't beyond the end.
    pub(crate) proves: bool,
}

/// All comparisons of packet pointers with data_end on the path.
pub(crate) fn checks(fault: &Fault<'_>) -> Vec<Check> {
    (0..fault.step.unwrap_or(0)).filter_map(|step| check(fault, step)).collect()
}

impl Check {
    /// What the comparison says, in words.
    pub(crate) fn words(&self, fault: &Fault<'_>) -> String {
        let way = if fault.path.is_taken(self.step) { "the jump is taken" } else { "the jump isn't taken" };
        let frame = fault.path.steps()[self.step].frame;
        let what = match fault.path.before(self.step, frame, self.reg) {
            Some(RegState::Pointer(pointer)) => match pointer.constant_offset() {
                Some(offset) => format!("packet + {offset}"),
                None => {
                    let (min, max) = numbers::offsets(&pointer);
                    format!("packet + {min} to {max}")
                }
            },
            _ => "a packet pointer".to_owned(),
        };
        let says = if self.proves {
            "on this path it lies within the packet"
        } else {
            "on this path it may lie beyond the end"
        };
        format!("{} ({what}) is compared with data_end, {way}: {says}", self.reg)
    }
}

fn check(fault: &Fault<'_>, step: usize) -> Option<Check> {
    let Some(Insn::JumpIf { cond, dst, src: Source::Reg(src), .. }) = fault.path.insn(step) else {
        return None;
    };
    let (left, right) = (kind(fault, step, dst)?, kind(fault, step, src)?);
    fault.path.knows_way(step).then_some(())?;
    let taken = fault.path.is_taken(step);
    // Which relation holds between the left and the right side on this path.
    let greater = matches!(cond, Cond::Gt | Cond::Ge) == taken;
    let ordered = matches!(cond, Cond::Gt | Cond::Ge | Cond::Lt | Cond::Le);
    if left.is_packet() && right == PointerKind::PacketEnd {
        Some(Check { step, reg: dst, proves: ordered && !greater })
    } else if right.is_packet() && left == PointerKind::PacketEnd {
        Some(Check { step, reg: src, proves: ordered && greater })
    } else {
        None
    }
}

/// What a register points to before a step: as the log shows it, or by the context field that it was loaded from.
fn kind(fault: &Fault<'_>, step: usize, reg: Reg) -> Option<PointerKind> {
    let frame = fault.path.steps()[step].frame;
    match fault.path.before(step, frame, reg) {
        Some(RegState::Pointer(pointer)) => return Some(pointer.kind),
        Some(RegState::Scalar(_)) => return None,
        _ => {}
    }
    // Linux 5.10 shows few states at level 1.
    let story = slice(&fault.path, step, &[Storage::Reg { frame, reg }]);
    let origin = story
        .events
        .iter()
        .find(|event| matches!(event.role, Role::Origin(Origin::Memory(_) | Origin::Context)))?;
    let Some(Insn::Load { base: Reg::R1, off, .. }) = fault.path.insn(origin.step) else { return None };
    // `data` and `data_end` of struct xdp_md and struct __sk_buff, linux/bpf.h.
    match off {
        0 | 76 => Some(PointerKind::Packet),
        4 | 80 => Some(PointerKind::PacketEnd),
        _ => None,
    }
}

/// Whether a step subtracts the packet's start from its end.
fn is_length(fault: &Fault<'_>, step: usize) -> bool {
    let Some(Insn::Alu { op: AluOp::Sub, dst, src: Source::Reg(src), .. }) = fault.path.insn(step) else {
        return false;
    };
    kind(fault, step, dst) == Some(PointerKind::PacketEnd)
        && kind(fault, step, src).is_some_and(PointerKind::is_packet)
}
