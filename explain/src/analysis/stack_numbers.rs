//! What is wrong with the bytes of the stack that an access touches, by their numbers.

use super::Fault;
use super::derive::{LOWEST_ON_STACK, step};
use super::stack::{Touched, Written, touched, written};
use crate::counted::counted;
use crate::derivation::{Derivation, DerivationStep};

/// The most instructions that a result names.
const MOST_OTHERS: usize = 3;

/// Where the access ends, or which of its bytes nobody wrote.
pub(crate) fn derive(fault: &Fault<'_>) -> Option<Derivation> {
    let touched = touched(fault)?;
    if touched.is_inside() { unwritten(fault, &touched) } else { Some(outside(fault, &touched)) }
}

fn outside(fault: &Fault<'_>, touched: &Touched) -> Derivation {
    let (first, end) = (touched.first, touched.end);
    let size = end - first;
    let mut steps = vec![step(fault, None, "the offset, by the message".to_owned(), first.to_string())];
    if first < LOWEST_ON_STACK {
        let result = format!("{first} < {LOWEST_ON_STACK}, the frame's lowest byte");
        return Derivation { steps, result };
    }
    let text = format!("an access of {} ends at {first} + {size}", counted(size, "byte"));
    steps.push(step(fault, fault.step, text, end.to_string()));
    Derivation { steps, result: format!("{first}, + size {size} = {end} > 0, the end of the frame") }
}

/// The bytes that nobody wrote, with who wrote the others; the message's own byte, where more isn't known.
fn unwritten(fault: &Fault<'_>, touched: &Touched) -> Option<Derivation> {
    let bytes = written(fault, touched.frame, touched.first, touched.end);
    let missing: Vec<i32> =
        bytes.iter().filter(|(_, how)| *how == Written::Never).map(|(byte, _)| *byte).collect();
    let is_known = bytes.iter().all(|(_, how)| *how != Written::Unknown);
    let agrees = touched.missing.is_none_or(|byte| missing.first().copied().map(i128::from) == Some(byte));
    let all = span(touched.first, touched.end - 1);
    if !is_known || !agrees || missing.is_empty() {
        let byte = touched.missing?;
        let said = step(fault, None, "the byte, by the message".to_owned(), byte.to_string());
        return Some(Derivation { steps: vec![said], result: format!("byte {byte} of {all} isn't written") });
    }
    let parts: Vec<String> =
        runs(&missing).into_iter().map(|(from, to)| span(from.into(), to.into())).collect();
    let many = if missing.len() == 1 { "byte" } else { "bytes" };
    let isnt = if missing.len() == 1 { "isn't" } else { "aren't" };
    let mut result = format!("{many} {} of {all} {isnt} written", parts.join(" and "));
    let steps = writers(fault, &bytes);
    // Who writes the others stands in one line with it, as long as one line holds it.
    let others: Vec<String> = steps
        .iter()
        .filter_map(|step| Some(format!("{} writes {}", step.insn?, step.value.strip_prefix("bytes ")?)))
        .collect();
    if (1..=MOST_OTHERS).contains(&others.len()) {
        result = format!("{result}; {}", others.join(", "));
    }
    Some(Derivation { steps, result })
}

/// The instructions that wrote some of the bytes, in the order of the path.
fn writers(fault: &Fault<'_>, bytes: &[(i32, Written)]) -> Vec<DerivationStep> {
    let mut by_step: Vec<(usize, Vec<i32>)> = Vec::new();
    for (byte, how) in bytes {
        let Written::By(at) = how else { continue };
        match by_step.iter_mut().find(|(step, _)| step == at) {
            Some((_, of)) => of.push(*byte),
            None => by_step.push((*at, vec![*byte])),
        }
    }
    by_step.sort_by_key(|(step, _)| *step);
    let written = by_step.into_iter().map(|(at, of)| {
        let parts: Vec<String> =
            runs(&of).into_iter().map(|(from, to)| span(from.into(), to.into())).collect();
        let text = format!("{} writes", fault.path.text(at));
        step(fault, Some(at), text, format!("bytes {}", parts.join(" and ")))
    });
    let mut steps: Vec<DerivationStep> = written.collect();
    if steps.is_empty() && bytes.iter().all(|(_, how)| *how == Written::Never) {
        let nothing = "no instruction on the path writes any of them".to_owned();
        steps.push(step(fault, fault.step, nothing, "none".to_owned()));
    }
    steps
}

/// Bytes that lie side by side, as the first and the last of each.
pub(crate) fn runs(bytes: &[i32]) -> Vec<(i32, i32)> {
    let mut runs: Vec<(i32, i32)> = Vec::new();
    for byte in bytes {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *byte => *last = *byte,
            _ => runs.push((*byte, *byte)),
        }
    }
    runs
}

fn span(first: i128, last: i128) -> String {
    if first == last { first.to_string() } else { format!("{first} to {last}") }
}
