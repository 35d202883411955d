//! Offsets that a pointer may not have: which of the ways to bound a number went wrong.

use knockwright_asm::{AluOp, Cond, Insn, Reg, Source, Width};
use knockwright_verifier::log::RegState;
use knockwright_verifier::message::Kind;

use super::{Fault, Object};
use crate::numbers::{self, Sum};
use crate::slice::{Role, Storage, slice};

/// Why an access leads out of its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outside {
    /// What it's an object of isn't known.
    Unnamed,
    /// A helper gets packet bytes that aren't proven.
    PacketArgument,
    /// No comparison with data_end covers it.
    Unchecked,
    /// The comparison with data_end proves too few bytes.
    TooShort,
    /// The offset in the packet is too large for any proof.
    TooFar,
    /// The comparison with data_end is the wrong way round.
    Reversed,
    /// The offset was added after the comparison with data_end.
    BeforeOffset,
    /// The packet's length was compared.
    Length,
    /// The size may be zero.
    ZeroSize,
    /// The size has no upper bound.
    UnboundedSize,
    /// It's an object other than a map value.
    Memory,
    /// The constant offset is wrong.
    Offset,
    /// The largest offset is too large.
    Max,
    /// The offset may be negative.
    Negative,
    /// The offset has no upper bound.
    Unbounded,
    /// The bounds went with a store over the spilled number.
    Overwritten,
    /// The number comes from a division.
    Divided,
    /// A copy was compared that differs by a constant.
    Copy,
    /// The number was compared with another for equality.
    Equal,
    /// The number was compared with a constant for equality.
    NotEqual,
    /// The lower half alone was compared.
    LowerHalf,
    /// Both ends were compared as signed, and the lower one lets negative numbers through.
    Signed,
}

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

/// Why an offset is too large, too small or unknown.
fn of_offset(fault: &Fault<'_>, base: Reg, plain: Outside) -> Outside {
    let (Some(sum), Some(step)) = (offset(fault, base), fault.step) else { return plain };
    let Some((added, term)) = sum.terms.last() else {
        // Nothing varies, if that is known: the offset is simply wrong.
        return match plain {
            plain if sum.origin.is_none() => plain,
            Outside::Max | Outside::Unbounded | Outside::Negative => Outside::Offset,
            other => other,
        };
    };
    let place = Storage::Reg { frame: term.frame, reg: term.reg };
    let story = slice(&fault.path, term.step.min(step), &[place]);
    let insn_of = |step: usize| fault.path.insn(step);
    if story.events.iter().any(|event| event.role == Role::Overwritten) {
        return Outside::Overwritten;
    }
    let divides = |insn: Insn| {
        matches!(insn, Insn::Alu { op: AluOp::Div | AluOp::Mod | AluOp::Sdiv | AluOp::Smod, .. })
    };
    if story.of(|role| role == Role::Changed).any(|event| insn_of(event.step).is_some_and(divides)) {
        return Outside::Divided;
    }
    if compares_copy(fault, *added, term.frame) {
        return Outside::Copy;
    }
    let compared: Vec<Insn> =
        story.of(|role| role == Role::Compared).filter_map(|event| insn_of(event.step)).collect();
    let last = compared.first();
    match last {
        Some(Insn::JumpIf { cond: Cond::Eq | Cond::Ne, src: Source::Reg(_), .. }) => {
            return Outside::Equal;
        }
        Some(Insn::JumpIf { cond: Cond::Eq | Cond::Ne, src: Source::Imm(imm), .. }) if *imm != 0 => {
            return Outside::NotEqual;
        }
        Some(Insn::JumpIf { width: Width::W32, .. }) if plain == Outside::Unbounded => {
            return Outside::LowerHalf;
        }
        _ => {}
    }
    let is_signed = |insn: &Insn| {
        matches!(insn, Insn::JumpIf { cond: Cond::Slt | Cond::Sle | Cond::Sgt | Cond::Sge, .. })
    };
    match plain {
        // Both ends were compared as signed, and the lower one lets negative numbers through.
        Outside::Negative if compared.iter().filter(|insn| is_signed(insn)).count() >= 2 => Outside::Signed,
        // As good as no bound: all that a 32-bit load can give.
        Outside::Max if term.range.is_some_and(|(_, max)| max >= i128::from(u32::MAX)) => Outside::Unbounded,
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

/// Why an access is outside of its object.
pub(super) fn access(fault: &Fault<'_>, kind: Kind) -> Outside {
    let Some(register) = fault.register else { return Outside::Unnamed };
    if fault.detail(Kind::PacketAccess).is_some() || kind == Kind::OutsidePacket {
        return super::packet::unproven(fault, register);
    }
    let size = [Kind::ValueAccess, Kind::MemoryAccess]
        .into_iter()
        .find_map(|kind| fault.detail(kind)?.fields.number("size"));
    if fault.is_call() && size == Some(0) {
        return Outside::ZeroSize;
    }
    if fault.size_argument(register).is_some() {
        return Outside::UnboundedSize;
    }
    if fault.detail(Kind::ValueAccess).is_none() {
        // Where the message has no numbers, the state says what is accessed.
        match fault.access().map(|access| access.object) {
            _ if fault.detail(Kind::MemoryAccess).is_some() => return Outside::Memory,
            Some(Object::Memory) => return Outside::Memory,
            Some(Object::Packet) => return super::packet::unproven(fault, register),
            Some(Object::MapValue { .. } | Object::Stack) => {}
            None => return Outside::Unnamed,
        }
    }
    match kind {
        Kind::MinOutside => {
            let varies = offset(fault, register).is_some_and(|sum| !sum.terms.is_empty());
            if varies { of_offset(fault, register, Outside::Negative) } else { Outside::Offset }
        }
        Kind::MinNegative => of_offset(fault, register, Outside::Negative),
        Kind::UnboundedAccess => of_offset(fault, register, Outside::Unbounded),
        _ => of_offset(fault, register, Outside::Max),
    }
}

/// Why a number can't be added to a pointer.
pub(super) fn addition(fault: &Fault<'_>, plain: Outside) -> Outside {
    let Some(Insn::Alu { dst, src, .. }) = fault.insn else { return plain };
    let base = match (fault.register, src) {
        (Some(number), Source::Reg(src)) if number == dst => src,
        _ => dst,
    };
    of_offset(fault, base, plain)
}
