//! What the walk writes to the log, and up to where it has.

use super::wanted::Wanted;
use crate::btf::LineInfo;
use crate::log::Log;
use crate::log::number::push_decimal;
use crate::log::state_line::Parts;
use crate::machine::{At, Changes, Event, Facts};
use crate::message::Message;
use crate::program::{Shown, push_insn};
use crate::state::{STACK_SLOTS, State, slot_offset};
use crate::stop::Stop;

/// The log of a walk.
#[derive(Debug)]
pub(super) struct Listing<'a> {
    facts: Facts<'a>,
    log: &'a mut Log,
    /// The source line written last.
    last_line: Option<usize>,
    /// The last instruction that the log shows, at whatever level.
    last_insn: Option<usize>,
}

impl<'a> Listing<'a> {
    pub(super) fn new(facts: Facts<'a>, log: &'a mut Log) -> Self {
        Self { facts, log, last_line: None, last_insn: None }
    }

    /// The log, if anything is written.
    pub(super) fn on(&mut self) -> Option<&mut Log> {
        self.log.is_on().then_some(&mut *self.log)
    }

    /// The log, if every path is written.
    pub(super) fn in_full(&mut self) -> Option<&mut Log> {
        self.log.is_full().then_some(&mut *self.log)
    }

    /// The log, for what is written by itself where it's on.
    pub(super) fn log(&mut self) -> &mut Log {
        self.log
    }

    /// Where the log has come to.
    pub(super) fn position(&self) -> usize {
        self.log.position()
    }

    /// A path has ended without a fault: at level 1 nothing of it is kept.
    pub(super) fn drop_path(&mut self, position: usize) {
        if !self.log.is_full() {
            self.log.rewind(position);
        }
    }

    /// The log shows an instruction, or would.
    pub(super) fn pass(&mut self, insn: usize) {
        self.last_insn = Some(insn);
    }

    /// The last instruction that the log shows, at whatever level.
    pub(super) fn last_insn(&self) -> Option<usize> {
        self.last_insn
    }

    /// The state before an instruction is known.
    pub(super) fn safe(&mut self, at: At<'_>, changes: Changes, previous: i64) {
        let insn = at.insn;
        let Some(log) = self.on() else {
            return;
        };
        if changes.whole {
            let how = how(at.state);
            log.write(format_args!("\nfrom {previous} to {insn}{how}: safe\n"));
        } else {
            log.write(format_args!("{insn}: safe\n"));
        }
    }

    /// Writes the state where it's due, the source line and the instruction.
    #[inline] // asked at each instruction
    pub(super) fn before(&mut self, at: At<'_>, changes: &mut Changes, previous: i64) {
        if self.log.is_on() {
            self.write_before(at, changes, previous);
        }
    }

    fn write_before(&mut self, at: At<'_>, changes: &mut Changes, previous: i64) {
        let At { state, insn } = at;
        if changes.whole && self.log.is_full() {
            let how = how(state);
            self.log.write(format_args!("\nfrom {previous} to {insn}{how}:"));
            self.state(state, state.depth());
            changes.whole = false;
        }
        if changes.are_any() {
            self.changes(at, changes);
        }
        self.line(insn);
        let start = self.log.position();
        let out = self.log.text_mut();
        push_decimal(out, insn as i64);
        out.push_str(": ");
        push_line(out, self.facts, insn);
        self.log.end_instruction(start);
    }

    /// Writes the parts of the innermost frame that have changed.
    pub(super) fn changes(&mut self, at: At<'_>, changes: &mut Changes) {
        if !self.log.is_on() {
            return;
        }
        self.log.start_state(at.insn);
        let parts = Parts::Changed { regs: changes.regs, slots: changes.slots };
        self.log.state(at.state, at.state.depth(), parts, &self.facts.subject.maps);
        changes.clear();
    }

    /// Writes the whole state of a frame to the end of the line. Only to be used where the log is on.
    fn state(&mut self, state: &State, frame: usize) {
        self.log.state(state, frame, Parts::All, &self.facts.subject.maps);
    }

    /// Writes the source line of an instruction, unless it's the one written last.
    fn line(&mut self, at: usize) {
        let lines = &self.facts.subject.lines;
        let Some(index) = lines.partition_point(|line| line.insn <= at).checked_sub(1) else {
            return;
        };
        if self.last_line == Some(index) {
            return;
        }
        let line = &lines[index];
        let repeats = |last: usize| lines[last].number == line.number && lines[last].file == line.file;
        let with_places = self.facts.rules.source_places;
        if with_places && self.last_line.is_some_and(repeats) {
            return;
        }
        self.last_line = Some(index);
        let LineInfo { text, file, number, .. } = &lines[index];
        let name = file.rsplit('/').next().unwrap_or(file);
        if with_places {
            self.log.write(format_args!("; {text} @ {name}:{number}\n"));
        } else {
            self.log.write(format_args!("; {text}\n"));
        }
    }

    /// Writes a message that isn't the reason of a rejection.
    pub(super) fn note(&mut self, message: &Message) {
        self.log.message(message);
    }

    /// Writes why something is refused.
    pub(super) fn say(&mut self, stop: &Stop) {
        if let Stop::Reject(refusal) = stop {
            self.log.refusal(refusal);
        }
    }

    /// Writes what happens between two frames.
    pub(super) fn tell(&mut self, state: &State, event: Event) {
        if !self.log.is_on() {
            return;
        }
        match event {
            Event::Call { callee } => {
                self.log.push("caller:\n");
                self.state(state, callee - 1);
                self.log.push("callee:\n");
                self.state(state, callee);
            }
            Event::Return { callee } => {
                self.log.push("returning from callee:\n");
                self.state(state, callee);
            }
            Event::Caller { caller, next } => {
                self.log.write(format_args!("to caller at {next}:\n"));
                self.state(state, caller);
            }
        }
    }

    /// Writes that the program loops without end, between two states.
    pub(super) fn endless(&mut self, at: At<'_>, old: &State) {
        self.line(at.insn);
        self.note(&Message::InfiniteLoop { insn: at.insn.into() });
        if self.log.is_on() {
            let depth = at.state.depth();
            self.log.push("cur state:");
            self.state(at.state, depth);
            self.log.push("old state:");
            self.state(old, depth);
        }
    }

    /// Writes which numbers are wanted in a checkpoint's frame, and the frame, at level 2.
    pub(super) fn wanted_in(&mut self, state: &State, frame: usize, regs: u16, slots: u64) {
        if let Some(log) = self.in_full() {
            let out = log.text_mut();
            out.push_str("mark_precise: frame");
            push_decimal(out, frame as i64);
            out.push_str(": parent state regs=");
            push_regs(out, regs);
            out.push_str(" stack=");
            push_slots(out, slots);
            out.push_str(": ");
            self.state(state, frame);
        }
    }

    /// Writes which numbers are wanted after an instruction of the innermost frame, at level 2.
    #[inline] // asked at each instruction that's walked back over
    pub(super) fn wanted_before(&mut self, insn: usize, wanted: &Wanted) {
        if self.log.is_full() {
            self.write_wanted_before(insn, wanted);
        }
    }

    fn write_wanted_before(&mut self, insn: usize, wanted: &Wanted) {
        let frame = wanted.frame();
        let out = self.log.text_mut();
        out.push_str("mark_precise: frame");
        push_decimal(out, frame as i64);
        out.push_str(": regs=");
        push_regs(out, wanted.regs(frame));
        out.push_str(" stack=");
        push_slots(out, wanted.slots(frame));
        out.push_str(" before ");
        push_decimal(out, insn as i64);
        out.push_str(": ");
        push_line(out, self.facts, insn);
    }
}

/// What the log adds to the way to a state that only speculation leads to.
fn how(state: &State) -> &'static str {
    if state.speculative { " (speculative execution)" } else { "" }
}

/// Appends an instruction and the end of the line.
fn push_line(out: &mut String, facts: Facts<'_>, insn: usize) {
    let Facts { subject, structure, rules, options, .. } = facts;
    let shown = Shown { addresses: options.perfmon, rules };
    push_insn(out, subject, structure.insns[insn].as_ref(), insn, shown);
    out.push('\n');
}

/// Appends `r1,r2`.
fn push_regs(out: &mut String, mask: u16) {
    let mut first = true;
    for reg in 0..16 {
        if mask & 1 << reg != 0 {
            if !first {
                out.push(',');
            }
            first = false;
            out.push('r');
            push_decimal(out, reg);
        }
    }
}

/// Appends `-8,-16`.
pub(super) fn push_slots(out: &mut String, mask: u64) {
    let mut first = true;
    for slot in 0..STACK_SLOTS {
        if mask & 1 << slot != 0 {
            if !first {
                out.push(',');
            }
            first = false;
            push_decimal(out, i64::from(slot_offset(slot)));
        }
    }
}

/// Writes the list of instructions with the registers that are live before each, at level 2.
pub(crate) fn write_live_registers(facts: Facts<'_>, log: &mut Log) {
    if !log.is_full() {
        return;
    }
    let Facts { subject, flow, .. } = facts;
    log.push("Live regs before insn:\n");
    for at in 0..subject.slots.len() {
        if subject.slots[at].opcode == 0 {
            continue;
        }
        match flow.loops[at] {
            None => log.push("    "),
            Some(number) => log.write(format_args!("{number:3} ")),
        }
        log.write(format_args!("{at:3}: "));
        let out = log.text_mut();
        for reg in 0..10_u8 {
            out.push(if flow.live_regs[at] & 1 << reg == 0 { '.' } else { char::from(b'0' + reg) });
        }
        out.push(' ');
        push_line(out, facts, at);
    }
}
