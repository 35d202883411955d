//! Which bound is missing, and who could have given it.

use knockwright_asm::{Cond, Insn, Source};

use super::{Condition, Plan};
use crate::analysis::{Fault, words};
use crate::numbers;
use crate::slice::{Role, Storage, slice};

/// What the comparisons on the path say of the number that a guard is to bound, in words; none if the guard bounds none.
pub(crate) fn bound(fault: &Fault<'_>, plan: &Plan, condition: Condition) -> Option<String> {
    let term = plan.term.as_ref()?;
    let Condition::AtMost(limit) = condition else { return None };
    let reg = term.reg;
    let story = slice(&fault.path, term.step, &[Storage::Reg { frame: term.frame, reg }]);
    let Some(event) = story.of(|role| role == Role::Compared).next() else {
        // Only a story that begins where the number comes from has all its comparisons.
        let is_whole = matches!(story.events.first(), Some(event) if matches!(event.role, Role::Origin(_)));
        return is_whole.then(|| format!("no comparison on this path says how large {reg} may be"));
    };
    let slot = fault.path.steps()[event.step].slot;
    let Insn::JumpIf { cond, dst, src, .. } = fault.path.insn(event.step)? else { return None };
    let other = match src {
        Source::Imm(imm) => {
            let leaves = match term.range? {
                (_, most) if most > i128::from(limit) => format!("more than {limit}"),
                (least, _) if least < 0 => "negative numbers".to_owned(),
                _ => return None,
            };
            return Some(format!(
                "{reg} is compared with the constant {imm} at {slot}: that leaves {leaves}"
            ));
        }
        Source::Reg(src) => {
            if dst == reg {
                src
            } else {
                dst
            }
        }
    };
    let frame = fault.path.steps()[event.step].frame;
    let state = fault.path.before(event.step, frame, other)?;
    let (_, most) = numbers::range(&state)?;
    let mut text = format!(
        "{reg} is only compared with another number, {other} at {slot}, which is {}",
        words::describe(&state)
    );
    if let Some(extra) = below(cond, dst == reg, fault.path.is_taken(event.step)) {
        let bound = i128::from(limit) + extra;
        if most > bound {
            text.push_str(&format!(": `{other} <= {bound}` before {slot} would bound {reg} as well"));
        }
    }
    Some(text)
}

/// How far above the bounded number the other one may be, if the comparison says that the number is below the other: 1 for
/// `<`, 0 for `<=`.
fn below(cond: Cond, is_left: bool, taken: bool) -> Option<i128> {
    // The relation of the left side to the right one on this path.
    let relation = match (cond, taken) {
        (Cond::Lt, true) | (Cond::Ge, false) => Cond::Lt,
        (Cond::Le, true) | (Cond::Gt, false) => Cond::Le,
        (Cond::Gt, true) | (Cond::Le, false) => Cond::Gt,
        (Cond::Ge, true) | (Cond::Lt, false) => Cond::Ge,
        _ => return None,
    };
    match (relation, is_left) {
        (Cond::Lt, true) | (Cond::Gt, false) => Some(1),
        (Cond::Le, true) | (Cond::Ge, false) => Some(0),
        _ => None,
    }
}
