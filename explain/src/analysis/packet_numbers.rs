//! Packet accesses in numbers: the bytes that comparisons prove, against those that the access needs.

use knockwright_asm::Reg;
use knockwright_verifier::log::RegState;
use knockwright_verifier::message::Kind;

use super::derive::{bytes, number, step};
use super::packet::{Check, MOST_PACKET_OFFSET, checks};
use super::{Fault, bounds};
use crate::derivation::{Derivation, DerivationStep};

/// An access to the packet and what is proven of it. Offsets count from the packet's start, or from behind what varies in the
/// pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// The register with the packet pointer.
    pub(crate) base: Reg,
    /// The offset of the first byte.
    pub(crate) offset: i128,
    /// In bytes.
    pub(crate) size: i128,
    /// How many bytes are proven, from 0 on.
    pub(crate) proven: i128,
    /// Whether offsets count from behind something that varies.
    pub(crate) varies: bool,
}

/// An access to the packet, by the message or by the state.
pub(crate) fn window(fault: &Fault<'_>) -> Option<Window> {
    let access = fault.access()?;
    let detail = fault.detail(Kind::PacketAccess);
    let said = |hole| detail.as_ref().and_then(|message| message.fields.number(hole)).map(i128::from);
    let pointer = fault.state(access.base).and_then(|state| state.pointer().copied());
    let by_state = || Some(i128::from(pointer.as_ref()?.off) + access.off);
    let offset = said("off").or_else(by_state)?;
    let size = said("size").or(access.size)?;
    // The bytes proven may be said as -1 and -2: at the packet's end and beyond it.
    let proven = said("range").or_else(|| pointer.as_ref()?.range.map(i128::from))?.max(0);
    let varies = said("id").is_some_and(|id| id != 0)
        || pointer.is_some_and(|pointer| pointer.constant_offset().is_none());
    Some(Window { base: access.base, offset, size, proven, varies })
}

/// The bytes that comparisons prove behind a packet pointer, against those that the access needs.
pub(super) fn packet(fault: &Fault<'_>) -> Option<Derivation> {
    let Window { base, offset, size, proven, .. } = window(fault)?;
    let end = offset.checked_add(size)?;
    let mut steps = match proof(fault, proven) {
        Some((check, reg)) => {
            let text = format!("{reg} is compared with data_end: the bytes before it are proven");
            vec![step(fault, Some(check.step), text, proven.to_string())]
        }
        None => vec![step(fault, None, format!("bytes proven behind {base}"), proven.to_string())],
    };
    steps.extend(parts(fault, base, offset));
    let text = format!("an access of {} at offset {offset}", bytes(size));
    steps.push(step(fault, fault.step, text, end.to_string()));
    let result = if offset < 0 {
        format!("{offset}: {} before what is proven", bytes(-offset))
    } else {
        (end > proven).then(|| format!("{offset} + size {size} = {end} > {} proven", bytes(proven)))?
    };
    Some(Derivation { steps, result })
}

/// The comparison that proves so many bytes, with the register compared; none where the log doesn't show its offset.
fn proof(fault: &Fault<'_>, proven: i128) -> Option<(Check, Reg)> {
    checks(fault).into_iter().rev().filter(|check| check.proves && proven > 0).find_map(|check| {
        let frame = fault.path.steps()[check.step].frame;
        let RegState::Pointer(pointer) = fault.path.before(check.step, frame, check.reg)? else {
            return None;
        };
        // The constant part is all that is proven of a pointer that varies too.
        let offset = pointer.constant_offset().unwrap_or(pointer.off);
        (i128::from(offset) == proven).then_some((check, check.reg))
    })
}

/// What an offset is made of; nothing where the parts come to something else.
fn parts(fault: &Fault<'_>, base: Reg, offset: i128) -> Vec<DerivationStep> {
    let (Some(sum), Some(access)) = (bounds::offset(fault, base), fault.access()) else { return Vec::new() };
    let constants: i128 = sum.constants.iter().map(|(_, value)| value).sum();
    if sum.origin != Some(0) || constants + access.off != offset || sum.constants.is_empty() {
        return Vec::new();
    }
    let mut steps: Vec<DerivationStep> = sum
        .constants
        .iter()
        .map(|(at, value)| step(fault, Some(*at), fault.path.text(*at).to_owned(), value.to_string()))
        .collect();
    if access.off != 0 {
        let text = format!("the instruction's own offset is {}", access.off);
        steps.push(step(fault, fault.step, text, access.off.to_string()));
    }
    steps
}

/// A packet offset that is too large for any comparison to prove it.
pub(super) fn far_in_packet(fault: &Fault<'_>) -> Option<Derivation> {
    let access = fault.access()?;
    let size = access.size?;
    let sum = bounds::offset(fault, access.base)?;
    let mut steps = Vec::new();
    let mut high = sum.constant()?.checked_add(access.off)?.checked_add(size)?;
    for (_, term) in &sum.terms {
        let found = number(fault, term, &mut steps)?;
        if found.is_unbounded() {
            return Some(Derivation {
                steps,
                result: format!(
                    "nothing bounds the number, and no comparison proves more than {MOST_PACKET_OFFSET}"
                ),
            });
        }
        high = high.checked_add(found.high)?;
    }
    (high > MOST_PACKET_OFFSET).then_some(())?;
    let text = format!("an access of {} may end there", bytes(size));
    steps.push(step(fault, fault.step, text, high.to_string()));
    Some(Derivation {
        result: format!("{high} > {MOST_PACKET_OFFSET}, the farthest that a comparison proves"),
        steps,
    })
}
