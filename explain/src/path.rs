//! The path that failed as a sequence of instructions with states that can be asked for.
//!
//! What isn't shown is unknown. A register keeps its state until an instruction writes it, until a comparison may have taught
//! the verifier something that the log doesn't show, and until something is missing in the log.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::num::NonZeroU32;

use knockwright_asm::{AluOp, Cond, Insn, Reg, Source, opcode};
use knockwright_verifier::log::{PointerKind, PointerState, RegState};

use crate::reading::{Reading, Step, When};

/// How many steps back states are looked for, and values followed.
pub(crate) const FAR_BACK: usize = 200_000;

/// How many comparisons that show nothing are looked through for one state.
const MOST_SILENT: u32 = 4;

/// The path of a log.
pub(crate) struct Path<'a> {
    pub(crate) reading: &'a Reading,
    /// By slot; none of those that nobody has asked for.
    decoded: RefCell<Vec<Option<Option<Insn>>>>,
}

impl<'a> Path<'a> {
    pub(crate) fn new(reading: &'a Reading) -> Self {
        Self { reading, decoded: RefCell::default() }
    }

    pub(crate) fn steps(&self) -> &'a [Step] {
        self.reading.trail.steps()
    }

    /// The step of the last instruction.
    pub(crate) fn last(&self) -> Option<usize> {
        self.steps().len().checked_sub(1)
    }

    /// The instruction of a step.
    pub(crate) fn insn(&self, step: usize) -> Option<Insn> {
        let Step { slot, opcode, .. } = self.steps()[step];
        opcode.and_then(|_| self.listed(slot))
    }

    /// The instruction at a slot of the program, on whatever path the log shows it.
    pub(crate) fn listed(&self, slot: usize) -> Option<Insn> {
        let mut decoded = self.decoded.borrow_mut();
        if decoded.is_empty() {
            decoded.resize(self.reading.listing.len(), None);
        }
        *decoded.get_mut(slot)?.get_or_insert_with(|| self.reading.decoded(slot))
    }

    /// The text of a step's instruction.
    pub(crate) fn text(&self, step: usize) -> &'a str {
        self.reading.trail.text(step)
    }

    /// Whether something is missing between a step and the one before it.
    pub(crate) fn is_cut_before(&self, step: usize) -> bool {
        self.steps().get(step).is_some_and(|at| at.gap) || self.crosses_elsewhere(step)
    }

    /// Whether a step can't come after the one before it, as the instruction there tells: where a function begins or ends, the log
    /// may lack a part without a sign of it.
    fn crosses_elsewhere(&self, step: usize) -> bool {
        let steps = self.steps();
        let Some(last) = step.checked_sub(1) else { return false };
        let (Some(before), Some(at)) = (steps.get(last), steps.get(step)) else { return false };
        // Most instructions are no jumps, and need not be read for it.
        if let Some(plain) =
            before.opcode.filter(|opcode| before.frame == at.frame && !opcode::is_of_jumps(*opcode))
        {
            return before.slot + opcode::slots(plain) != at.slot && before.slot != at.slot;
        }
        let Some(insn) = self.insn(last) else { return false };
        let target = |off: i32| before.slot.checked_add_signed(off as isize + 1);
        match before.frame.cmp(&at.frame) {
            Ordering::Less => match insn {
                Insn::CallLocal { off } => target(off) != Some(at.slot),
                Insn::CallHelper { .. } | Insn::CallKfunc { .. } => false,
                _ => true,
            },
            Ordering::Equal => {
                let is_next = insn.falls_through() && before.slot + insn.slots() == at.slot;
                // A call that is walked again for the function it calls back stands twice.
                let is_again = before.slot == at.slot;
                !is_next && !is_again && insn.jump_offset().and_then(target) != Some(at.slot)
            }
            Ordering::Greater => {
                let call = (0..step).rev().take(FAR_BACK).find(|earlier| steps[*earlier].frame == at.frame);
                let returns = call.is_none_or(|call| {
                    !matches!(self.insn(call), Some(Insn::CallLocal { .. }))
                        || steps[call].slot + 1 == at.slot
                });
                !matches!(insn, Insn::Exit) || !returns
            }
        }
    }

    /// Whether the path is known from the program's start to its end.
    pub(crate) fn is_whole(&self) -> bool {
        self.reading.has_start() && !(0..self.steps().len()).any(|step| self.is_cut_before(step))
    }

    /// What a register held before a step, as far as the log shows it.
    pub(crate) fn before(&self, step: usize, frame: u32, reg: Reg) -> Option<RegState<'a>> {
        self.held(step, frame, reg, MOST_SILENT)
    }

    #[expect(clippy::too_many_lines, reason = "one walk back, whose steps share what they have found")]
    fn held(&self, step: usize, frame: u32, reg: Reg, silent: u32) -> Option<RegState<'a>> {
        let trail = &self.reading.trail;
        let number = reg.number();
        if step < self.steps().len()
            && let Some(state) = trail.shown(Some(step), When::BeforeIt, frame, number)
        {
            return Some(state);
        }
        let asked = frame;
        let mut frame = frame;
        // Comparisons of packet pointers prove bytes for other registers too, whose states aren't shown again.
        let mut compared_packet = false;
        let mut compared: Vec<usize> = Vec::new();
        let found = |state: RegState<'a>, of: u32, stale: bool, compared: &[usize]| {
            let state = if of == asked { state } else { in_frame(state, of) };
            let is_packet = state.pointer().is_some_and(|pointer| pointer.kind.is_packet());
            if !is_packet && compared.iter().any(|at| self.teaches_of(*at, state.id(), silent)) {
                return None;
            }
            Some(if stale { without_range(state) } else { state })
        };
        for earlier in (step.saturating_sub(FAR_BACK)..step).rev() {
            if self.is_cut_before(earlier + 1) {
                return trail.shown_after_gap(earlier + 1, frame, number).or_else(|| always(reg));
            }
            if let Some(state) = trail.shown(Some(earlier), When::AfterIt, frame, number) {
                return found(state, frame, compared_packet, &compared);
            }
            let at = self.steps()[earlier].frame;
            if at < frame {
                // The start of the function: arguments are the caller's registers.
                if !(1..=5).contains(&number) {
                    return always(reg);
                }
                frame = at;
                continue;
            }
            if at != frame {
                continue;
            }
            let insn = self.insn(earlier)?;
            if insn.writes().contains(reg) {
                return None;
            }
            if let Some(state) = trail.shown(Some(earlier), When::BeforeIt, frame, number) {
                return found(state, frame, compared_packet, &compared);
            }
            if let Insn::JumpIf { dst, src, .. } = insn {
                compared_packet |= matches!(src, Source::Reg(_));
                compared.push(earlier);
                let is_compared = dst == reg || src == Source::Reg(reg);
                if is_compared && reg != Reg::R10 && !self.is_decided(earlier, frame, &insn, silent) {
                    return None;
                }
            }
        }
        if step > FAR_BACK {
            return always(reg);
        }
        if self.is_cut_before(0) {
            return trail.shown_after_gap(0, frame, number).or_else(|| always(reg));
        }
        match trail.shown(None, When::AfterIt, frame, number) {
            Some(state) => found(state, frame, compared_packet, &compared),
            None => always(reg),
        }
    }

    /// Whether a comparison may teach the verifier something of other registers with an id.
    fn teaches_of(&self, step: usize, id: Option<NonZeroU32>, silent: u32) -> bool {
        let (Some(Insn::JumpIf { dst, src, .. }), Some(silent)) = (self.insn(step), silent.checked_sub(1))
        else {
            return false;
        };
        let frame = self.steps()[step].frame;
        // What isn't known may have it.
        let has_id = |reg| match self.held(step, frame, reg, silent).and_then(|state| state.id()) {
            // A copy gives both an id, which the log may not show.
            None => self.is_copied_before(step, frame, reg),
            known => known == id,
        };
        id.is_some() && (has_id(dst) || matches!(src, Source::Reg(src) if has_id(src)))
    }

    /// Whether a register was copied not long before a step, or may have been.
    fn is_copied_before(&self, step: usize, frame: u32, reg: Reg) -> bool {
        const NOT_LONG: usize = 64;
        for earlier in (step.saturating_sub(NOT_LONG)..step).rev() {
            if self.is_cut_before(earlier + 1) {
                return true;
            }
            if self.steps()[earlier].frame != frame {
                continue;
            }
            match self.insn(earlier) {
                Some(Insn::Alu { op: AluOp::Mov, src: Source::Reg(src), .. }) if src == reg => return true,
                Some(insn) if !insn.writes().contains(reg) => {}
                _ => return false,
            }
        }
        self.steps().first().is_some_and(|first| first.slot != 0)
    }

    /// Whether what is known before a comparison decides it, so that the verifier learns nothing from it.
    fn is_decided(&self, step: usize, frame: u32, insn: &Insn, silent: u32) -> bool {
        let Insn::JumpIf { cond, dst, src, .. } = *insn else { return true };
        let Some(silent) = silent.checked_sub(1) else { return false };
        let Some(left) = self.held(step, frame, dst, silent) else { return false };
        if let (RegState::Pointer(pointer), Source::Imm(0)) = (&left, src) {
            return !pointer.may_be_null() && matches!(cond, Cond::Eq | Cond::Ne);
        }
        let right = match src {
            Source::Imm(imm) => Some((i128::from(imm), i128::from(imm))),
            Source::Reg(src) => self.held(step, frame, src, silent).as_ref().and_then(range),
        };
        let (Some(left), Some(right)) = (range(&left), right) else { return false };
        // In these ranges all four orders, signed or not, of either width, agree.
        let small = |(low, high): (i128, i128)| low >= 0 && high <= i128::from(i32::MAX);
        if !small(left) || !small(right) {
            return false;
        }
        let (below, above) = (left.1 < right.0, left.0 > right.1);
        let same = left == right && left.0 == left.1;
        match cond {
            Cond::Eq | Cond::Ne => below || above || same,
            Cond::Gt | Cond::Sgt | Cond::Le | Cond::Sle => above || left.1 <= right.0,
            Cond::Ge | Cond::Sge | Cond::Lt | Cond::Slt => below || left.0 >= right.1,
            _ => false,
        }
    }

    /// What a register held after a step, as far as the log shows it.
    pub(crate) fn after(&self, step: usize, frame: u32, reg: Reg) -> Option<RegState<'a>> {
        let shown = self.reading.trail.shown(Some(step), When::AfterIt, frame, reg.number());
        if shown.is_some() {
            return shown;
        }
        match self.insn(step) {
            Some(insn @ Insn::JumpIf { dst, src, .. }) if dst == reg || src == Source::Reg(reg) => self
                .is_decided(step, frame, &insn, MOST_SILENT)
                .then(|| self.before(step, frame, reg))
                .flatten(),
            Some(insn) if !insn.writes().contains(reg) => {
                let state = self.before(step, frame, reg)?;
                (!self.teaches_of(step, state.id(), MOST_SILENT)).then_some(state)
            }
            _ => None,
        }
    }

    /// The offset on the stack that a register and an offset lead to, with the frame.
    pub(crate) fn stack_address(&self, step: usize, frame: u32, base: Reg, off: i16) -> Option<(u32, i32)> {
        if base == Reg::R10 {
            return Some((frame, i32::from(off)));
        }
        let Some(state) = self.before(step, frame, base) else {
            return Some((
                frame,
                self.computed_stack_offset(step, frame, base)?.checked_add(i32::from(off))?,
            ));
        };
        let pointer = state.pointer()?;
        if pointer.kind != PointerKind::Stack {
            return None;
        }
        let at = i32::try_from(pointer.constant_offset()?).ok()?;
        Some((pointer.frame.unwrap_or(frame), at.checked_add(i32::from(off))?))
    }

    /// The offset of a register that was made from the frame pointer by constants, where the log shows no states.
    fn computed_stack_offset(&self, step: usize, frame: u32, base: Reg) -> Option<i32> {
        let (mut reg, mut offset) = (base, 0_i32);
        for earlier in (step.saturating_sub(FAR_BACK)..step).rev() {
            if self.is_cut_before(earlier + 1) {
                return None;
            }
            if self.steps()[earlier].frame != frame {
                continue;
            }
            match self.insn(earlier)? {
                Insn::Alu { op: AluOp::Mov, dst, src: Source::Reg(src), .. } if dst == reg => reg = src,
                Insn::Alu { op: AluOp::Add, dst, src: Source::Imm(imm), .. } if dst == reg => {
                    offset = offset.checked_add(imm)?;
                }
                Insn::Alu { op: AluOp::Sub, dst, src: Source::Imm(imm), .. } if dst == reg => {
                    offset = offset.checked_sub(imm)?;
                }
                insn if insn.writes().contains(reg) => return None,
                _ => {}
            }
            if reg == Reg::R10 {
                return Some(offset);
            }
        }
        None
    }

    /// Whether a conditional jump's way on this path is its target.
    pub(crate) fn is_taken(&self, step: usize) -> bool {
        let steps = self.steps();
        steps[step].taken || {
            let next = steps.get(step + 1).map(|next| next.slot);
            let jump = self.insn(step).and_then(|insn| insn.jump_offset());
            matches!((next, jump), (Some(next), Some(off)) if off != 0
                && steps[step].slot.checked_add_signed(off as isize + 1) == Some(next))
        }
    }

    /// Whether the log says which way a jump goes: an instruction follows it without a gap.
    pub(crate) fn knows_way(&self, step: usize) -> bool {
        step + 1 < self.steps().len() && !self.is_cut_before(step + 1)
    }
}

/// What a register always holds: the frame pointer never changes, and the log of old kernels shows the state late.
fn always<'a>(reg: Reg) -> Option<RegState<'a>> {
    (reg == Reg::R10).then_some(RegState::Pointer(PointerState::new(PointerKind::Stack, "fp")))
}

/// A state as it's seen from another frame: a pointer to the stack says whose.
fn in_frame(state: RegState<'_>, frame: u32) -> RegState<'_> {
    match state {
        RegState::Pointer(mut pointer) if pointer.kind == PointerKind::Stack => {
            pointer.frame = pointer.frame.or(Some(frame));
            RegState::Pointer(pointer)
        }
        other => other,
    }
}

/// A state whose proven bytes may have become more since.
fn without_range(state: RegState<'_>) -> RegState<'_> {
    match state {
        RegState::Pointer(mut pointer) if pointer.kind.is_packet() => {
            pointer.range = None;
            RegState::Pointer(pointer)
        }
        other => other,
    }
}

/// The smallest and the largest value of a register's number: signed if it may be negative.
pub(crate) fn range(state: &RegState<'_>) -> Option<(i128, i128)> {
    let scalar = state.scalar()?;
    let unsigned = scalar.smin() >= 0 || scalar.smin() == i64::MIN && scalar.umax() != u64::MAX;
    Some(if unsigned {
        (i128::from(scalar.umin()), i128::from(scalar.umax()))
    } else {
        (i128::from(scalar.smin()), i128::from(scalar.smax()))
    })
}
