//! Which condition is missing, and where: derived from the log alone.

use knockwright_asm::{AluOp, Cond, Imm64, Insn, Reg, Source, Width};
use knockwright_verifier::log::PointerKind;

use crate::analysis::{Access, Fault, Object, bounds};
use crate::class::Class;
use crate::message::Kind;
use crate::numbers::{self, Does, Sum, Term};

/// The highest offset in a packet that a comparison proves anything for.
///
/// Source: `MAX_PACKET_OFF`, as observed: with more, the log shows `r=0` behind the comparison.
pub(crate) const MOST_PACKET_OFFSET: i128 = 0xffff;

/// A condition on a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// It isn't NULL.
    NotNull,
    /// It is at most this, as an unsigned number.
    AtMost(i64),
    /// It is at least this, as an unsigned number.
    AtLeast(i64),
    /// It isn't negative.
    NotNegative,
    /// It is a packet pointer with so many bytes behind it.
    PacketBytes(i64),
}

/// A guard: a condition on a register before an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) reg: Reg,
    /// The step before whose instruction the guard goes.
    pub(crate) step: usize,
    /// The slot of that instruction.
    pub(crate) slot: usize,
    pub(crate) frame: u32,
    pub(crate) condition: Condition,
    /// What is made of the register, for a bound.
    pub(crate) term: Option<Term>,
}

impl Condition {
    /// The number in it.
    pub(crate) const fn limit(self) -> Option<i64> {
        match self {
            Self::NotNull => None,
            Self::NotNegative => Some(0),
            Self::AtMost(limit) | Self::AtLeast(limit) | Self::PacketBytes(limit) => Some(limit),
        }
    }

    /// The next condition that lets more through; none if that's no condition at all.
    pub(crate) fn weaker(self) -> Option<Self> {
        match self {
            Self::NotNull | Self::NotNegative | Self::AtLeast(..=1) | Self::PacketBytes(..=1) => None,
            Self::AtMost(limit) => limit.checked_add(1).map(Self::AtMost),
            Self::AtLeast(limit) => Some(Self::AtLeast(limit - 1)),
            Self::PacketBytes(bytes) => Some(Self::PacketBytes(bytes - 1)),
        }
    }

    /// The comparison of a jump that is taken where the condition holds, for conditions on a number.
    pub(crate) const fn holds(self) -> Option<(Cond, i64)> {
        match self {
            Self::NotNull => Some((Cond::Ne, 0)),
            Self::AtMost(limit) => Some((Cond::Le, limit)),
            Self::AtLeast(limit) => Some((Cond::Ge, limit)),
            Self::NotNegative => Some((Cond::Sge, 0)),
            Self::PacketBytes(_) => None,
        }
    }
}

/// The guard that a fault of a class asks for; none if no condition repairs it.
pub(crate) fn plan(fault: &Fault<'_>, class: Class) -> Option<Plan> {
    let step = fault.step?;
    let here = |reg, condition| Plan {
        reg,
        step,
        slot: fault.path.steps()[step].slot,
        frame: fault.frame,
        condition,
        term: None,
    };
    match class {
        _ if class.is_or_null() => Some(here(fault.register?, Condition::NotNull)),
        _ if class.is_size() => size(fault, class),
        Class::ResultRange | Class::CallbackResult => {
            // A constant is to be changed, not compared.
            let varies = fault.state(Reg::R0).is_some_and(|state| state.constant().is_none());
            varies.then_some(())?;
            Some(here(Reg::R0, Condition::AtMost(highest_result(fault)?)))
        }
        _ if class.is_unproven_packet() => {
            let access = fault.access()?;
            // A helper's argument has its size in the message.
            let bytes = i64::try_from(access.off + access.size).ok().filter(|bytes| *bytes > 0)?;
            Some(here(access.base, Condition::PacketBytes(bytes)))
        }
        Class::PacketOffsetTooLarge => {
            let access = fault.access()?;
            let (sum, term) = varying(fault, access.base)?;
            let limit =
                numbers::largest(&term, sum.constant(), access.off + access.size, MOST_PACKET_OFFSET)?;
            Some(before(fault, term, limit))
        }
        Class::MapValueMax
        | Class::MapValueUnbounded
        | Class::MapValueNegativeIndex
        | Class::MemoryBounds
        | Class::LinkedScalars
        | Class::NotEqualRange
        | Class::EqualityRange
        | Class::DivisionRange
        | Class::LowerHalfCheck
        | Class::SignedBounds
        | Class::SpilledBounds
        | Class::SpeculativeArithmetic
        | Class::StackVariableOffset => offset(fault).filter(|_| {
            // Without CAP_PERFMON only constant offsets are allowed there, and no comparison makes one.
            let text = fault.message.as_ref().map_or("", |(_, text)| text);
            !text.contains("variable stack access prohibited")
        }),
        _ => None,
    }
}

fn before(fault: &Fault<'_>, term: Term, limit: i128) -> Plan {
    Plan {
        reg: term.reg,
        step: term.step,
        slot: fault.path.steps()[term.step].slot,
        frame: term.frame,
        condition: Condition::AtMost(i64::try_from(limit).unwrap_or(i64::MAX)),
        term: Some(term),
    }
}

/// The number that varies in a pointer's offset, and the whole offset.
fn varying(fault: &Fault<'_>, base: Reg) -> Option<(Sum, Term)> {
    let sum = bounds::offset(fault, base)?;
    let (_, term) = sum.terms.last()?.clone();
    Some((sum, term))
}

/// A bound for the number in an offset.
fn offset(fault: &Fault<'_>) -> Option<Plan> {
    let access = refused_access(fault)?;
    let (sum, term) = varying(fault, access.base)?;
    // Other numbers in the same offset take their room.
    let others: i128 = sum.terms[..sum.terms.len() - 1]
        .iter()
        .map(|(_, other)| other.range.map_or(0, |(_, max)| other.apply(max)))
        .sum();
    let constant = sum.constant() + others + access.off;
    let term = behind_subtraction(fault, term, sum.terms.last()?.0);
    let limit = numbers::largest(&term, constant, access.size, access.object_size?)?;
    Some(before(fault, term, limit))
}

/// The number behind what makes it negative: there one comparison as unsigned bounds both ends.
fn behind_subtraction(fault: &Fault<'_>, term: Term, added: usize) -> Term {
    let goes_below = |term: &Term| term.range.is_some_and(|(low, _)| term.apply(low) < 0 && low >= 0);
    let last =
        term.operations.iter().rposition(|operation| matches!(operation.does, Does::Plus(plus) if plus < 0));
    let (Some(last), true) = (last, goes_below(&term)) else { return term };
    let Some(Insn::Alu { src: Source::Reg(reg), .. }) = fault.path.insn(added) else { return term };
    let rest = term.operations[last + 1..].to_vec();
    let step = rest.first().map_or(added, |operation| operation.step);
    let range = fault.path.before(step, term.frame, reg).as_ref().and_then(numbers::range);
    Term { step, frame: term.frame, reg, operations: rest, range }
}

/// The access that an offset is too large for: the one refused, or the one behind an addition that is refused.
pub(crate) fn refused_access(fault: &Fault<'_>) -> Option<Access> {
    let mut access = fault.access()?;
    if matches!(fault.insn, Some(Insn::Alu { .. }))
        && let Some((off, size)) = next_use(fault, access.base)
    {
        (access.off, access.size) = (off, size);
    }
    if matches!(access.object, Object::Stack) {
        // Offsets count from the frame pointer down: everything lies below it.
        let pointer = fault.state(access.base).and_then(|state| state.pointer().copied());
        if pointer.is_some_and(|pointer| pointer.kind != PointerKind::Stack) {
            return None;
        }
        access.object_size = Some(0);
    }
    Some(access)
}

/// The offset and the size of the next access through a register, by the listing.
fn next_use(fault: &Fault<'_>, base: Reg) -> Option<(i128, i128)> {
    let from = fault.path.steps()[fault.step?].slot + 1;
    fault.path.reading.listing.iter().skip(from).take(64).flatten().find_map(|(opcode, text)| {
        let insn = crate::reading::decode(*opcode, text)?;
        let (reg, off, size) = crate::analysis::memory_operand(&insn)?;
        (reg == base).then_some((i128::from(off), i128::from(size)))
    })
}

/// A bound for a size.
fn size(fault: &Fault<'_>, class: Class) -> Option<Plan> {
    let step = fault.step?;
    let access = fault.access()?;
    let reg = access.size_register?;
    let term = numbers::term(&fault.path, step, fault.frame, reg);
    if class == Class::ZeroSize {
        let mut plan = before(fault, term, 0);
        plan.condition = Condition::AtLeast(1);
        return Some(plan);
    }
    let pointer = fault.state(access.base)?.pointer().copied()?;
    // On the stack the room is what lies between the pointer and the frame's end.
    let limit = numbers::largest(&term, pointer.max_offset(), 0, access.object_size?)?;
    Some(before(fault, term, limit))
}

/// The highest result that the message allows: `[0, 1]`, or `(0x0; 0x1)` before Linux 6.8.
fn highest_result(fault: &Fault<'_>) -> Option<i64> {
    let message =
        [Kind::ResultRange, Kind::CallbackResult].into_iter().find_map(|kind| fault.detail(kind))?;
    let range = message.holes.text("range")?;
    let (_, high) = range.split_once([',', ';'])?;
    crate::message::template::number(high.trim().trim_end_matches([']', ')']))
}

/// The guard's instructions: on if the condition holds, out if not.
///
/// A bound may also be kept without leaving (`clamp`): where something must be given back before the exit. Numbers that no
/// immediate holds need a register that is free.
pub(crate) fn instructions(
    plan: &Plan,
    condition: Condition,
    clamp: bool,
    free: Option<Reg>,
) -> Option<Vec<Insn>> {
    let (cond, limit) = condition.holds()?;
    let mut insns = Vec::new();
    let src = match i32::try_from(limit) {
        Ok(limit) => Source::Imm(limit),
        Err(_) => {
            let scratch = free?;
            insns.push(Insn::LoadImm64 { dst: scratch, value: Imm64::Const(limit.cast_unsigned()) });
            Source::Reg(scratch)
        }
    };
    let jump = |off| Insn::JumpIf { width: Width::W64, cond, dst: plan.reg, src, off };
    if clamp {
        matches!(condition, Condition::AtMost(_) | Condition::AtLeast(_)).then_some(())?;
        insns.extend([jump(1), Insn::Alu { width: Width::W64, op: AluOp::Mov, dst: plan.reg, src }]);
    } else {
        insns.extend([jump(2), Insn::mov64_imm(Reg::R0, 0), Insn::Exit]);
    }
    Some(insns)
}

/// The instructions of a guard of a packet pointer, with two registers that are free, and where data_end is.
pub(crate) fn packet_instructions(plan: &Plan, bytes: i64, scratch: Reg, end: End) -> Option<Vec<Insn>> {
    let bytes = i32::try_from(bytes).ok()?;
    let mut insns = Vec::new();
    let end = match end {
        End::Register(reg) => reg,
        End::Context { ctx, off, into } => {
            insns.push(Insn::Load { size: knockwright_asm::Size::U32, dst: into, base: ctx, off });
            into
        }
    };
    insns.push(Insn::mov64_reg(scratch, plan.reg));
    insns.push(Insn::add64_imm(scratch, bytes));
    insns.push(Insn::JumpIf {
        width: Width::W64,
        cond: Cond::Le,
        dst: scratch,
        src: Source::Reg(end),
        off: 2,
    });
    insns.push(Insn::mov64_imm(Reg::R0, 0));
    insns.push(Insn::Exit);
    Some(insns)
}

/// Where the packet's end is to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// A register holds it.
    Register(Reg),
    /// It is loaded from the context.
    Context { ctx: Reg, off: i16, into: Reg },
}
