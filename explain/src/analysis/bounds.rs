//! Offsets that a pointer may not have: which of the ways to bound a number went wrong.

use knockwright_asm::{AluOp, Cond, Insn, Reg, Source, Width};
use knockwright_verifier::log::RegState;

use super::{Fault, Object};
use crate::class::Class;
use crate::numbers::{self, Sum};
use crate::slice::{Place, Role, slice};
use knockwright_verifier::message::Kind;

/// The offset that a pointer has at the last instruction, back to where the pointer comes from.
pub(crate) fn offset(fault: &Fault<'_>, base: Reg) -> Option<Sum> {
    let step = fault.step?;
    let mut sum = numbers::pointer_offset(&fault.path, step, fault.frame, base);
    // The verifier may refuse the addition itself.
    if let Some(Insn::Alu { op: AluOp::Add, dst, src: Source::Reg(src), .. }) = fault.insn {
        let number = if dst == base { src } else { dst };
        numbers::add(&fault.path, &mut sum, step, fault.frame, number);
    } else if sum.origin.is_none() {
        sum.origin = implied_origin(fault, base, &sum);
    }
    Some(sum)
}

/// What the pointer must have come with, where the log doesn't show where it comes from but what it has become.
fn implied_origin(fault: &Fault<'_>, base: Reg, sum: &Sum) -> Option<i128> {
    let (low, high) = Sum { origin: Some(0), ..sum.clone() }.ends()?;
    if let Some(RegState::Pointer(pointer)) = fault.state(base) {
        let (least, most) = numbers::offsets(&pointer);
        return (least - low == most - high).then_some(least - low);
    }
    // The message has the largest offset: nothing is left for the origin.
    let (_, off, _) = fault.memory_operand().filter(|(reg, ..)| *reg == base)?;
    let said = fault.said().filter(|_| fault.kind() == Some(Kind::MaxOutside))?;
    (high.checked_add(i128::from(off))? == said.offset).then_some(0)
}

/// The class of an offset that is too large, too small or unknown.
pub(super) fn classify(fault: &Fault<'_>, base: Reg, plain: Class) -> Class {
    let (Some(sum), Some(step)) = (offset(fault, base), fault.step) else { return plain };
    let Some((added, term)) = sum.terms.last() else {
        // Nothing varies, if that is known: the offset is simply wrong.
        return match plain {
            plain if sum.origin.is_none() => plain,
            Class::MapValueMax | Class::MapValueUnbounded | Class::MapValueNegativeIndex => {
                Class::MapValueOffset
            }
            other => other,
        };
    };
    let place = Place::Reg { frame: term.frame, reg: term.reg };
    let story = slice(&fault.path, term.step.min(step), &[place]);
    let insn_of = |step: usize| fault.path.insn(step);
    if story.events.iter().any(|event| event.role == Role::Overwritten) {
        return Class::SpilledBounds;
    }
    let divides = |insn: Insn| {
        matches!(insn, Insn::Alu { op: AluOp::Div | AluOp::Mod | AluOp::Sdiv | AluOp::Smod, .. })
    };
    if story.of(|role| role == Role::Changed).any(|event| insn_of(event.step).is_some_and(divides)) {
        return Class::DivisionRange;
    }
    if compares_copy(fault, *added, term.frame) {
        return Class::LinkedScalars;
    }
    let compared: Vec<Insn> =
        story.of(|role| role == Role::Compared).filter_map(|event| insn_of(event.step)).collect();
    let last = compared.first();
    match last {
        Some(Insn::JumpIf { cond: Cond::Eq | Cond::Ne, src: Source::Reg(_), .. }) => {
            return Class::EqualityRange;
        }
        Some(Insn::JumpIf { cond: Cond::Eq | Cond::Ne, src: Source::Imm(imm), .. }) if *imm != 0 => {
            return Class::NotEqualRange;
        }
        Some(Insn::JumpIf { width: Width::W32, .. }) if plain == Class::MapValueUnbounded => {
            return Class::LowerHalfCheck;
        }
        _ => {}
    }
    let is_signed = |insn: &Insn| {
        matches!(insn, Insn::JumpIf { cond: Cond::Slt | Cond::Sle | Cond::Sgt | Cond::Sge, .. })
    };
    match plain {
        // Both ends were compared as signed, and the lower one lets negative numbers through.
        Class::MapValueNegativeIndex if compared.iter().filter(|insn| is_signed(insn)).count() >= 2 => {
            Class::SignedBounds
        }
        // As good as no bound: all that a 32-bit load can give.
        Class::MapValueMax if term.range.is_some_and(|(_, max)| max >= i128::from(u32::MAX)) => {
            Class::MapValueUnbounded
        }
        other => other,
    }
}

/// Whether the number that is added differs by a constant from a register that was compared after it was copied.
fn compares_copy(fault: &Fault<'_>, added: usize, frame: u32) -> bool {
    let Some(Insn::Alu { src: Source::Reg(mut reg), .. }) = fault.path.insn(added) else { return false };
    let mut changed = false;
    for step in (added.saturating_sub(10_000)..added).rev() {
        if fault.path.steps()[step].frame != frame {
            continue;
        }
        match fault.path.insn(step) {
            Some(Insn::Alu { op: AluOp::Add | AluOp::Sub, dst, src: Source::Imm(_), .. }) if dst == reg => {
                changed = true;
            }
            Some(Insn::Alu { op: AluOp::Mov, dst, src: Source::Reg(src), .. }) if dst == reg => {
                reg = src;
                return changed
                    && (step + 1..added).any(|between| {
                        matches!(fault.path.insn(between), Some(Insn::JumpIf { dst, .. }) if dst == reg)
                    });
            }
            Some(insn) if insn.writes().contains(reg) => return false,
            _ => {}
        }
    }
    false
}

/// The class of an access outside of an object of known size.
pub(super) fn access(fault: &Fault<'_>, kind: Kind) -> Class {
    let Some(register) = fault.register else { return Class::Unlisted };
    if fault.detail(Kind::PacketAccess).is_some() || kind == Kind::OutsidePacket {
        return super::packet::classify(fault, register);
    }
    let size = [Kind::ValueAccess, Kind::MemoryAccess]
        .into_iter()
        .find_map(|kind| fault.detail(kind)?.fields.number("size"));
    if fault.is_call() && size == Some(0) {
        return Class::ZeroSize;
    }
    if fault.size_argument(register).is_some() {
        return Class::UnboundedSize;
    }
    if fault.detail(Kind::ValueAccess).is_none() {
        // Where the message has no numbers, the state says what is accessed.
        match fault.access().map(|access| access.object) {
            _ if fault.detail(Kind::MemoryAccess).is_some() => return Class::MemoryBounds,
            Some(Object::Memory) => return Class::MemoryBounds,
            Some(Object::Packet) => return super::packet::classify(fault, register),
            Some(Object::MapValue { .. } | Object::Stack) => {}
            None => return Class::Unlisted,
        }
    }
    match kind {
        Kind::MinOutside => {
            let varies = offset(fault, register).is_some_and(|sum| !sum.terms.is_empty());
            if varies {
                classify(fault, register, Class::MapValueNegativeIndex)
            } else {
                Class::MapValueOffset
            }
        }
        Kind::MinNegative => classify(fault, register, Class::MapValueNegativeIndex),
        Kind::UnboundedAccess => classify(fault, register, Class::MapValueUnbounded),
        _ => classify(fault, register, Class::MapValueMax),
    }
}

/// The class of a number that can't be added to a pointer.
pub(super) fn addition(fault: &Fault<'_>, plain: Class) -> Class {
    let Some(Insn::Alu { dst, src, .. }) = fault.insn else { return plain };
    let base = match (fault.register, src) {
        (Some(number), Source::Reg(src)) if number == dst => src,
        _ => dst,
    };
    classify(fault, base, plain)
}
