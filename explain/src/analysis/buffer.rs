//! Buffers that a hook gives: only constant offsets from their start, none before it.

use knockwright_verifier::message::{Kind, number};

use super::derive::{bytes, step};
use super::{Fault, memory_operand};
use crate::derivation::Derivation;
use crate::numbers;

/// Why an access to a buffer isn't one that the verifier takes; none where the message leaves out its size.
pub(super) fn derive(fault: &Fault<'_>) -> Option<Derivation> {
    let (_, text) = fault.message.as_ref().filter(|(message, _)| message.kind == Kind::BufferBounds)?;
    if text.contains("invalid variable buffer offset") {
        return varies(fault);
    }
    let off = i128::from(number(text.split_once("off=")?.1.split(',').next()?)?);
    (off < 0).then(|| Derivation {
        steps: vec![step(fault, fault.step, "the offset, by the message".to_owned(), off.to_string())],
        result: format!("{off}: {} before the start", bytes(-off)),
    })
}

fn varies(fault: &Fault<'_>) -> Option<Derivation> {
    let (base, off, _) = memory_operand(&fault.insn?)?;
    let state = fault.state(base)?;
    let (low, high) = numbers::offsets(state.pointer()?);
    let (low, high) = (low.checked_add(off.into())?, high.checked_add(off.into())?);
    (low < high).then(|| Derivation {
        steps: vec![step(fault, fault.step, format!("the offset of {base}"), format!("{low} to {high}"))],
        result: format!("the offset is {low} to {high}, and a buffer takes constants only"),
    })
}
