//! The walk through the program: paths, states, pruning, precision, and what is read later.

mod back;
mod checkpoints;
mod compare;
mod counters;
mod listing;
mod live_stack;
mod liveness;
mod loops;
mod marks;
mod path;
mod precision;
mod prune;
mod waiting;
mod walker;
mod wanted;
mod widen;

pub(crate) use counters::Counters;
pub(crate) use listing::write_live_registers;
pub(crate) use walker::Walker;

use checkpoints::Checkpoints;
use listing::Listing;
use liveness::Liveness;
use loops::Loops;
use marks::Reads;
use path::Trail;
use waiting::{Branch as WaitingBranch, Waiting};
use wanted::Wanted;

use crate::log::Log;
use crate::machine::{At, Branch, Changes, Event, Explore, Facts, Holder, Linked};
use crate::message::Message;
use crate::state::State;
use crate::stop::{Checked, Stop};

/// The current state and what else is asked where states are compared.
struct Now<'s> {
    state: &'s mut State,
    insn: usize,
    /// The identity given last.
    last_id: u32,
    /// Masks of pointers depend on numbers.
    masks_matter: bool,
}

impl Now<'_> {
    fn at(&self) -> At<'_> {
        At { state: self.state, insn: self.insn }
    }
}

/// All paths but the current state: what is remembered of them, and what is still to be walked.
#[derive(Debug)]
struct Explorer<'a> {
    facts: Facts<'a>,
    listing: Listing<'a>,
    trail: Trail,
    waiting: Waiting,
    checkpoints: Checkpoints,
    counters: Counters,
    liveness: Liveness,
    loops: Loops,
    /// What is wanted at the current instruction. Empty but while it's walked back from.
    wanted: Wanted,
}

impl<'a> Explorer<'a> {
    fn new(facts: Facts<'a>, log: &'a mut Log) -> Self {
        Self {
            facts,
            listing: Listing::new(facts, log),
            trail: Trail::new(facts.structure.starts[0]),
            waiting: Waiting::default(),
            checkpoints: Checkpoints::new(facts.subject.slots.len()),
            counters: Counters::new(facts.rules.counts_loops),
            liveness: Liveness::new(facts.rules, facts.structure),
            loops: Loops::default(),
            wanted: Wanted::default(),
        }
    }
}

impl Explore for Explorer<'_> {
    fn mark_precise(&mut self, at: At<'_>, holder: Holder) -> Checked {
        self.wanted.clear();
        self.wanted.want_holder(holder);
        self.mark_wanted(at)
    }

    fn remember_stack(&mut self, insn: usize, frame: u8, slot: u8) {
        let step = self.trail.step(insn);
        step.stack = step.stack.or(Some((frame, slot)));
    }

    fn remember_linked(&mut self, insn: usize, linked: &Linked) {
        self.trail.step(insn).linked = *linked;
    }

    fn remember_frame_pointers(&mut self, insn: usize, points: [bool; 2]) {
        self.trail.step(insn).frame_pointers = points;
    }

    fn put_aside(&mut self, at: At<'_>, to: usize, branch: Branch) -> Checked {
        let rules = self.facts.rules;
        self.waiting.check_room(match branch {
            Branch::Jump | Branch::Speculation => rules.too_many_branches,
            Branch::Round => rules.too_many_rounds,
        })?;
        if let Some(parent) = self.trail.path().parent {
            self.checkpoints[parent].branches += 1;
        }
        let mut state = at.state.clone();
        state.speculative |= branch == Branch::Speculation;
        self.waiting.push(WaitingBranch {
            state,
            path: self.trail.path().clone(),
            insn: to,
            previous: at.insn,
            log_position: self.listing.position(),
        });
        Ok(())
    }

    fn aside(&mut self) -> &mut State {
        self.waiting.newest()
    }

    fn has_all_branches(&self) -> bool {
        self.waiting.is_full()
    }

    fn widen(&mut self, state: &mut State, head: usize) {
        self.widen_by_visit(state, head, self.trail.depth());
    }

    fn widen_round(&mut self, state: &mut State, head: usize) {
        self.widen_by_visit(state, head, self.trail.depth().saturating_sub(1));
    }

    fn count_jump(&mut self) {
        self.counters.count_jump();
    }

    fn reg_is_read(&mut self, at: At<'_>, number: u8) {
        let reads = Reads { checkpoints: &mut self.checkpoints, counters: &mut self.counters };
        self.liveness.read_reg(self.facts, at, number, reads);
    }

    fn reg_is_written(&mut self, state: &mut State, number: u8) {
        if let Some(mark) = state.frame_mut().marks.get_mut(usize::from(number)) {
            mark.written = true;
        }
    }

    fn slot_is_read(&mut self, at: At<'_>, frame: usize, slot: usize) {
        let reads = Reads { checkpoints: &mut self.checkpoints, counters: &mut self.counters };
        self.liveness.read_slot(at, frame, slot, reads);
    }

    fn slot_is_written(&mut self, state: &mut State, frame: usize, slot: usize) {
        self.liveness.write_slot(state, frame, slot);
    }

    fn function_is_entered(&mut self, insn: usize, function: usize) {
        self.liveness.enter(self.facts.structure, insn, function);
    }

    fn function_ends(&mut self) {
        self.liveness.end_insn();
        self.liveness.end_path(self.facts, &mut self.listing);
    }

    fn function_is_left(&mut self) {
        self.liveness.leave();
    }

    fn note(&mut self, message: Message) {
        self.listing.note(&message);
    }

    fn note_in_full(&mut self, message: Message) {
        if let Some(log) = self.listing.in_full() {
            log.message(&message);
        }
    }

    fn say(&mut self, stop: &Stop) {
        self.listing.say(stop);
    }

    fn tell(&mut self, state: &State, event: Event) {
        self.listing.tell(state, event);
    }

    fn show_changes(&mut self, at: At<'_>, changes: &mut Changes) {
        self.listing.changes(at, changes);
    }
}
