//! The path that failed as a sequence of instructions with states that can be asked for.

use std::cell::RefCell;
use std::collections::HashMap;

use knockwright_asm::{AluOp, Insn, Reg, Source};
use knockwright_verifier::log::{PointerKind, RegState};

use crate::effect::writes;
use crate::reading::{Reading, Step};

/// How far back states are looked for.
const FAR_BACK: usize = 200_000;

/// The path of a log.
pub(crate) struct Path<'a> {
    pub(crate) reading: &'a Reading,
    decoded: RefCell<HashMap<usize, Option<Insn>>>,
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
        let slot = self.steps()[step].slot;
        *self.decoded.borrow_mut().entry(slot).or_insert_with(|| self.reading.insn(step))
    }

    /// The text of a step's instruction.
    pub(crate) fn text(&self, step: usize) -> &'a str {
        self.reading.trail.text(step)
    }

    /// What a register held before a step, as far as the log shows it.
    pub(crate) fn before(&self, step: usize, frame: u32, reg: Reg) -> Option<RegState<'a>> {
        let mut frame = frame;
        for earlier in (step.saturating_sub(FAR_BACK)..step).rev() {
            if let Some(state) = self.reading.trail.shown_after(Some(earlier), frame, reg.number()) {
                return Some(state);
            }
            let at = self.steps()[earlier].frame;
            if at < frame {
                // The start of the function: arguments are the caller's registers.
                if !(1..=5).contains(&reg.number()) {
                    return None;
                }
                frame = at;
                continue;
            }
            if at == frame && self.insn(earlier).is_none_or(|insn| writes(&insn).contains(reg)) {
                return None;
            }
        }
        self.reading.trail.shown_after(None, frame, reg.number()).or(match reg {
            // The frame pointer never changes, and the log of old kernels shows the state late.
            Reg::R10 => Some(RegState::Unknown("fp0")),
            _ => None,
        })
    }

    /// What a register held behind a step, as far as the log shows it.
    pub(crate) fn after(&self, step: usize, frame: u32, reg: Reg) -> Option<RegState<'a>> {
        self.before(step + 1, frame, reg)
    }

    /// The offset on the stack that a register and an offset lead to, with the frame.
    pub(crate) fn stack_address(&self, step: usize, frame: u32, base: Reg, off: i16) -> Option<(u32, i32)> {
        if base == Reg::R10 {
            return Some((frame, i32::from(off)));
        }
        let Some(state) = self.before(step, frame, base) else {
            return Some((frame, self.computed_stack_offset(step, frame, base)? + i32::from(off)));
        };
        let pointer = state.pointer()?;
        if pointer.kind != PointerKind::Stack {
            return None;
        }
        let at = i32::try_from(pointer.constant_offset()?).ok()?;
        Some((pointer.frame.unwrap_or(frame), at + i32::from(off)))
    }

    /// The offset of a register that was made from the frame pointer by constants, where the log shows no states.
    fn computed_stack_offset(&self, step: usize, frame: u32, base: Reg) -> Option<i32> {
        let (mut reg, mut offset) = (base, 0_i32);
        for earlier in (step.saturating_sub(FAR_BACK)..step).rev() {
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
                insn if writes(&insn).contains(reg) => return None,
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
}
