//! The path that failed: the instructions from the program's start to the last line, with the states that the log shows.
//!
//! At level 2 the log holds every path, one after the other. The verifier walks depth first: `from 72 to 110:` takes up the
//! branch that waited longest on the way back, so everything after instruction 72 belongs to a path that has ended. What
//! is kept is one path, however long the log is.

use knockwright_asm::opcode;
use knockwright_verifier::log::{Dialect, RegState, State, StateText};

use super::sources::Sources;

/// The most bytes of text that are kept; beyond that the middle of the path is forgotten.
const MOST_TEXT: usize = 8 << 20;

/// The first steps of a path are kept whatever its length: programs set up there what they use later.
const KEPT_AT_START: usize = 2_000;

/// A stretch of the kept text.
#[derive(Debug, Clone, Copy, Default)]
struct Stretch {
    start: u32,
    end: u32,
}

/// A state as the log shows it.
#[derive(Debug, Clone, Copy)]
struct Shown {
    text: Stretch,
    /// It stands after an access to memory without a slot of its own: Linux 5.10 to 5.17 writes there what the registers
    /// held before the access.
    before_access: bool,
}

/// How many states are asked for the dialect before it's taken for sure.
const STATES_ASKED: u32 = 200;

/// The moment that a state is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Before the instruction did anything.
    BeforeIt,
    /// When it was done.
    AfterIt,
}

/// One instruction on the path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// The slot in the program.
    pub(crate) slot: usize,
    /// The first byte of the instruction, if the log has it.
    pub(crate) opcode: Option<u8>,
    /// The frame: 0 for the program itself, 1 for a function that it calls.
    pub(crate) frame: u32,
    /// Whether the path goes on at the jump's target.
    pub(crate) taken: bool,
    /// Whether something is missing between the instruction before and this one.
    pub(crate) gap: bool,
    /// The first of the states after the instruction before that stand after the gap too, so that they're of this one.
    fresh: u32,
    /// The index of the source line, in [`Trail::sources`].
    pub(crate) source: Option<u32>,
    /// The branch that waited here has been taken up already.
    used: bool,
    text: Stretch,
    /// The first of its states, and their number.
    states: u32,
    /// Where the text ends that belongs to the instruction itself: states after it are of the fall-through.
    end: u32,
}

/// A line of source text as the log has it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct SourceText {
    /// The file, since Linux 6.9.
    pub file: Option<String>,
    /// The line, counted from 1, since Linux 6.9.
    pub line: Option<u32>,
    /// The line as the log has it.
    pub text: String,
}

/// An instruction of the log, as it's added to a path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewStep<'t> {
    pub(crate) slot: usize,
    pub(crate) opcode: Option<u8>,
    pub(crate) frame: u32,
    pub(crate) text: &'t str,
    /// It comes right after the last one; else something is missing between them.
    pub(crate) follows: bool,
    pub(crate) source: Option<u32>,
}

/// Whether the log says of which instruction a state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Named,
    Unsaid,
}

/// The path that failed.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    text: String,
    steps: Vec<Step>,
    states: Vec<Shown>,
    /// The steps at each slot, oldest first.
    at_slot: Vec<Vec<u32>>,
    pub(crate) sources: Sources,
    /// The number of states before the first step.
    initial_states: u32,
    dialect: Option<&'static Dialect>,
    /// How many states were asked for the dialect.
    states_asked: u32,
    /// How many steps in the middle were forgotten.
    pub(crate) forgotten: usize,
    /// Something is missing before the next instruction: the number of states that stand before the gap.
    gap: Option<u32>,
}

impl Trail {
    /// The instructions, oldest first.
    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The text of a step's instruction.
    pub(crate) fn text(&self, step: usize) -> &str {
        self.stretch(self.steps[step].text)
    }

    /// The source line of a step, if the log has it.
    pub(crate) fn source(&self, step: usize) -> Option<&SourceText> {
        self.steps[step].source.and_then(|index| self.sources.get(index))
    }

    /// Whether something is missing before the next instruction.
    pub(crate) fn is_in_gap(&self) -> bool {
        self.gap.is_some()
    }

    /// Whether something is missing after the last instruction.
    pub(crate) fn ends_in_gap(&self) -> bool {
        !self.steps.is_empty() && self.gap.is_some()
    }

    /// Whether something is visibly missing.
    pub(crate) fn has_gap(&self) -> bool {
        self.gap.is_some()
            || self.steps.first().is_some_and(|first| first.slot != 0)
            || self.steps.iter().any(|step| step.gap)
    }

    /// How the kernel writes states.
    pub(crate) fn dialect(&self) -> &'static Dialect {
        self.dialect.unwrap_or(&Dialect::V6_18)
    }

    /// Whether any state was seen that told the dialect.
    pub(crate) fn knows_dialect(&self) -> bool {
        self.dialect.is_some()
    }

    fn stretch(&self, stretch: Stretch) -> &str {
        &self.text[stretch.start as usize..stretch.end as usize]
    }

    /// The states after a step, in order.
    fn states_after(&self, step: Option<usize>) -> &[Shown] {
        // What stands after a gap is the next instruction's.
        let end = self.gap.unwrap_or(self.states.len() as u32);
        let to = |next: usize| self.steps.get(next).map_or(end, |next| next.fresh);
        let (from, to) = match step {
            None => (0, self.initial_states),
            Some(step) => (self.steps[step].states, to(step + 1)),
        };
        &self.states[from as usize..to as usize]
    }

    fn is_of(&self, shown: &Shown, when: When) -> bool {
        let is_before = shown.before_access && self.dialect() == &Dialect::V5_10;
        is_before == (when == When::BeforeIt)
    }

    /// What a register of a frame holds at a step as that step's states show it.
    pub(crate) fn shown(&self, step: Option<usize>, when: When, frame: u32, reg: u8) -> Option<RegState<'_>> {
        self.find(self.states_after(step), when, frame, reg)
    }

    /// What a register of a frame holds before a step that stands after a gap, as the states after the gap show it.
    pub(crate) fn shown_after_gap(&self, step: usize, frame: u32, reg: u8) -> Option<RegState<'_>> {
        let at = &self.steps[step];
        self.find(&self.states[at.fresh as usize..at.states as usize], When::AfterIt, frame, reg)
    }

    fn find(&self, states: &[Shown], when: When, frame: u32, reg: u8) -> Option<RegState<'_>> {
        states.iter().rev().filter(|shown| self.is_of(shown, when)).find_map(|shown| {
            let text = self.stretch(shown.text);
            (frame_of(text) == frame).then(|| StateText::new(text).reg(reg, self.dialect())).flatten()
        })
    }

    /// The states that the log shows at a step, the last one first, each with its moment.
    pub(crate) fn shown_states(&self, step: usize) -> Vec<(When, State<'_>)> {
        let states = self.states_after(Some(step)).iter().rev();
        let when = |shown| if self.is_of(shown, When::BeforeIt) { When::BeforeIt } else { When::AfterIt };
        states
            .map(|shown| (when(shown), StateText::new(self.stretch(shown.text)).parse(self.dialect())))
            .collect()
    }

    /// Whether an instruction accesses memory, itself or through a helper.
    fn accesses(&self, step: &Step) -> bool {
        step.opcode.is_some_and(|opcode| {
            !opcode::is_arithmetic(opcode) && !opcode::is_of_jumps(opcode)
                || opcode == opcode::CALL && self.target(step).is_none()
        })
    }

    /// The slot that the last instruction jumps to or calls, if it does.
    pub(crate) fn last_target(&self) -> Option<usize> {
        self.target(self.steps.last()?)
    }

    fn target(&self, step: &Step) -> Option<usize> {
        opcode::is_of_jumps(step.opcode?).then_some(())?;
        let text = self.stretch(step.text);
        // `goto pc+5`, `may_goto pc+5`, `gotol pc+5`, `call pc+5`.
        let distance = text[text.rfind(" pc")? + " pc".len()..].trim().parse::<isize>().ok()?;
        step.slot.checked_add_signed(distance + 1)
    }

    /// Adds an instruction.
    pub(crate) fn push(&mut self, step: NewStep<'_>) {
        let NewStep { slot, opcode, frame, text, follows, source } = step;
        if self.text.len() + text.len() > MOST_TEXT {
            self.forget_middle();
        }
        let text = self.keep(text);
        let index = self.steps.len() as u32;
        if !follows {
            self.mark_gap();
        }
        let states = self.states.len() as u32;
        let gap = self.gap.take();
        self.steps.push(Step {
            slot,
            opcode,
            frame,
            taken: false,
            gap: gap.is_some(),
            fresh: gap.unwrap_or(states),
            source,
            used: false,
            text,
            states,
            end: text.end,
        });
        if slot < MOST_SLOTS {
            if self.at_slot.len() <= slot {
                self.at_slot.resize_with(slot + 1, Vec::new);
            }
            self.at_slot[slot].push(index);
        }
    }

    /// Adds a state after the last instruction.
    pub(crate) fn push_state(&mut self, text: &str, whose: Whose) {
        let is_named = whose == Whose::Named;
        if self.text.len() + text.len() > MOST_TEXT {
            self.forget_middle();
        }
        if self.states_asked < STATES_ASKED
            && (self.dialect.is_none() || self.dialect == Some(&Dialect::V6_18))
        {
            // Marks may come late: without any the newest dialect reads all there is.
            self.states_asked += 1;
            self.dialect = Dialect::of_state(text).or(self.dialect);
        }
        let last = self.steps.last();
        if !is_named && last.is_some_and(|step| step.opcode.is_some_and(opcode::is_arithmetic)) {
            // After arithmetic no kernel writes a state that doesn't say of which instruction it is.
            return;
        }
        let before_access = !is_named && last.is_some_and(|step| self.accesses(step));
        let text = self.keep(text);
        self.states.push(Shown { text, before_access });
        if self.steps.is_empty() {
            self.initial_states += 1;
        }
    }

    /// The last state is none of the path.
    pub(crate) fn drop_state(&mut self) {
        let first = self.steps.last().map_or(0, |last| last.states as usize);
        if self.states.len() > first && self.states.pop().is_some() {
            self.initial_states = self.initial_states.min(self.states.len() as u32);
        }
    }

    /// The path goes on at the target of the last instruction.
    pub(crate) fn take_last(&mut self) {
        if let Some(step) = self.steps.last_mut() {
            step.taken = true;
        }
    }

    /// Goes back to the branch at a slot, whose other way is walked now.
    pub(crate) fn go_back_to(&mut self, slot: usize) {
        let step = self
            .at_slot
            .get(slot)
            .and_then(|steps| steps.iter().rev().copied().find(|&step| !self.steps[step as usize].used));
        match step {
            Some(step) => self.branch_at(step as usize),
            None => {
                // The start of the log is missing, or it was level 1 that took the lines back.
                self.forget_all();
            }
        }
    }

    /// Nothing is known of the path up to here.
    pub(crate) fn forget_all(&mut self) {
        self.truncate(0);
        self.gap = None;
        self.mark_gap();
    }

    /// Forgets everything: another path begins, and nothing of it is missing.
    pub(crate) fn begin_anew(&mut self) {
        self.truncate(0);
        self.gap = None;
    }

    /// Goes back to a branch by its target, as Linux before 6.2 leaves out where it came from; false if there's none.
    pub(crate) fn go_back_by_target(&mut self, target: usize) -> bool {
        let waits = |step: &Step| {
            let is_branch = step.opcode.is_some_and(|opcode| {
                opcode::is_jump(opcode) && opcode::operation(opcode) != opcode::jmp::JA
            });
            is_branch && !step.used && self.target(step) == Some(target)
        };
        let Some(step) = self.steps.iter().rposition(waits) else { return false };
        self.branch_at(step);
        true
    }

    /// Something is missing here.
    pub(crate) fn mark_gap(&mut self) {
        let states = self.states.len() as u32;
        self.gap.get_or_insert(states);
    }

    /// Takes the other way at a step.
    fn branch_at(&mut self, step: usize) {
        self.truncate(step + 1);
        self.gap = None;
        self.steps[step].taken = true;
        self.steps[step].used = true;
    }

    fn keep(&mut self, text: &str) -> Stretch {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        Stretch { start, end: self.text.len() as u32 }
    }

    fn truncate(&mut self, length: usize) {
        for step in self.steps.drain(length..) {
            if let Some(steps) = self.at_slot.get_mut(step.slot) {
                steps.pop();
            }
        }
        match self.steps.last() {
            Some(last) => {
                // The states after the branch are of its fall-through.
                self.states.truncate(last.states as usize);
                self.text.truncate(last.end as usize);
            }
            None => {
                self.states.clear();
                self.text.clear();
                self.initial_states = 0;
            }
        }
    }

    /// Forgets the first half of the path but its start.
    fn forget_middle(&mut self) {
        let from = KEPT_AT_START.min(self.steps.len() / 4);
        let to = self.steps.len() / 2;
        if to <= from {
            return;
        }
        let (text_from, text_to) = (self.steps[from].text.start as usize, self.steps[to].text.start as usize);
        let (states_from, states_to) = (self.steps[from].states as usize, self.steps[to].states as usize);
        let (text_gone, states_gone) = ((text_to - text_from) as u32, (states_to - states_from) as u32);
        self.text.drain(text_from..text_to);
        self.states.drain(states_from..states_to);
        self.steps.drain(from..to);
        for shown in &mut self.states[states_from..] {
            shown.text.start -= text_gone;
            shown.text.end -= text_gone;
        }
        for step in &mut self.steps[from..] {
            step.text.start -= text_gone;
            step.text.end -= text_gone;
            step.end -= text_gone;
            step.states -= states_gone;
            step.fresh = step.fresh.saturating_sub(states_gone).max(states_from as u32);
        }
        self.gap = self.gap.map(|states| states.saturating_sub(states_gone));
        // The states after what was forgotten went with it.
        self.steps[from].gap = true;
        self.steps[from].fresh = self.steps[from].states;
        self.forgotten += to - from;
        for steps in &mut self.at_slot {
            steps.clear();
        }
        for (index, step) in self.steps.iter().enumerate() {
            if let Some(steps) = self.at_slot.get_mut(step.slot) {
                steps.push(index as u32);
            }
        }
    }
}

/// The frame that a state is of: `frame1:` stands before the registers of all but the first.
pub(super) fn frame_of(state: &str) -> u32 {
    state
        .strip_prefix(" frame")
        .and_then(|rest| rest.split_once(':'))
        .and_then(|(number, _)| number.parse().ok())
        .unwrap_or(0)
}

/// A program has at most a million instructions of at most two slots; more is no log of a verifier.
const MOST_SLOTS: usize = 2_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(trail: &mut Trail, slots: &[usize]) {
        for slot in slots {
            let text = &format!("insn {slot}");
            trail.push(NewStep { slot: *slot, opcode: None, frame: 0, text, follows: true, source: None });
            trail.push_state(&format!(" R1={slot}"), Whose::Named);
        }
    }

    #[test]
    fn a_branch_is_taken_up_where_it_waited_last() {
        let mut trail = Trail::default();
        walk(&mut trail, &[0, 1, 2, 1, 2, 3]);
        trail.go_back_to(1);
        trail.push_state(" R1=77", Whose::Named);
        walk(&mut trail, &[9]);
        let slots: Vec<usize> = trail.steps().iter().map(|step| step.slot).collect();
        assert_eq!(slots, [0, 1, 2, 1, 9]);
        assert!(trail.steps()[3].taken);
        assert_eq!(trail.shown(Some(3), When::AfterIt, 0, 1).unwrap().constant(), Some(77));
        trail.go_back_to(1);
        let slots: Vec<usize> = trail.steps().iter().map(|step| step.slot).collect();
        assert_eq!(slots, [0, 1]);
    }

    #[test]
    fn memory_is_bounded_and_the_start_stays() {
        let mut trail = Trail::default();
        for round in 0..300_000 {
            walk(&mut trail, &[round % 1000]);
            trail.push_state(&" R2=scalar()".repeat(10), Whose::Named);
        }
        assert!(trail.text.len() <= MOST_TEXT && trail.forgotten > 0);
        assert_eq!(trail.text(0), "insn 0");
        let last = trail.steps().len() - 1;
        assert_eq!(trail.text(last), "insn 999");
        assert_eq!(trail.shown(Some(last), When::AfterIt, 0, 1).unwrap().constant(), Some(999));
    }
}
