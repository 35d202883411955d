//! What the pictures need beside the diagnosis.

use std::collections::BTreeMap;

use knockwright_asm::{Item, Program, Reg};

use crate::analysis::Fault;
use crate::diagnosis::{Trace, TraceRegister, TraceStep};
use crate::numbers;
use crate::reading::{SourceText, When};

/// The most steps of a path that pictures get.
const MOST_STEPS: usize = 2_000;

/// What the pictures need: the program, the path and the accessed object.
pub(crate) fn trace(fault: &Fault<'_>) -> Trace {
    let log = fault.path.reading;
    let steps = fault.path.steps();
    let from = steps.len().saturating_sub(MOST_STEPS);
    let path = (from..steps.len()).map(|step| trace_step(fault, step)).collect();
    let listing = log
        .listing
        .iter()
        .enumerate()
        .filter_map(|(slot, insn)| insn.as_ref().map(|(opcode, text)| (slot, *opcode, text.to_string())))
        .collect();
    Trace {
        listing,
        functions: log.functions.clone(),
        path,
        left_out: from + log.trail.forgotten,
        ..Trace::default()
    }
}

/// The source line that an object has for a slot.
pub(crate) fn source_of(program: &Program, slot: usize) -> Option<SourceText> {
    program.slots().find(|(at, _)| *at == slot).and_then(|(_, item)| source_text(item))
}

fn source_text(item: &Item) -> Option<SourceText> {
    let line = item.source.as_ref()?;
    Some(SourceText { file: Some(line.file.to_string()), line: Some(line.line), text: line.text.to_string() })
}

/// The source lines by slot: those of the log, and of the object where the log has none.
pub(crate) fn sources(fault: &Fault<'_>, program: Option<&Program>) -> BTreeMap<usize, SourceText> {
    let log = fault.path.reading;
    let of_object = program
        .into_iter()
        .flat_map(|program| program.slots())
        .filter_map(|(slot, item)| Some((slot, source_text(item)?)));
    let mut sources: BTreeMap<usize, SourceText> = of_object.collect();
    for (slot, source) in &log.listing_sources {
        let Some(shown) = log.trail.sources.get(*source) else { continue };
        // Before Linux 6.9 a log has the line's text and no more.
        if shown.line.is_some() || !sources.contains_key(slot) {
            sources.insert(*slot, shown.clone());
        }
    }
    sources
}

fn trace_step(fault: &Fault<'_>, step: usize) -> TraceStep {
    let log = fault.path.reading;
    let at = &fault.path.steps()[step];
    let mut registers: Vec<TraceRegister> = Vec::new();
    let written = || fault.path.insn(step).map(|insn| insn.writes());
    for (when, state) in log.trail.shown_states(step) {
        if state.frame != at.frame {
            continue;
        }
        // What a register held before it was written isn't what it holds now.
        let is_old = |number: u8| {
            when == When::BeforeIt
                && written().is_none_or(|set| Reg::from_number(number).is_some_and(|reg| set.contains(reg)))
        };
        for (number, _, value) in &state.regs {
            if is_old(*number) || registers.iter().any(|known| known.register == *number) {
                continue;
            }
            let clamp = |value: i128| i64::try_from(value).ok();
            let (range, kind) = match value {
                knockwright_verifier::log::RegState::Pointer(pointer) => {
                    let (low, high) = numbers::offsets(pointer);
                    (clamp(low).zip(clamp(high)), pointer.type_name())
                }
                knockwright_verifier::log::RegState::Scalar(_) => (
                    numbers::range(value).and_then(|(low, high)| Some((clamp(low)?, clamp(high)?))),
                    "scalar".to_owned(),
                ),
                knockwright_verifier::log::RegState::Unknown(text) => (None, (*text).to_owned()),
            };
            let state = value.display(log.trail.dialect()).to_string();
            registers.push(TraceRegister { register: *number, state, range, kind });
        }
    }
    registers.sort_by_key(|register| register.register);
    TraceStep {
        insn: at.slot,
        text: fault.path.text(step).to_owned(),
        frame: at.frame,
        taken: at.taken,
        source: log.trail.source(step).cloned(),
        registers,
    }
}
