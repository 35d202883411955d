//! Where an offset or a size comes from, as a formula: constants, and one number times a factor.
//!
//! An access is allowed if `constant + factor * number + size` stays within the object. Solving that for the number gives
//! the limit of the guard.

use knockwright_asm::helper::Returns;
use knockwright_asm::{AluOp, HelperId, Insn, Reg, Size, Source, Width};
use knockwright_verifier::log::{PointerKind, PointerState, RegState};

pub(crate) use crate::path::range;
use crate::path::{FAR_BACK, Path};

/// One operation on the way from a number to what is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operation {
    /// The step that does it.
    pub(crate) step: usize,
    /// What it does.
    pub(crate) does: Does,
}

/// An operation that a limit can be calculated through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// `number * factor`, also by `<<`; the factor is at least 1.
    Times(i128),
    /// `number + constant`.
    Plus(i128),
}

/// A number that varies, and what is made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    /// The step before which the number can be compared: the first that changes it or uses it.
    pub(crate) step: usize,
    /// The frame of that step.
    pub(crate) frame: u32,
    /// The register that holds the number there.
    pub(crate) reg: Reg,
    /// What is made of the number, in the order of the path.
    pub(crate) operations: Vec<Operation>,
    /// The smallest and the largest value of the number there, as far as the log shows it.
    pub(crate) range: Option<(i128, i128)>,
    /// What was made of it before isn't in the log.
    pub(crate) is_cut: bool,
}

impl Term {
    /// The factor, at least 1, and the constant that the operations come to; none where that is beyond all numbers.
    pub(crate) fn formula(&self) -> Option<(i128, i128)> {
        self.operations.iter().try_fold((1_i128, 0_i128), |(factor, constant), operation| {
            match operation.does {
                Does::Times(times) => Some((factor.checked_mul(times)?, constant.checked_mul(times)?)),
                Does::Plus(plus) => Some((factor, constant.checked_add(plus)?)),
            }
        })
    }

    /// What the operations make of a number.
    pub(crate) fn apply(&self, number: i128) -> Option<i128> {
        let (factor, constant) = self.formula()?;
        factor.checked_mul(number)?.checked_add(constant)
    }

    /// The smallest and the largest product, as far as they're known.
    pub(crate) fn ends(&self) -> Option<(i128, i128)> {
        let (low, high) = self.range?;
        Some((self.apply(low)?, self.apply(high)?))
    }
}

/// An offset: constants, and numbers that vary.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sum {
    /// The offset that the pointer has where it comes from; none where that isn't known, and with it the whole.
    pub(crate) origin: Option<i128>,
    /// Constants, each with the step that adds it.
    pub(crate) constants: Vec<(usize, i128)>,
    /// Numbers, each with the step that adds it.
    pub(crate) terms: Vec<(usize, Term)>,
}

impl Sum {
    /// All constants together, with the offset at the origin; none if that isn't known.
    pub(crate) fn constant(&self) -> Option<i128> {
        Some(self.origin? + self.constants.iter().map(|(_, value)| value).sum::<i128>())
    }

    /// The smallest and the largest offset; none where a part of it isn't known.
    pub(crate) fn ends(&self) -> Option<(i128, i128)> {
        let constant = self.constant()?;
        self.terms.iter().try_fold((constant, constant), |(low, high), (_, term)| {
            let (least, most) = term.ends()?;
            Some((low.checked_add(least)?, high.checked_add(most)?))
        })
    }
}

/// The smallest and the largest offset of a pointer: signed if it may be negative.
pub(crate) fn offsets(pointer: &PointerState<'_>) -> (i128, i128) {
    let (off, num) = (i128::from(pointer.off), &pointer.num);
    if num.s64.min < 0 {
        (i128::from(num.s64.min) + off, i128::from(num.s64.max) + off)
    } else {
        (i128::from(num.u64.min) + off, i128::from(num.u64.max) + off)
    }
}

/// What was added to a pointer on the path before a step, back to where the pointer comes from.
pub(crate) fn pointer_offset(path: &Path<'_>, from: usize, frame: u32, reg: Reg) -> Sum {
    let mut sum = Sum::default();
    let mut reg = reg;
    // The step before which the pointer is what the rest was added to, as long as its origin isn't found.
    let mut reached = Some(from);
    for step in (from.saturating_sub(FAR_BACK)..from).rev() {
        if path.is_cut_before(step + 1) {
            break;
        }
        if path.steps()[step].frame != frame {
            // After the call of this function the register has its caller's story.
            if path.steps()[step].frame < frame {
                break;
            }
            continue;
        }
        let Some(insn) = path.insn(step) else { break };
        match insn {
            Insn::Alu { width: Width::W64, op: AluOp::Mov, dst, src: Source::Reg(src) } if dst == reg => {
                reg = src
            }
            Insn::Alu { op: op @ (AluOp::Add | AluOp::Sub), dst, src: Source::Imm(imm), .. }
                if dst == reg =>
            {
                let value = if op == AluOp::Add { i128::from(imm) } else { -i128::from(imm) };
                sum.constants.push((step, value));
            }
            Insn::Alu { op: AluOp::Add, dst, src: Source::Reg(src), .. } if dst == reg => {
                // `number += pointer` makes a pointer too.
                let number = match are_numbers(path, step, frame, dst, src) {
                    Some(AreNumbers { src: true, .. }) => src,
                    Some(AreNumbers { dst: true, src: false }) => {
                        reg = src;
                        dst
                    }
                    _ => {
                        reached = None;
                        break;
                    }
                };
                add(path, &mut sum, step, frame, number);
            }
            _ if insn.writes().contains(reg) => {
                sum.origin = origin(path, step, frame, reg, &insn);
                reached = None;
                break;
            }
            _ => {}
        }
        reached = Some(step);
        if reg == Reg::R10 {
            break;
        }
    }
    if reg == Reg::R10 {
        sum.origin = Some(0);
    } else if let Some(step) = reached
        && let Some(RegState::Pointer(pointer)) = path.before(step, frame, reg)
    {
        // The additions before lie outside of what the log shows, and it shows what they came to.
        sum.origin = pointer.constant_offset().map(i128::from);
    }
    sum.constants.reverse();
    sum.terms.reverse();
    sum
}

/// The offset of a pointer right after the instruction that it comes from.
fn origin(path: &Path<'_>, step: usize, frame: u32, reg: Reg, insn: &Insn) -> Option<i128> {
    match path.after(step, frame, reg) {
        Some(RegState::Pointer(pointer)) => pointer.constant_offset().map(i128::from),
        Some(_) => None,
        None => match insn {
            // What helpers return points to the start.
            Insn::CallHelper { .. } => Some(0),
            // So do the pointers in the context: the packet's start and end.
            Insn::Load { base, .. } => match path.before(step, frame, *base) {
                Some(RegState::Pointer(pointer)) => (pointer.kind == PointerKind::Ctx).then_some(0),
                Some(_) => None,
                None => is_context(path, step, frame, *base).then_some(0),
            },
            _ => None,
        },
    }
}

/// Whether a register holds what the program was given in r1, by the instructions alone.
pub(crate) fn is_context(path: &Path<'_>, from: usize, frame: u32, reg: Reg) -> bool {
    let mut reg = reg;
    for step in (from.saturating_sub(FAR_BACK)..from).rev() {
        if path.is_cut_before(step + 1) || path.steps()[step].frame < frame {
            return false;
        }
        if path.steps()[step].frame > frame {
            continue;
        }
        match path.insn(step) {
            Some(Insn::Alu { width: Width::W64, op: AluOp::Mov, dst, src: Source::Reg(src) })
                if dst == reg =>
            {
                reg = src;
            }
            Some(insn) if !insn.writes().contains(reg) => {}
            _ => return false,
        }
    }
    from <= FAR_BACK
        && frame == 0
        && reg == Reg::R1
        && path.steps().first().is_some_and(|first| first.slot == 0)
}

/// Which of two operands of an addition are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AreNumbers {
    pub(crate) dst: bool,
    pub(crate) src: bool,
}

/// Which of two operands of an addition are numbers; none where neither is known, since one of them may be a pointer.
pub(crate) fn are_numbers(
    path: &Path<'_>,
    step: usize,
    frame: u32,
    dst: Reg,
    src: Reg,
) -> Option<AreNumbers> {
    match (is_number(path, step, frame, dst), is_number(path, step, frame, src)) {
        (Some(dst), Some(src)) => Some(AreNumbers { dst, src }),
        // An addition to a pointer has one pointer and one number.
        (Some(dst), None) => Some(AreNumbers { dst, src: !dst }),
        (None, Some(src)) => Some(AreNumbers { dst: !src, src }),
        (None, None) => None,
    }
}

/// Whether a register holds a number, by its state or by the instruction that wrote it.
fn is_number(path: &Path<'_>, step: usize, frame: u32, reg: Reg) -> Option<bool> {
    match path.before(step, frame, reg) {
        Some(RegState::Scalar(_)) => return Some(true),
        Some(RegState::Pointer(_)) => return Some(false),
        _ => {}
    }
    let mut reg = reg;
    for earlier in (step.saturating_sub(FAR_BACK)..step).rev() {
        if path.is_cut_before(earlier + 1) || path.steps()[earlier].frame < frame {
            return None;
        }
        if path.steps()[earlier].frame > frame {
            continue;
        }
        let insn = path.insn(earlier)?;
        if !insn.writes().contains(reg) {
            continue;
        }
        return match insn {
            Insn::Alu { op: AluOp::Mov, src: Source::Reg(src), width: Width::W64, .. } => {
                reg = src;
                continue;
            }
            Insn::Alu { op: AluOp::Mov, src: Source::Imm(_), .. } => Some(true),
            // What is added to may be either; other operators make numbers.
            Insn::Alu { op: AluOp::Add | AluOp::Sub, width: Width::W64, .. } => None,
            Insn::Alu { .. } | Insn::Neg { .. } | Insn::ToEndian { .. } | Insn::Bswap { .. } => Some(true),
            // No pointer is narrower than the context's fields of 4 bytes.
            Insn::Load { size: Size::U8 | Size::U16, .. } | Insn::LoadSx { .. } => Some(true),
            Insn::CallHelper { helper } if reg == Reg::R0 => gives_number(helper),
            _ => None,
        };
    }
    (reg == Reg::R10).then_some(false)
}

/// Whether a helper returns a number; nothing where what it gives isn't known.
fn gives_number(helper: HelperId) -> Option<bool> {
    match helper.helper()?.returns()? {
        Returns::Void => None,
        returns => Some(!returns.is_pointer()),
    }
}

/// Adds a register's number to an offset.
pub(crate) fn add(path: &Path<'_>, sum: &mut Sum, step: usize, frame: u32, reg: Reg) {
    match path.before(step, frame, reg).and_then(|state| state.constant()) {
        Some(value) => sum.constants.push((step, i128::from(value.cast_signed()))),
        None => sum.terms.push((step, term(path, step, frame, reg))),
    }
}

/// Follows a number back to where it can be compared: after its last comparison, its load, or what no formula describes.
pub(crate) fn term(path: &Path<'_>, used: usize, frame: u32, reg: Reg) -> Term {
    let mut found = Term { step: used, frame, reg, operations: Vec::new(), range: None, is_cut: true };
    let mut reg = reg;
    for step in (used.saturating_sub(FAR_BACK)..used).rev() {
        if path.is_cut_before(step + 1) {
            break;
        }
        if path.steps()[step].frame != frame {
            // Its story goes on in the function around, or the one before.
            found.is_cut = false;
            break;
        }
        let Some(insn) = path.insn(step) else { break };
        if let Insn::JumpIf { dst, src, .. } = insn
            && (dst == reg || src == Source::Reg(reg))
        {
            found.is_cut = false;
            break;
        }
        if !insn.writes().contains(reg) {
            continue;
        }
        let does = match insn {
            Insn::Alu { width: Width::W64, op: AluOp::Mov, dst, src: Source::Reg(src) } if dst == reg => {
                // A copy of a number that is compared by its first name has its guard there.
                reg = src;
                found.reg = src;
                found.step = step;
                continue;
            }
            Insn::Alu { width: Width::W64, op, dst, src: Source::Imm(imm) } if dst == reg => match op {
                AluOp::Lsh if (0..32).contains(&imm) => Does::Times(1 << imm),
                AluOp::Mul if imm > 0 => Does::Times(i128::from(imm)),
                AluOp::Add => Does::Plus(i128::from(imm)),
                AluOp::Sub => Does::Plus(-i128::from(imm)),
                _ => {
                    found.is_cut = false;
                    break;
                }
            },
            _ => {
                found.is_cut = false;
                break;
            }
        };
        found.operations.push(Operation { step, does });
        found.step = step;
    }
    found.operations.reverse();
    found.range = path.before(found.step, frame, found.reg).as_ref().and_then(range);
    found
}

/// The smallest number, not below 0, for which `constant + factor * number + plus` is at least `first`.
pub(crate) fn smallest(term: &Term, constant: i128, first: i128) -> Option<i128> {
    let (factor, plus) = term.formula()?;
    let lacks = first.checked_sub(constant)?.checked_sub(plus)?.max(0);
    Some(lacks.checked_add(factor - 1)? / factor)
}

/// The largest number for which `constant + factor * number + plus + size` is at most `end`.
pub(crate) fn largest(term: &Term, constant: i128, size: i128, end: i128) -> Option<i128> {
    let (factor, plus) = term.formula()?;
    let room = end.checked_sub(size)?.checked_sub(constant)?.checked_sub(plus)?;
    (room >= 0).then(|| room / factor)
}
