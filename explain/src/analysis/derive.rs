//! The numbers of a message, derived from the instructions that made them.

use knockwright_asm::{Insn, Program};
use knockwright_verifier::log::RegState;
use knockwright_verifier::message::Kind;

use super::packet_numbers::{far_in_packet, packet};
use super::{Access, Fault, Object, bounds, buffer, context, refused_access, stack_numbers};
use crate::counted::counted;
use crate::derivation::{Derivation, DerivationStep};
use crate::numbers::{self, Does, Term};

/// The offset of a frame's lowest byte.
pub(super) const LOWEST_ON_STACK: i128 = -512;

/// How far from its start a pointer must not be.
///
/// Source: `BPF_MAX_VAR_OFF`, as observed in the message `value … makes … pointer be out of bounds`.
const FARTHEST: i128 = 1 << 29;

/// Which numbers lead to the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// Those of an offset, if the message is about one.
    Offset,
    /// A size that a helper is given.
    Size,
    /// The bytes of the packet that are proven and needed.
    Packet,
    /// How far in the packet the access may be.
    FarInPacket,
    /// The pointer that may be NULL.
    Null,
}

/// Where the numbers of an access come from.
pub(crate) fn derive(fault: &Fault<'_>, numbers: Numbers, program: Option<&Program>) -> Option<Derivation> {
    match numbers {
        Numbers::FarInPacket => far_in_packet(fault).or_else(|| packet(fault)),
        Numbers::Size => size(fault),
        Numbers::Packet => packet(fault),
        Numbers::Null => null(fault),
        Numbers::Offset => is_offset(fault)
            .then(|| offset(fault, program))
            .flatten()
            .or_else(|| stack_numbers::derive(fault))
            .or_else(|| buffer::derive(fault))
            .or_else(|| context::derive(fault, program)),
    }
}

/// Whether the fault is an offset into an object.
pub(crate) fn is_offset(fault: &Fault<'_>) -> bool {
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
                | Kind::SpeculativeKind
                | Kind::SpeculativeSigns
                | Kind::SpeculativePaths
                | Kind::SpeculativeBounds
                | Kind::SpeculativeValue
                | Kind::SpeculativeStack
                | Kind::SpeculativePath
                | Kind::StackVariable
                | Kind::StackUnbounded
                | Kind::StackVariesUnprivileged
                | Kind::StackWrite
        )
    )
}

pub(super) fn step(fault: &Fault<'_>, at: Option<usize>, text: String, value: String) -> DerivationStep {
    DerivationStep { insn: at.map(|at| fault.path.steps()[at].slot), text, value }
}

/// What a number comes to: its smallest and its largest value, and each as a formula of what it was made from.
pub(super) struct Number {
    low: i128,
    pub(super) high: i128,
    low_formula: String,
    high_formula: String,
}

impl Number {
    pub(super) fn is_unbounded(&self) -> bool {
        self.high >= i128::from(i64::MAX)
    }

    pub(super) fn range(&self) -> String {
        match (self.is_unbounded(), self.low == self.high) {
            (true, _) => "no upper bound".to_owned(),
            (_, true) => self.high.to_string(),
            _ => format!("{} to {}", self.low, self.high),
        }
    }

    /// None where a calculation in 64 bits may have wrapped.
    fn does(&mut self, does: Does) -> Option<()> {
        let fits = |value: &i128| (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(value);
        let apply = |value: i128| match does {
            Does::Times(factor) => value.checked_mul(factor).filter(fits),
            Does::Plus(plus) => value.checked_add(plus).filter(fits),
        };
        if self.is_unbounded() {
            // Nothing bounds what is made of it either; its numbers aren't used any more.
            return Some(());
        }
        (self.low, self.high) = (apply(self.low)?, apply(self.high)?);
        for formula in [&mut self.low_formula, &mut self.high_formula] {
            *formula = match does {
                Does::Times(factor) if formula.contains(' ') => format!("({formula})*{factor}"),
                Does::Times(factor) => format!("{formula}*{factor}"),
                Does::Plus(plus) => format!("{formula} {} {}", if plus < 0 { "-" } else { "+" }, plus.abs()),
            };
        }
        Some(())
    }
}

/// Adds the story of a number to the steps, and gives what it comes to; none where a part isn't known, or the log shows
/// something else for it.
pub(super) fn number(fault: &Fault<'_>, term: &Term, steps: &mut Vec<DerivationStep>) -> Option<Number> {
    let (low, high) = term.range?;
    let mut number = Number { low, high, low_formula: low.to_string(), high_formula: high.to_string() };
    let source = bound_source(fault, term);
    steps.push(step(fault, source.0, source.1, number.range()));
    for operation in &term.operations {
        number.does(operation.does)?;
        let text = fault.path.text(operation.step).to_owned();
        steps.push(step(fault, Some(operation.step), text, number.range()));
    }
    Some(number)
}

/// The instruction that gave a number its range, in words: a comparison or a load.
fn bound_source(fault: &Fault<'_>, term: &Term) -> (Option<usize>, String) {
    use crate::slice::{Role, Storage, slice};
    let story = slice(&fault.path, term.step, &[Storage::Reg { frame: term.frame, reg: term.reg }]);
    // The newest event that isn't a mere copy says where the range comes from.
    let event = story.events.iter().rev().find(|event| event.role != Role::Moved);
    match event {
        Some(event) => (Some(event.step), super::words::event(fault, event)),
        None => (None, format!("{} as the log shows it", term.reg)),
    }
}

/// The offset of an access, from the instructions where they tell it, else from the message alone.
fn offset(fault: &Fault<'_>, program: Option<&Program>) -> Option<Derivation> {
    if matches!(fault.kind(), Some(Kind::ValueOutOfBounds)) {
        return far_number(fault);
    }
    calculated(fault, program).or_else(|| said(fault))
}

/// The room that an object has, from its first byte to the byte behind its last one.
fn room(access: &Access) -> Option<(i128, i128)> {
    match access.object {
        // Offsets on the stack count from the frame pointer down.
        Object::Stack => Some((LOWEST_ON_STACK, 0)),
        _ => Some((0, access.object_size?)),
    }
}

/// The offset as the instructions make it; none where something isn't known, or where the log itself has other numbers.
#[expect(clippy::too_many_lines, reason = "one sum, whose parts are shown and added up together")]
fn calculated(fault: &Fault<'_>, program: Option<&Program>) -> Option<Derivation> {
    let access = refused_access(fault, program)?;
    let sum = bounds::offset(fault, access.base)?;
    let origin = sum.origin?;
    let (first, end) = room(&access)?;
    let mut steps = Vec::new();
    let mut parts: Vec<(String, String)> = Vec::new();
    let (mut low, mut high) = (access.off.checked_add(origin)?, access.off.checked_add(origin)?);
    let mut unbounded = false;
    if origin != 0 {
        let text = format!("{} comes with the offset {origin}", access.base);
        steps.push(step(fault, None, text, origin.to_string()));
        parts.push((origin.to_string(), origin.to_string()));
    }
    for (at, value) in &sum.constants {
        let text = fault.path.text(*at).to_owned();
        steps.push(step(fault, Some(*at), text, value.to_string()));
        (low, high) = (low.checked_add(*value)?, high.checked_add(*value)?);
        parts.push((value.to_string(), value.to_string()));
    }
    for (at, term) in &sum.terms {
        let number = number(fault, term, &mut steps)?;
        unbounded |= number.is_unbounded();
        (low, high) = (low.checked_add(number.low)?, high.checked_add(number.high)?);
        let text =
            format!("{} is added to the pointer", fault.path.text(*at).rsplit(' ').next().unwrap_or("it"));
        // The instruction's own offset comes last.
        let value = if unbounded {
            "anywhere".to_owned()
        } else {
            format!("{} to {}", low - access.off, high - access.off)
        };
        steps.push(step(fault, Some(*at), text, value));
        parts.push((number.low_formula, number.high_formula));
    }
    if access.off != 0 || parts.is_empty() {
        let text = format!("the instruction's own offset is {}", access.off);
        steps.push(step(fault, fault.step, text, access.off.to_string()));
        parts.push((access.off.to_string(), access.off.to_string()));
    }
    if unbounded {
        return fault.said().is_none().then(|| Derivation {
            result: format!(
                "nothing bounds the number: the offset can be anything, and {}",
                there(end - first)
            ),
            steps,
        });
    }
    agrees(fault, &access, low, high).then_some(())?;
    let sides = Sides { low, high, first, end };
    let formula = |of: fn(&(String, String)) -> &str| join(parts.iter().map(of));
    if sides.is_below(fault) {
        let formula = formula(|(low, _)| low);
        let sum = if formula == low.to_string() { formula } else { format!("{low} = {formula}") };
        return Some(Derivation { steps, result: below(&access, &sum, low, first) });
    }
    let size = access.size?;
    let farthest = high.checked_add(size)?;
    (farthest > end).then_some(())?;
    let text = format!("an access of {} ends at {high} + {size}", bytes(size));
    steps.push(step(fault, fault.step, text, farthest.to_string()));
    let formula = formula(|(_, high)| high);
    let sum = if formula == high.to_string() { formula } else { format!("{high} = {formula}") };
    Some(Derivation { steps, result: beyond(&access, &sum, size, farthest) })
}

/// The ends of an access, and the room that it has.
struct Sides {
    low: i128,
    high: i128,
    first: i128,
    end: i128,
}

impl Sides {
    /// Whether it's the low end that the verifier complains of.
    fn is_below(&self, fault: &Fault<'_>) -> bool {
        let complains_of_low = match fault.kind() {
            Some(Kind::MinNegative | Kind::MinOutside) => true,
            Some(Kind::MaxOutside | Kind::UnboundedAccess) => false,
            // The numbers alone name the end that is meant.
            _ => self.high < self.end || fault.said().is_some_and(|said| said.offset == self.low),
        };
        self.low < self.first && complains_of_low
    }
}

/// Whether what was calculated is what the log has: in the message, and in the pointer's last state.
fn agrees(fault: &Fault<'_>, access: &Access, low: i128, high: i128) -> bool {
    let by_message = fault.said().is_none_or(|said| {
        let same = match fault.kind() {
            Some(Kind::MaxOutside) => said.offset == high,
            Some(Kind::MinOutside) => said.offset == low,
            _ => said.offset == low || said.offset == high,
        };
        same && access.size.is_none_or(|size| size == said.size)
            && access.object_size.is_none_or(|size| size == said.object_size)
    });
    let is_sum = matches!(fault.insn, Some(Insn::Alu { .. }));
    let by_state = match fault.state(access.base) {
        // Before an addition the pointer isn't there yet.
        Some(RegState::Pointer(pointer)) if !is_sum => {
            let (least, most) = numbers::offsets(&pointer);
            least + access.off == low && most + access.off == high
        }
        _ => true,
    };
    by_message && by_state
}

/// The smallest and the largest offset of an access, and its bytes: as calculated where the log has nothing else, else as
/// the message has them.
pub(crate) fn window(fault: &Fault<'_>, access: &Access) -> Option<(i128, i128, i128)> {
    let calculated = || {
        let (low, high) = bounds::offset(fault, access.base)?.ends()?;
        let (low, high) = (low.checked_add(access.off)?, high.checked_add(access.off)?);
        agrees(fault, access, low, high).then_some((low, high, access.size?))
    };
    calculated()
        .or_else(|| fault.said().map(|said| (said.offset, said.offset, said.size)))
        .filter(|(low, high, bytes)| low <= high && *bytes > 0)
}

fn below(access: &Access, sum: &str, low: i128, first: i128) -> String {
    match access.object {
        Object::Stack => format!("{sum} < {first}, the frame's lowest byte"),
        _ => format!("{sum}: {} before the start", bytes(-low)),
    }
}

fn beyond(access: &Access, sum: &str, size: i128, end: i128) -> String {
    match (&access.object, access.object_size) {
        (Object::Stack, _) | (_, None) => format!("{sum}, + size {size} = {end} > 0, the end of the frame"),
        (object, Some(whole)) => format!("{sum}, + size {size} = {end} > {}{whole}", object_name(object)),
    }
}

/// The numbers that the message itself has, where no more is known.
fn said(fault: &Fault<'_>) -> Option<Derivation> {
    let said = fault.said()?;
    let access = fault.access()?;
    let offset = said.offset.to_string();
    let mut steps = vec![step(fault, None, "the offset, by the message".to_owned(), offset.clone())];
    if said.offset < 0 {
        return Some(Derivation { steps, result: below(&access, &offset, said.offset, 0) });
    }
    let end = said.offset.checked_add(said.size)?;
    (end > said.object_size && said.object_size >= 0).then_some(())?;
    let text = format!("an access of {} ends at {offset} + {}", bytes(said.size), said.size);
    steps.push(step(fault, fault.step, text, end.to_string()));
    let access = Access { object_size: Some(said.object_size), ..access };
    Some(Derivation { steps, result: beyond(&access, &offset, said.size, end) })
}

/// A number that is too far from zero for any pointer.
fn far_number(fault: &Fault<'_>) -> Option<Derivation> {
    let (message, _) = fault.message.as_ref()?;
    let value = i128::from(message.fields.number("value")?);
    let at = fault.step?;
    (value.abs() >= FARTHEST).then_some(())?;
    let mut steps = Vec::new();
    let sum = fault.register.map(|number| crate::numbers::term(&fault.path, at, fault.frame, number));
    let found = sum.and_then(|term| number(fault, &term, &mut steps));
    if found.is_none_or(|found| found.low != value) {
        steps.clear();
    }
    steps.push(step(fault, Some(at), fault.path.text(at).to_owned(), value.to_string()));
    let result = if value < 0 {
        format!("{value} <= {}, and pointers stay less than that before their start", -FARTHEST)
    } else {
        format!("{value} >= {FARTHEST}, and pointers stay less than that behind their start")
    };
    Some(Derivation { steps, result })
}

fn object_name(object: &Object) -> &'static str {
    match object {
        Object::MapValue { .. } => "value_size ",
        Object::Memory => "mem_size ",
        _ => "",
    }
}

pub(super) fn bytes(count: i128) -> String {
    counted(count, "byte")
}

/// How many bytes an access may touch.
fn there(count: i128) -> String {
    format!("{} {} there", bytes(count), if count == 1 { "is" } else { "are" })
}

fn join<'p>(parts: impl Iterator<Item = &'p str>) -> String {
    let mut text = String::new();
    for (index, part) in parts.enumerate() {
        match part.strip_prefix('-') {
            Some(rest) if index > 0 => text.push_str(&format!(" - {rest}")),
            _ if index > 0 => text.push_str(&format!(" + {part}")),
            _ => text.push_str(part),
        }
    }
    text
}

/// The bytes that lie behind a pointer that a helper is given, as the message and the state tell it.
pub(crate) fn room_behind(fault: &Fault<'_>, access: &Access) -> Option<i128> {
    if let Some(said) = fault.said() {
        return said.object_size.checked_sub(said.offset);
    }
    let RegState::Pointer(pointer) = fault.state(access.base)? else { return None };
    access.object_size?.checked_sub(pointer.max_offset())
}

fn size(fault: &Fault<'_>) -> Option<Derivation> {
    let access = fault.access()?;
    let argument = access.size_argument?;
    let term = crate::numbers::term(&fault.path, fault.step?, fault.frame, argument.size);
    let mut steps = Vec::new();
    let found = number(fault, &term, &mut steps);
    let is_zero = fault.kind() == Some(Kind::ZeroSize) || fault.said().is_some_and(|said| said.size == 0);
    if is_zero {
        if found.is_none_or(|found| found.low != 0) {
            steps = vec![step(fault, None, "the size, by the message".to_owned(), "0".to_owned())];
        }
        if let Some(room) = room_behind(fault, &access) {
            let text = format!("{} points to {}", access.base, bytes(room));
            steps.push(step(fault, fault.step, text, room.to_string()));
        }
        return Some(Derivation { steps, result: "the size may be 0".to_owned() });
    }
    let room = room_behind(fault, &access)?;
    let said = fault.said().map(|said| said.size);
    let found = found.filter(|found| said.is_none_or(|size| found.high == size));
    let Some(found) = found else {
        let size = said.filter(|size| *size > room)?;
        let steps = vec![
            step(fault, None, "the size, by the message".to_owned(), size.to_string()),
            step(fault, fault.step, format!("{} points to {}", access.base, bytes(room)), room.to_string()),
        ];
        return Some(Derivation { steps, result: format!("{size} > {}", bytes(room)) });
    };
    steps.push(step(
        fault,
        fault.step,
        format!("{} points to {}", access.base, bytes(room)),
        room.to_string(),
    ));
    let (low, high) = (found.low, found.high);
    let result = if fault.kind() == Some(Kind::NegativeSize) {
        (low < 0).then(|| format!("the size may be {low}, and {}", there(room)))?
    } else if found.is_unbounded() {
        format!("nothing bounds the size, and {}", there(room))
    } else {
        (high > room).then_some(())?;
        let formula = found.high_formula;
        let sum = if formula == high.to_string() { formula } else { format!("{high} = {formula}") };
        format!("{sum} > {}", bytes(room))
    };
    Some(Derivation { steps, result })
}

/// Where a pointer that may be NULL comes from, and what of the way to its use leaves that open.
fn null(fault: &Fault<'_>) -> Option<Derivation> {
    use crate::slice::{Origin, Role, Storage, is_null_check, slice};
    let (last, reg) = (fault.step?, fault.register?);
    let story = slice(&fault.path, last, &[Storage::Reg { frame: fault.frame, reg }]);
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
    let checks: Vec<usize> =
        between.filter(|at| fault.path.insn(*at).is_some_and(|insn| is_null_check(&insn))).collect();
    let is_of_pointer = |at: usize| {
        let Some(Insn::JumpIf { dst, .. }) = fault.path.insn(at) else { return None };
        let state = fault.path.before(at, fault.path.steps()[at].frame, dst)?;
        Some(state.pointer().is_some_and(|pointer| pointer.may_be_null()))
    };
    let elsewhere = checks.iter().copied().find(|at| is_of_pointer(*at) == Some(true));
    let is_clear = checks.iter().all(|at| is_of_pointer(*at).is_some());
    let text = fault.path.text(last).to_owned();
    steps.push(step(fault, Some(last), format!("{text}: {reg} is used"), "an address is needed".to_owned()));
    let compared = match elsewhere {
        Some(at) => format!(": the comparison at {} is of another pointer", slot(at)),
        None if is_clear => ": nothing on the way compares it with NULL".to_owned(),
        // What is compared there isn't known.
        None => String::new(),
    };
    let (from, to) = (slot(origin.step), slot(last));
    Some(Derivation { steps, result: format!("{reg} may be NULL from {from} to {to}{compared}") })
}
