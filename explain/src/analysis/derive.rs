//! The numbers of a message, derived from the instructions that made them.

use knockwright_verifier::log::RegState;

use super::{Fault, bounds};
use crate::class::Class;
use crate::diagnosis::{Derivation, DerivationStep};
use crate::guard::plan::{MOST_PACKET_OFFSET, refused_access};
use crate::message::Kind;
use crate::numbers::{Does, Term};

/// Where the numbers of an access come from.
pub(crate) fn derive(fault: &Fault<'_>, class: Class) -> Option<Derivation> {
    match class {
        Class::PacketOffsetTooLarge => far_in_packet(fault),
        _ if class.is_size() => size(fault),
        _ if class.is_unproven_packet() => packet(fault),
        _ if class.is_or_null() => null(fault),
        _ if is_offset(fault) => offset(fault),
        _ => None,
    }
}

/// Whether the fault is an offset into an object.
fn is_offset(fault: &Fault<'_>) -> bool {
    matches!(
        fault.kind(),
        Some(
            Kind::MinOutside
                | Kind::MaxOutside
                | Kind::MinNegative
                | Kind::UnboundedAccess
                | Kind::UnboundedMath
                | Kind::ValueOutOfBounds
                | Kind::ValueAccess
                | Kind::MemoryAccess
                | Kind::Speculation
                | Kind::StackVariable
                | Kind::StackWrite
        )
    )
}

fn step(fault: &Fault<'_>, at: Option<usize>, text: String, value: String) -> DerivationStep {
    DerivationStep { insn: at.map(|at| fault.path.steps()[at].slot), text, value }
}

/// Adds the story of a number to the steps, and gives its smallest and largest product with its formula.
fn number(fault: &Fault<'_>, term: &Term, steps: &mut Vec<DerivationStep>) -> Option<(i128, i128, String)> {
    let (mut low, mut high) = term.range?;
    let unbounded = high >= i128::from(i64::MAX);
    let range = |low: i128, high: i128| match (unbounded, low == high) {
        (true, _) => "no upper bound".to_owned(),
        (_, true) => high.to_string(),
        _ => format!("{low} to {high}"),
    };
    let source = bound_source(fault, term);
    steps.push(step(fault, source.0, source.1, range(low, high)));
    let mut formula = if low < 0 && high < i128::from(u32::MAX) && class_is_low(fault) {
        low.to_string()
    } else {
        high.to_string()
    };
    for operation in &term.operations {
        let text = fault.path.text(operation.step).to_owned();
        match operation.does {
            Does::Times(factor) => {
                (low, high) = (low * factor, high * factor);
                formula = if formula.contains(' ') {
                    format!("({formula})*{factor}")
                } else {
                    format!("{formula}*{factor}")
                };
            }
            Does::Plus(plus) => {
                (low, high) = (low + plus, high + plus);
                formula = format!("{formula} {} {}", if plus < 0 { "-" } else { "+" }, plus.abs());
            }
        }
        steps.push(step(fault, Some(operation.step), text, range(low, high)));
    }
    Some((low, high, formula))
}

/// Whether the low end is what the message complains of.
fn class_is_low(fault: &Fault<'_>) -> bool {
    matches!(fault.kind(), Some(Kind::MinNegative | Kind::NegativeSize))
}

/// The instruction that gave a number its range, in words: a comparison or a load.
fn bound_source(fault: &Fault<'_>, term: &Term) -> (Option<usize>, String) {
    use crate::slice::{Place, Role, slice};
    let story = slice(&fault.path, term.step, &[Place::Reg { frame: term.frame, reg: term.reg }]);
    // The newest event that isn't a mere copy says where the range comes from.
    let event = story.events.iter().rev().find(|event| event.role != Role::Moved);
    match event {
        Some(event) => (Some(event.step), super::words::event(fault, event)),
        None => (None, format!("{} as the log shows it", term.reg)),
    }
}

fn offset(fault: &Fault<'_>) -> Option<Derivation> {
    let access = refused_access(fault)?;
    let sum = bounds::offset(fault, access.base)?;
    let mut steps = Vec::new();
    let mut parts: Vec<String> = Vec::new();
    let (mut low, mut high) = (access.off, access.off);
    let mut unbounded = false;
    for (at, value) in &sum.constants {
        let text = fault.path.text(*at).to_owned();
        steps.push(step(fault, Some(*at), text, value.to_string()));
        (low, high) = (low + value, high + value);
        parts.push(value.to_string());
    }
    if sum.constants.is_empty()
        && let Some(RegState::Pointer(pointer)) = fault.state(access.base)
        && pointer.off != 0
        && sum.terms.is_empty()
    {
        // The additions lie outside of what the log shows.
        let value = i128::from(pointer.off);
        steps.push(step(fault, None, format!("{} is at offset {value}", access.base), value.to_string()));
        (low, high) = (low + value, high + value);
        parts.push(value.to_string());
    }
    for (at, term) in &sum.terms {
        let (least, most, formula) = number(fault, term, &mut steps)?;
        unbounded |= most >= i128::from(i64::MAX);
        let text =
            format!("{} is added to the pointer", fault.path.text(*at).rsplit(' ').next().unwrap_or("it"));
        let value =
            if unbounded { "anywhere".to_owned() } else { format!("{} to {}", low + least, high + most) };
        steps.push(step(fault, Some(*at), text, value));
        (low, high) = (low + least, high + most);
        parts.push(formula);
    }
    if access.off != 0 || parts.is_empty() {
        let last = fault.step;
        steps.push(step(
            fault,
            last,
            format!("the instruction's own offset is {}", access.off),
            access.off.to_string(),
        ));
        parts.push(access.off.to_string());
    }
    let object_size = access.object_size?;
    if unbounded {
        return Some(Derivation {
            result: format!(
                "nothing bounds the number: the offset can be anything, and {object_size} bytes are there"
            ),
            steps,
        });
    }
    let formula = join(&parts);
    if low < 0 && (class_is_low(fault) || high + access.size <= object_size) {
        return Some(Derivation {
            result: format!("{low} = {formula}: {} bytes before the start", -low),
            steps,
        });
    }
    let end = high + access.size;
    steps.push(step(
        fault,
        fault.step,
        format!("an access of {} ends at {high} + {}", bytes(access.size), access.size),
        end.to_string(),
    ));
    let sum_text = if formula == high.to_string() { formula } else { format!("{high} = {formula}") };
    let result = if matches!(access.object, super::Object::Stack) {
        format!("{sum_text}, + size {} = {end} > 0, the end of the frame", access.size)
    } else {
        format!("{sum_text}, + size {} = {end} > {}{object_size}", access.size, object_name(&access.object))
    };
    Some(Derivation { steps, result })
}

fn object_name(object: &super::Object) -> &'static str {
    match object {
        super::Object::MapValue { .. } => "value_size ",
        super::Object::Memory => "mem_size ",
        _ => "",
    }
}

fn bytes(count: i128) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}

fn join(parts: &[String]) -> String {
    let mut text = String::new();
    for (index, part) in parts.iter().enumerate() {
        match part.strip_prefix('-') {
            Some(rest) if index > 0 => text.push_str(&format!(" - {rest}")),
            _ if index > 0 => text.push_str(&format!(" + {part}")),
            _ => text.push_str(part),
        }
    }
    text
}

fn size(fault: &Fault<'_>) -> Option<Derivation> {
    let access = fault.access()?;
    let term = crate::numbers::term(&fault.path, fault.step?, fault.frame, access.size_register?);
    let mut steps = Vec::new();
    let (low, high, formula) = number(fault, &term, &mut steps)?;
    let object_size = access.object_size?;
    let pointer = fault.state(access.base)?.pointer().copied()?;
    let start = pointer.max_offset();
    let room = object_size - start;
    steps.push(step(fault, fault.step, format!("{} points to {room} bytes", access.base), room.to_string()));
    let result = if high >= i128::from(i64::MAX) {
        format!("nothing bounds the size, and {room} bytes are there")
    } else if low < 0 {
        format!("the size may be {low}, and {room} bytes are there")
    } else if high > room {
        format!("{high} = {formula} > {room} bytes").replacen(
            &format!("{high} = {high} >"),
            &format!("{high} >"),
            1,
        )
    } else {
        format!("the size may be {low}")
    };
    Some(Derivation { steps, result })
}

fn packet(fault: &Fault<'_>) -> Option<Derivation> {
    let access = fault.access()?;
    let RegState::Pointer(pointer) = fault.state(access.base)? else { return None };
    let range = i128::from(pointer.range.unwrap_or(0).max(0));
    let offset = i128::from(pointer.off) + access.off;
    let end = offset + access.size;
    let mut steps = vec![step(
        fault,
        fault.step,
        format!("an access of {} at offset {offset}", bytes(access.size)),
        end.to_string(),
    )];
    steps.insert(0, step(fault, None, format!("bytes proven behind {}", access.base), range.to_string()));
    let result = format!("{offset} + size {} = {end} > {range} bytes proven", access.size);
    Some(Derivation { steps, result })
}

/// A packet offset that is too large for any comparison to prove it.
fn far_in_packet(fault: &Fault<'_>) -> Option<Derivation> {
    let access = fault.access()?;
    let sum = bounds::offset(fault, access.base)?;
    let mut steps = Vec::new();
    let mut high = sum.constant() + access.off + access.size;
    for (_, term) in &sum.terms {
        let (_, most, _) = number(fault, term, &mut steps)?;
        high += most;
    }
    steps.push(step(
        fault,
        fault.step,
        format!("an access of {} may end there", bytes(access.size)),
        high.to_string(),
    ));
    Some(Derivation {
        result: format!("{high} > {MOST_PACKET_OFFSET}, the farthest that a comparison proves"),
        steps,
    })
}

/// Where a pointer that may be NULL comes from, and what of the way to its use leaves that open.
fn null(fault: &Fault<'_>) -> Option<Derivation> {
    use crate::slice::{Origin, Place, Role, is_null_check, slice};
    let (last, reg) = (fault.step?, fault.register?);
    let story = slice(&fault.path, last, &[Place::Reg { frame: fault.frame, reg }]);
    let origin = story.events.iter().find(|event| event.role == Role::Origin(Origin::Call))?;
    let slot = |step: usize| fault.path.steps()[step].slot;
    let maybe = "NULL or an address".to_owned();
    let mut steps = vec![step(fault, Some(origin.step), super::words::event(fault, origin), maybe.clone())];
    for event in story.events.iter().filter(|event| event.step > origin.step) {
        // A comparison with something else than NULL, and a copy, leave it open.
        if matches!(event.role, Role::Moved | Role::Compared) {
            steps.push(step(fault, Some(event.step), super::words::event(fault, event), maybe.clone()));
        }
    }
    let between = origin.step + 1..last;
    let elsewhere = between.clone().find(|at| fault.path.insn(*at).is_some_and(|insn| is_null_check(&insn)));
    let text = fault.path.text(last).to_owned();
    steps.push(step(fault, Some(last), format!("{text}: {reg} is used"), "an address is needed".to_owned()));
    let compared = match elsewhere {
        Some(at) => format!("the comparison at {} is of another pointer", slot(at)),
        None => "nothing on the way compares it with NULL".to_owned(),
    };
    let (from, to) = (slot(origin.step), slot(last));
    Some(Derivation { steps, result: format!("{reg} may be NULL from {from} to {to}: {compared}") })
}
