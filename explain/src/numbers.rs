//! Where an offset or a size comes from, as a formula: constants, and one number times a factor.
//!
//! An access is allowed if `constant + factor * number + size` stays within the object. Solving that for the number gives
//! the limit of the guard.

use knockwright_asm::{AluOp, Insn, Reg, Source, Width};
use knockwright_verifier::log::RegState;

use crate::path::Path;

/// How far back numbers are followed.
const FAR_BACK: usize = 200_000;

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
    /// `number * factor`, also by `<<`.
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
}

impl Term {
    /// The factor and the constant that the operations come to.
    pub(crate) fn formula(&self) -> (i128, i128) {
        self.operations.iter().fold((1, 0), |(factor, constant), operation| match operation.does {
            Does::Times(times) => (factor * times, constant * times),
            Does::Plus(plus) => (factor, constant + plus),
        })
    }

    /// What the operations make of a number.
    pub(crate) fn apply(&self, number: i128) -> i128 {
        let (factor, constant) = self.formula();
        factor * number + constant
    }
}

/// An offset: a constant, and numbers that vary.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sum {
    /// Constants, each with the step that adds it.
    pub(crate) constants: Vec<(usize, i128)>,
    /// Numbers, each with the step that adds it and its sign.
    pub(crate) terms: Vec<(usize, Term)>,
}

impl Sum {
    /// All constants together.
    pub(crate) fn constant(&self) -> i128 {
        self.constants.iter().map(|(_, value)| value).sum()
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

/// What was added to a pointer on the path before a step, back to where the pointer comes from.
pub(crate) fn pointer_offset(path: &Path<'_>, from: usize, frame: u32, reg: Reg) -> Sum {
    let mut sum = Sum::default();
    let mut reg = reg;
    for step in (from.saturating_sub(FAR_BACK)..from).rev() {
        if path.steps()[step].frame != frame {
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
                let number = if is_number(path, step, frame, src) { src } else { dst };
                if number == dst {
                    reg = src;
                }
                add(path, &mut sum, step, frame, number);
            }
            _ if crate::effect::writes(&insn).contains(reg) => break,
            _ => {}
        }
    }
    sum.constants.reverse();
    sum.terms.reverse();
    sum
}

fn is_number(path: &Path<'_>, step: usize, frame: u32, reg: Reg) -> bool {
    !matches!(path.before(step, frame, reg), Some(RegState::Pointer(_)))
}

/// Adds a register's number to an offset.
pub(crate) fn add(path: &Path<'_>, sum: &mut Sum, step: usize, frame: u32, reg: Reg) {
    match path.before(step, frame, reg).and_then(|state| state.constant()) {
        Some(value) => sum.constants.push((step, i128::from(value.cast_signed()))),
        None => sum.terms.push((step, term(path, step, frame, reg))),
    }
}

/// Follows a number back to where it can be compared: behind its last comparison, its load, or what no formula describes.
pub(crate) fn term(path: &Path<'_>, used: usize, frame: u32, reg: Reg) -> Term {
    let mut found = Term { step: used, frame, reg, operations: Vec::new(), range: None };
    let mut reg = reg;
    for step in (used.saturating_sub(FAR_BACK)..used).rev() {
        if path.steps()[step].frame != frame {
            break;
        }
        let Some(insn) = path.insn(step) else { break };
        if let Insn::JumpIf { dst, src, .. } = insn
            && (dst == reg || src == Source::Reg(reg))
        {
            break;
        }
        if !crate::effect::writes(&insn).contains(reg) {
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
                _ => break,
            },
            _ => break,
        };
        found.operations.push(Operation { step, does });
        found.step = step;
    }
    found.operations.reverse();
    found.range = path.before(found.step, frame, found.reg).as_ref().and_then(range);
    found
}

/// The largest number for which `constant + factor * number + plus + size` is at most `end`.
pub(crate) fn largest(term: &Term, constant: i128, size: i128, end: i128) -> Option<i128> {
    let (factor, plus) = term.formula();
    let room = end - size - constant - plus;
    (factor > 0 && room >= 0).then(|| room / factor)
}
