//! Which condition is missing, and where: derived from the log alone.

use knockwright_asm::{AluOp, Cond, Imm64, Insn, Program, Reg, Source, Width};
use knockwright_verifier::log::RegState;
use knockwright_verifier::message::Kind;

use crate::analysis::{Fault, MOST_PACKET_OFFSET, Object, bounds, refused_access};
use crate::numbers::{self, Does, Sum, Term};

/// A condition on a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// It isn't NULL.
    NotNull,
    /// It is at most this, as an unsigned number.
    AtMost(i64),
    /// It is at least this, as an unsigned number.
    AtLeast(i64),
    /// It is at most this, as a signed number.
    SignedAtMost(i64),
    /// It is at least this, as a signed number.
    SignedAtLeast(i64),
    /// It isn't negative.
    NotNegative,
    /// It is a packet pointer with so many bytes behind it.
    PacketBytes(i64),
}

/// What a register has to meet: one condition, or two where neither is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Conditions {
    pub(crate) first: Condition,
    pub(crate) second: Option<Condition>,
}

impl Conditions {
    const fn both(first: Condition, second: Condition) -> Self {
        Self { first, second: Some(second) }
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Condition> {
        [Some(self.first), self.second].into_iter().flatten()
    }
}

impl From<Condition> for Conditions {
    fn from(first: Condition) -> Self {
        Self { first, second: None }
    }
}

/// A guard: what must hold of a register before an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) reg: Reg,
    /// The step before whose instruction the guard goes.
    pub(crate) step: usize,
    /// The slot of that instruction.
    pub(crate) slot: usize,
    pub(crate) frame: u32,
    pub(crate) conditions: Conditions,
    /// What is made of the register, for a bound.
    pub(crate) term: Option<Term>,
    /// The bound is of a number in an offset, not of a size or a result.
    pub(crate) bounds_offset: bool,
}

impl Condition {
    /// The number in it.
    pub(crate) const fn limit(self) -> Option<i64> {
        match self {
            Self::NotNull => None,
            Self::NotNegative => Some(0),
            Self::AtMost(limit)
            | Self::AtLeast(limit)
            | Self::SignedAtMost(limit)
            | Self::SignedAtLeast(limit)
            | Self::PacketBytes(limit) => Some(limit),
        }
    }

    /// The next condition that lets more through; none if that's no condition at all.
    pub(crate) fn weaker(self) -> Option<Self> {
        match self {
            Self::NotNull | Self::NotNegative | Self::AtLeast(..=1) | Self::PacketBytes(..=1) => None,
            Self::AtMost(limit) => limit.checked_add(1).map(Self::AtMost),
            Self::SignedAtMost(limit) => limit.checked_add(1).map(Self::SignedAtMost),
            Self::AtLeast(limit) => Some(Self::AtLeast(limit - 1)),
            Self::SignedAtLeast(limit) => limit.checked_sub(1).map(Self::SignedAtLeast),
            Self::PacketBytes(bytes) => Some(Self::PacketBytes(bytes - 1)),
        }
    }

    /// The comparison of a jump that is taken where the condition holds, for conditions on a number.
    pub(crate) const fn holds(self) -> Option<(Cond, i64)> {
        match self {
            Self::NotNull => Some((Cond::Ne, 0)),
            Self::AtMost(limit) => Some((Cond::Le, limit)),
            Self::AtLeast(limit) => Some((Cond::Ge, limit)),
            Self::SignedAtMost(limit) => Some((Cond::Sle, limit)),
            Self::SignedAtLeast(limit) => Some((Cond::Sge, limit)),
            Self::NotNegative => Some((Cond::Sge, 0)),
            Self::PacketBytes(_) => None,
        }
    }
}

/// The guard that repairs faults of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// No condition does.
    None,
    /// The pointer isn't NULL.
    NotNull,
    /// The result is in its range.
    Result,
    /// The bytes lie before data_end.
    Packet,
    /// The offset in the packet is one that a comparison can prove.
    FarInPacket,
    /// The offset stays inside the object.
    Offset,
    Size(SizeFault),
}

/// What is wrong with a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SizeFault {
    /// It may be zero.
    Zero,
    /// It may be negative.
    Negative,
    /// It has no upper bound.
    Unbounded,
}

/// The guard that a fault of a class asks for; none if no condition repairs it, if one wouldn't be enough, or if what it
/// depends on isn't known.
///
/// The program, where it's at hand, shows what the log doesn't.
pub(crate) fn plan(fault: &Fault<'_>, shape: Shape, program: Option<&Program>) -> Option<Plan> {
    let step = fault.step?;
    let here = |reg, conditions: Conditions| Plan {
        reg,
        step,
        slot: fault.path.steps()[step].slot,
        frame: fault.frame,
        conditions,
        term: None,
        bounds_offset: false,
    };
    match shape {
        Shape::None => None,
        Shape::NotNull => Some(here(fault.register?, Condition::NotNull.into())),
        Shape::Size(wrong) => size(fault, wrong),
        Shape::Result => {
            // A constant is to be changed, not compared.
            let state = fault.state(Reg::R0).filter(|state| state.constant().is_none())?;
            Some(here(Reg::R0, within(allowed_results(fault)?, numbers::range(&state))))
        }
        Shape::Packet => {
            let (base, bytes) = packet_bytes(fault)?;
            Some(here(base, Condition::PacketBytes(bytes).into()))
        }
        Shape::FarInPacket => {
            let access = fault.access()?;
            let sum = bounds::offset(fault, access.base)?;
            bound(fault, &sum, access.off, access.size?, (0, MOST_PACKET_OFFSET))
        }
        Shape::Offset => offset(fault, program).filter(|_| {
            // Without CAP_PERFMON only constant offsets are allowed there, and no comparison makes one.
            let text = fault.message.as_ref().map_or("", |(_, text)| text);
            !text.contains("variable stack access prohibited")
        }),
    }
}

fn before(fault: &Fault<'_>, term: Term, conditions: impl Into<Conditions>) -> Plan {
    Plan {
        reg: term.reg,
        step: term.step,
        slot: fault.path.steps()[term.step].slot,
        frame: term.frame,
        conditions: conditions.into(),
        term: Some(term),
        bounds_offset: false,
    }
}

/// The packet pointer of an access and the bytes that it needs behind it; none where no comparison could prove them, or
/// where that isn't known.
fn packet_bytes(fault: &Fault<'_>) -> Option<(Reg, i64)> {
    let access = fault.access()?;
    let detail = fault.detail(Kind::PacketAccess);
    let number = |hole| detail.as_ref().and_then(|message| message.fields.number(hole));
    if number("off").is_some_and(|off| off < 0) {
        return None;
    }
    // A helper's argument has its size in the message.
    let bytes = access.off.checked_add(access.size?).filter(|bytes| *bytes > 0)?;
    let farthest = match fault.state(access.base) {
        Some(RegState::Pointer(pointer)) => Some(pointer.max_offset()),
        // Without an id nothing was added that varies.
        _ => number("off").filter(|_| number("id") == Some(0)).map(|off| i128::from(off) - access.off),
    };
    farthest?.checked_add(bytes).filter(|end| *end <= MOST_PACKET_OFFSET)?;
    Some((access.base, i64::try_from(bytes).ok()?))
}

/// A bound for the number in an offset.
fn offset(fault: &Fault<'_>, program: Option<&Program>) -> Option<Plan> {
    let access = refused_access(fault, program)?;
    let sum = bounds::offset(fault, access.base)?;
    let room = match access.object {
        // Offsets count from the frame pointer down.
        Object::Stack => (-512, 0),
        _ => (0, access.object_size?),
    };
    bound(fault, &sum, access.off, access.size?, room)
}

/// A bound for the last number in an offset, if with it the whole access lies in its room.
///
/// Other numbers in the same offset take their room. Where one of them isn't known, or is too large itself, a bound of this
/// one says nothing.
fn bound(fault: &Fault<'_>, sum: &Sum, off: i128, size: i128, room: (i128, i128)) -> Option<Plan> {
    let ((added, term), others) = sum.terms.split_last()?;
    // With its whole story another place may be the one to compare it at.
    (!term.is_cut).then_some(())?;
    let start = sum.constant()?.checked_add(off)?;
    let (low, high) = others.iter().try_fold((start, start), |(low, high), (_, other)| {
        let (least, most) = other.ends()?;
        Some((low.checked_add(least)?, high.checked_add(most)?))
    })?;
    // A comparison as unsigned bounds both ends, unless something is subtracted later.
    let stays_inside = |term: &Term| term.apply(0)?.checked_add(low).filter(|first| *first >= room.0);
    let from_zero = |term: Term| stays_inside(&term).map(|_| term);
    let (term, least) =
        match from_zero(term.clone()).or_else(|| from_zero(after_subtraction(fault, term, *added)?)) {
            Some(term) => (term, None),
            // Small numbers lead out of the front: they need a bound of their own.
            None => (term.clone(), Some(numbers::smallest(term, low, room.0)?)),
        };
    let limit = numbers::largest(&term, high, size, room.1)?;
    if let Some(least) = least {
        (least <= limit).then_some(())?;
        let number = |value| i64::try_from(value).ok();
        let known = term.range?;
        let conditions = within((number(least)?, number(limit)?), Some(known));
        // What is known to be within both already needs no guard: then something else is wrong.
        let needs_any = known.0 < least || known.1 > limit;
        return needs_any.then(|| Plan { bounds_offset: true, ..before(fault, term, conditions) });
    }
    // What is known to be within the limit already needs no guard: then something else is wrong.
    if term.range.is_some_and(|(least, most)| least >= 0 && most <= limit) {
        return None;
    }
    let plan = before(fault, term, Condition::AtMost(i64::try_from(limit).unwrap_or(i64::MAX)));
    Some(Plan { bounds_offset: true, ..plan })
}

/// The number after what makes it negative: there one comparison as unsigned bounds both ends.
fn after_subtraction(fault: &Fault<'_>, term: &Term, added: usize) -> Option<Term> {
    let last = term
        .operations
        .iter()
        .rposition(|operation| matches!(operation.does, Does::Plus(plus) if plus < 0))?;
    let Some(Insn::Alu { dst, src: Source::Reg(src), .. }) = fault.path.insn(added) else { return None };
    let is_pointer = matches!(fault.path.before(added, term.frame, src), Some(RegState::Pointer(_)));
    let reg = if is_pointer { dst } else { src };
    let rest = term.operations[last + 1..].to_vec();
    let step = rest.first().map_or(added, |operation| operation.step);
    let range = fault.path.before(step, term.frame, reg).as_ref().and_then(numbers::range);
    Some(Term { step, frame: term.frame, reg, operations: rest, range, is_cut: term.is_cut })
}

/// A bound for a size.
fn size(fault: &Fault<'_>, wrong: SizeFault) -> Option<Plan> {
    let step = fault.step?;
    let access = fault.access()?;
    let argument = access.size_argument?;
    let mut term = numbers::term(&fault.path, step, fault.frame, argument.size);
    (!term.is_cut).then_some(())?;
    let pointer = fault.state(access.base)?.pointer().copied()?;
    // On the stack the room is what lies between the pointer and the frame's end.
    let room = access.object_size?.checked_sub(pointer.max_offset())?;
    let most = |room| Condition::AtMost(i64::try_from(room).unwrap_or(i64::MAX));
    if wrong == SizeFault::Zero {
        if let Some((message, _)) = &fault.message
            && term.operations.is_empty()
            && let (Some(low), Some(high)) = (message.fields.number("low"), message.fields.number("high"))
        {
            term.range = Some((i128::from(low), i128::from(high)));
        }
        let (_, largest) = term.ends()?;
        if largest <= room {
            return Some(before(fault, term, Condition::AtLeast(1)));
        }
        // It may be too large too.
        let limit = numbers::largest(&term, 0, 0, room).filter(|limit| *limit >= 1)?;
        return Some(before(fault, term, Conditions::both(Condition::AtLeast(1), most(limit))));
    }
    let is_said = fault.kind() == Some(Kind::UnboundedSize) || fault.said().is_some_and(|said| said.size > 0);
    if wrong == SizeFault::Unbounded && !is_said {
        // It may be too small as well as too large.
        return None;
    }
    term.apply(0).filter(|least| *least >= 0)?;
    let limit = numbers::largest(&term, 0, 0, room)?;
    if wrong == SizeFault::Negative && argument.may_be_zero != Some(true) {
        // A bound above leaves 0, which is refused too, if it's known that it is.
        (argument.may_be_zero == Some(false) && limit >= 1 && term.apply(0) == Some(0)).then_some(())?;
        return Some(before(fault, term, Conditions::both(Condition::AtLeast(1), most(limit))));
    }
    Some(before(fault, term, most(limit)))
}

/// What keeps a number between two, both included: a comparison for each end that it may lie beyond.
fn within((low, high): (i64, i64), known: Option<(i128, i128)>) -> Conditions {
    let (least, most) = if low < 0 {
        (Condition::SignedAtLeast(low), Condition::SignedAtMost(high))
    } else {
        (Condition::AtLeast(low), Condition::AtMost(high))
    };
    // As an unsigned number, what is negative lies beyond the upper end.
    let (below, above) = known.map_or((true, true), |(first, last)| {
        let wraps = low >= 0 && first < 0;
        let below = first < i128::from(low) && low != 0;
        (below, wraps || last > i128::from(high))
    });
    match (below, above) {
        (true, true) => Conditions::both(least, most),
        (true, false) => least.into(),
        (false, _) => most.into(),
    }
}

/// The lowest and the highest result that the message allows: `[0, 1]`, or as bits `(0x0; 0x1)` before Linux 6.8.
fn allowed_results(fault: &Fault<'_>) -> Option<(i64, i64)> {
    let message =
        [Kind::ResultRange, Kind::CallbackResult].into_iter().find_map(|kind| fault.detail(kind))?;
    let range = message.fields.text("range")?;
    let (low, high) = range.split_once([',', ';'])?;
    let number =
        |text: &str| knockwright_verifier::message::number(text.trim().trim_matches(['[', ']', '(', ')']));
    let (low, second) = (number(low)?, number(high)?);
    if range.contains(',') {
        return (low <= second).then_some((low, second));
    }
    // A value and a mask: a range, if the mask has the lowest bits and the value none of them.
    let is_range = low >= 0 && second >= 0 && second & (second.wrapping_add(1)) == 0 && low & second == 0;
    is_range.then_some((low, low | second))
}

/// What a guard does where its condition doesn't hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Otherwise {
    /// Leaves the program.
    Leave,
    /// Keeps the bound: where something must be given back before the exit.
    Clamp,
}

/// The guard's instructions: on if the condition holds.
///
/// Numbers that no immediate holds need a register that is free.
pub(crate) fn instructions(
    plan: &Plan,
    condition: Condition,
    otherwise: Otherwise,
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
    match otherwise {
        Otherwise::Leave => insns.extend([jump(2), Insn::mov64_imm(Reg::R0, 0), Insn::Exit]),
        Otherwise::Clamp => {
            matches!(
                condition,
                Condition::AtMost(_)
                    | Condition::AtLeast(_)
                    | Condition::SignedAtMost(_)
                    | Condition::SignedAtLeast(_)
            )
            .then_some(())?;
            insns.extend([jump(1), Insn::Alu { width: Width::W64, op: AluOp::Mov, dst: plan.reg, src }]);
        }
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
