//! Accesses to the stack: the bytes they touch, and which of those the program has written.

use knockwright_asm::linux::helper::{Argument, Signature};
use knockwright_asm::{Helper, Insn, Reg};
use knockwright_verifier::log::{PointerKind, RegState};
use knockwright_verifier::message::Kind;

use super::derive::LOWEST_ON_STACK;
use super::{Fault, memory_operand};
use crate::reading::When;

/// The bytes of the stack that a refused access touches, by the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Touched {
    /// The frame whose stack it is.
    pub(crate) frame: u32,
    /// The offset of the first byte from the frame pointer.
    pub(crate) first: i128,
    /// The offset behind the last byte.
    pub(crate) end: i128,
    /// The first byte that the verifier finds never written, where it says so.
    pub(crate) missing: Option<i128>,
}

impl Touched {
    /// Whether all of it lies in the frame.
    pub(crate) fn is_inside(&self) -> bool {
        self.first >= LOWEST_ON_STACK && self.end <= 0
    }
}

/// The bytes that the message names; none if it's about something else.
pub(crate) fn touched(fault: &Fault<'_>) -> Option<Touched> {
    let (message, _) = fault.message.as_ref()?;
    let is_of_stack = matches!(
        message.kind,
        Kind::StackRead
            | Kind::StackWrite
            | Kind::StackByte
            | Kind::ArgumentByte
            | Kind::HelperStack
            | Kind::HelperByte
    );
    let number = |hole| message.fields.number(hole).map(i128::from);
    let (off, size) = (number("off").filter(|_| is_of_stack)?, number("size")?);
    let base = fault.memory_operand().map(|(base, ..)| base).or(fault.register);
    let step = fault.step?;
    let owner = base.and_then(|base| fault.path.stack_address(step, fault.frame, base, 0));
    (size > 0).then(|| Touched {
        frame: owner.map_or(fault.frame, |(frame, _)| frame),
        first: off,
        end: off + size,
        missing: number("at").map(|at| off + at),
    })
}

/// Whether a byte of the stack was written before an instruction, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// By the instruction of a step.
    By(usize),
    /// By something that the log doesn't show.
    Before,
    Never,
    Unknown,
}

/// How many steps back writers are looked for: each step's states are read.
const MOST_STEPS: usize = 20_000;

/// What is known of each byte of a frame's stack from an offset up to another before the fault.
pub(crate) fn written(fault: &Fault<'_>, frame: u32, first: i128, end: i128) -> Vec<(i32, Written)> {
    let clamp = |offset: i128| i32::try_from(offset.clamp(LOWEST_ON_STACK, 0)).unwrap_or(0);
    let mut bytes: Vec<(i32, Option<Written>)> =
        (clamp(first)..clamp(end)).map(|byte| (byte, None)).collect();
    let never = look_back(fault, frame, &mut bytes);
    bytes.into_iter().map(|(byte, known)| (byte, known.unwrap_or(never))).collect()
}

/// Looks for who wrote bytes, and says what holds of those that nobody wrote.
fn look_back(fault: &Fault<'_>, owner: u32, bytes: &mut [(i32, Option<Written>)]) -> Written {
    let path = &fault.path;
    let Some(last) = fault.step else { return Written::Unknown };
    let steps = path.steps();
    // Something may have written anywhere.
    let mut is_blurred = false;
    for step in (last.saturating_sub(MOST_STEPS)..last).rev() {
        let is_settled =
            |known: &Option<Written>| known.is_some_and(|how| how != Written::Before || is_blurred);
        if bytes.iter().all(|(_, known)| is_settled(known)) {
            return Written::Unknown;
        }
        if path.is_cut_before(step + 1) {
            return Written::Unknown;
        }
        if steps[step].frame < owner {
            // The frame begins after the call, with nothing in it.
            return if is_blurred { Written::Unknown } else { Written::Never };
        }
        let store = store(fault, step, owner);
        if let Store::At(start, end) = store {
            let of_it = |(byte, known): &&mut (i32, Option<Written>)| {
                !is_settled(known) && (start..end).contains(byte)
            };
            bytes.iter_mut().filter(of_it).for_each(|(_, known)| *known = Some(Written::By(step)));
        }
        if bytes.iter().any(|(_, known)| known.is_none()) {
            shown(fault, step, owner, is_blurred, bytes);
        }
        is_blurred |= matches!(store, Store::Somewhere);
    }
    let is_start = last <= MOST_STEPS && path.is_whole() && owner == 0;
    if is_start && !is_blurred { Written::Never } else { Written::Unknown }
}

/// Takes what the states after a step show of bytes.
fn shown(fault: &Fault<'_>, step: usize, owner: u32, is_blurred: bool, bytes: &mut [(i32, Option<Written>)]) {
    for (when, state) in fault.path.reading.trail.shown_states(step) {
        if when != When::AfterIt || state.frame != owner {
            continue;
        }
        for (byte, known) in bytes.iter_mut().filter(|(_, known)| known.is_none()) {
            let Some(slot) = state.slot(byte.div_euclid(8) * 8) else { continue };
            let letter = usize::try_from(byte.rem_euclid(8)).ok().and_then(|at| slot.bytes.at(at));
            *known = match letter {
                Some('?') if is_blurred => Some(Written::Unknown),
                Some('?') => Some(Written::Never),
                // Nothing reads it any more, so the verifier has forgotten it.
                Some('p') => Some(Written::Unknown),
                None if slot.spilled.is_none() => Some(Written::Unknown),
                _ => Some(Written::Before),
            };
        }
    }
}

/// What a step writes of a frame's stack.
enum Store {
    None,
    /// From one offset up to another.
    At(i32, i32),
    /// Something, or maybe nothing.
    Somewhere,
}

fn store(fault: &Fault<'_>, step: usize, owner: u32) -> Store {
    let frame = fault.path.steps()[step].frame;
    let Some(insn) = fault.path.insn(step) else { return Store::Somewhere };
    match insn {
        Insn::Store { .. } | Insn::StoreImm { .. } | Insn::StoreRelease { .. } | Insn::Atomic { .. } => {
            let Some((base, off, size)) = memory_operand(&insn) else { return Store::Somewhere };
            if is_elsewhere(fault, step, frame, base) {
                return Store::None;
            }
            match fault.path.stack_address(step, frame, base, off) {
                Some((at, start)) if at == owner => {
                    Store::At(start, start.saturating_add(i32::try_from(size).unwrap_or(i32::MAX)))
                }
                Some(_) => Store::None,
                None => Store::Somewhere,
            }
        }
        Insn::CallHelper { helper } => match helper.helper() {
            Some(helper) if !may_write(fault, step, frame, helper) => Store::None,
            _ => Store::Somewhere,
        },
        Insn::CallKfunc { .. } => Store::Somewhere,
        // What the log doesn't show of a function may write through its arguments.
        Insn::CallLocal { .. } => match fault.path.steps().get(step + 1) {
            Some(next) if next.frame > frame => Store::None,
            _ => Store::Somewhere,
        },
        _ => Store::None,
    }
}

/// Whether a register points to something else than the stack for sure.
fn is_elsewhere(fault: &Fault<'_>, step: usize, frame: u32, reg: Reg) -> bool {
    match fault.path.before(step, frame, reg) {
        Some(RegState::Pointer(pointer)) => pointer.kind != PointerKind::Stack,
        Some(RegState::Scalar(_)) => true,
        _ => false,
    }
}

/// Whether a helper may write memory that one of its arguments points to on the stack.
fn may_write(fault: &Fault<'_>, step: usize, frame: u32, helper: Helper) -> bool {
    helper.prototypes().iter().any(|prototype| {
        let Signature::Known { arguments, .. } = prototype.signature else { return true };
        arguments.iter().zip(1..).any(|(argument, number)| {
            let is_written = matches!(
                argument,
                Argument::ValueOut
                    | Argument::MemOut
                    | Argument::MemInOut
                    | Argument::FixedInOut(_)
                    | Argument::FixedOut(_)
                    | Argument::StackOrNull
                    | Argument::Callback
            );
            let reg = Reg::from_number(number);
            is_written && reg.is_none_or(|reg| !is_elsewhere(fault, step, frame, reg))
        })
    })
}
