//! Checkpoints: remembering states, recognising them, forgetting them.

use knockwright_asm::Insn;

use super::checkpoints::{Checkpoint, CheckpointId, List};
use super::compare::{Strictness, Terms, is_safe, may_loop};
use super::marks::Reads;
use super::{Explorer, Now};
use crate::machine::At;
use crate::program::flag;
use crate::stop::{Checked, EINVAL, Stop};

/// A state is remembered where so many jumps and instructions were walked since the last one.
const DUE_JUMPS: u64 = 2;
const DUE_INSNS: u64 = 8;

/// Where a checkpoint was met whose paths are still under way, as in a loop, only after so many jumps or instructions.
const LOOP_JUMPS: u64 = 20;
const LOOP_INSNS: u64 = 100;

/// How many comparisons in vain a checkpoint outlives for each that isn't, and the same where paths of a loop's head are
/// still under way.
const PATIENCE: u32 = 3;
const PATIENCE_IN_LOOPS: u32 = 64;

/// A path with more steps than this makes a checkpoint.
const MAX_STEPS: usize = 40;

/// Whether a state is to be remembered, unless it's known.
#[derive(Debug, Clone, Copy)]
struct Due {
    /// It is in any case.
    forced: bool,
    /// Jumps and instructions since the last checkpoint.
    jumps: u64,
    insns: u64,
    /// As it looks so far.
    remember: bool,
}

/// What a state is to a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// The checkpoint's paths are its own; they are in a loop that isn't left yet.
    Known { in_loop: bool },
    /// The program loops without end.
    Endless,
    /// It's another.
    Other,
}

impl Explorer<'_> {
    /// Before an instruction where paths meet: whether the state is one that has been walked. If not, remembers it where
    /// that's due.
    pub(super) fn is_known_state(&mut self, now: &mut Now<'_>) -> Checked<bool> {
        let at = now.insn;
        let mut due = self.due(at);
        let list = self.checkpoints.list(at, now.state.frame().callsite);
        self.clean_finished(list, now.at());
        let ids = self.checkpoints.take(list);
        let mut kept = Vec::with_capacity(ids.len() + 1);
        let mut seen = 0;
        let mut found = None;
        let mut position = ids.len();
        // The newest first.
        while let Some(index) = position.checked_sub(1) {
            position = index;
            let id = ids[index];
            seen += 1;
            if self.checkpoints[id].insn != at {
                kept.push(id);
                continue;
            }
            match self.compare(id, now, &mut due) {
                Likeness::Known { in_loop } => {
                    found = Some((id, in_loop));
                    break;
                }
                Likeness::Endless => {
                    self.checkpoints.put_back(list, ids);
                    self.listing.endless(now.at(), &self.checkpoints[id].state);
                    // The states come after the message, so that both are said already.
                    return Err(Stop::silent(EINVAL));
                }
                Likeness::Other if self.stays(id, due.remember) => kept.push(id),
                Likeness::Other => {}
            }
        }
        if let Some((id, in_loop)) = found {
            kept.push(id);
            kept.extend(ids[..position].iter().rev());
            kept.reverse();
            self.checkpoints.put_back(list, kept);
            self.go_on_as(id, in_loop, now)?;
            return Ok(true);
        }
        kept.reverse();
        self.checkpoints.put_back(list, kept);
        self.counters.compare(seen);
        if due.remember {
            self.remember(list, now);
        }
        Ok(false)
    }

    /// Whether a state before an instruction is to be remembered, by what was walked since the last one.
    fn due(&self, at: usize) -> Due {
        let everywhere = self.facts.subject.flags & flag::EVERY_STATE != 0;
        let is_long = self.trail.path().steps.len() > MAX_STEPS;
        let forced = everywhere || self.facts.structure.forced[at] || is_long;
        let (jumps, insns) = self.counters.since_checkpoint();
        Due { forced, jumps, insns, remember: forced || (jumps >= DUE_JUMPS && insns >= DUE_INSNS) }
    }

    /// Compares the current state with a checkpoint of the same instruction.
    fn compare(&self, id: CheckpointId, now: &Now<'_>, due: &mut Due) -> Likeness {
        let structure = self.facts.structure;
        let checkpoint = &self.checkpoints[id];
        if checkpoint.branches == 0 {
            let in_loop = self.loop_is_open(id);
            let strictness = if in_loop { Strictness::Within } else { Strictness::Relied };
            let is_known = self.matches(id, now, strictness);
            return if is_known { Likeness::Known { in_loop } } else { Likeness::Other };
        }
        let (old, new) = (&checkpoint.state, &*now.state);
        let another_round = old.may_goto_depth != new.may_goto_depth;
        let is_may_goto = matches!(structure.insns[now.insn], Some(Insn::MayGoto { .. }));
        if is_may_goto && another_round && self.matches(id, now, Strictness::Within) {
            return Likeness::Known { in_loop: true };
        }
        if structure.calls_back[now.insn] {
            if self.matches(id, now, Strictness::Within) {
                return Likeness::Known { in_loop: true };
            }
        } else if may_loop(old, new)
            && old.callback_unroll_depth == new.callback_unroll_depth
            && !another_round
            && self.matches(id, now, Strictness::Exact)
        {
            return Likeness::Endless;
        }
        if !due.forced && due.jumps < LOOP_JUMPS && due.insns < LOOP_INSNS {
            due.remember = false;
        }
        Likeness::Other
    }

    fn matches(&self, id: CheckpointId, now: &Now<'_>, strictness: Strictness) -> bool {
        let checkpoint = &self.checkpoints[id];
        let rules = self.facts.rules;
        let live = |frame: usize| {
            let at = checkpoint.state.insn_of(frame, checkpoint.insn);
            self.facts.flow.live_regs[at]
        };
        let terms = Terms {
            strictness,
            perfmon: self.facts.options.perfmon,
            masks_matter: now.masks_matter,
            by_marks: self.liveness.is_by_marks(),
            alone_is_free: rules.alone_is_free,
            base_links: rules.base_links,
            packet_ends: rules.packet_ends_compared,
        };
        let live: Option<&dyn Fn(usize) -> u16> = if rules.live_registers { Some(&live) } else { None };
        is_safe(&checkpoint.state, now.state, live, terms, now.last_id)
    }

    /// A checkpoint was compared in vain: whether it stays in its list.
    fn stays(&mut self, id: CheckpointId, remember: bool) -> bool {
        let checkpoint = &mut self.checkpoints[id];
        if remember {
            checkpoint.misses += 1;
        }
        let under_way = checkpoint.branches > 0;
        let patience = if self.facts.structure.forced[checkpoint.insn] && under_way {
            PATIENCE_IN_LOOPS
        } else {
            PATIENCE
        };
        if checkpoint.misses <= checkpoint.hits * patience + patience {
            return true;
        }
        checkpoint.evicted = true;
        self.counters.evict(checkpoint.cleaned && !checkpoint.heads_loop);
        self.free_if_unused(id);
        false
    }

    /// The current path is at its end, since a checkpoint's paths are its own.
    fn go_on_as(&mut self, id: CheckpointId, in_loop: bool, now: &Now<'_>) -> Checked {
        self.checkpoints[id].hits += 1;
        let reads = Reads { checkpoints: &mut self.checkpoints, counters: &mut self.counters };
        self.liveness.read_as_in(id, now.state, reads);
        if self.facts.structure.joins[now.insn] {
            self.trail.step(now.insn);
        }
        self.want_as_in(id);
        self.mark_wanted(now.at())?;
        if in_loop {
            self.note_backedge(id, now.at());
            self.note_loop_reached(id, now.insn);
        }
        Ok(())
    }

    fn remember(&mut self, list: List, now: &mut Now<'_>) {
        self.counters.remember();
        for reg in now.state.all_regs_mut() {
            if reg.is_scalar() {
                reg.precise = false;
            }
        }
        let id = self.checkpoints.add(
            list,
            Checkpoint {
                state: now.state.clone(),
                path: self.trail.take_path(),
                insn: now.insn,
                branches: 1,
                hits: 0,
                misses: 0,
                evicted: false,
                cleaned: false,
                depth: self.trail.depth(),
                loop_entry: None,
                heads_loop: false,
            },
        );
        self.liveness.connect(now.state, id);
        self.enter_loop(id);
        self.trail.go_on_from(id, now.insn);
    }

    /// The current path has come to its end: so have the checkpoints that wait for no other.
    pub(super) fn end_branch(&mut self, at: At<'_>) -> Checked {
        let mut next = self.trail.path().parent;
        let mut reached = self.loops.take_reached();
        while let Some(id) = next {
            if let Some(entry) = reached {
                self.join_loop(id, entry);
            }
            let checkpoint = &mut self.checkpoints[id];
            checkpoint.branches = checkpoint.branches.saturating_sub(1);
            if checkpoint.branches > 0 {
                break;
            }
            next = checkpoint.path.parent;
            reached = checkpoint.loop_entry;
            self.leave_loop(id, at)?;
            self.free_if_unused(id);
        }
        Ok(())
    }

    fn free_if_unused(&mut self, id: CheckpointId) {
        let checkpoint = &self.checkpoints[id];
        // What is in an open loop may still be marked precise.
        let needed =
            if self.facts.rules.counts_loops { self.loop_is_open(id) } else { checkpoint.heads_loop };
        if checkpoint.evicted && checkpoint.branches == 0 && !needed {
            self.checkpoints.forget(id);
            self.counters.forget();
        }
    }

    /// Forgets what no path from finished checkpoints reads, so that more states compare equal.
    fn clean_finished(&mut self, list: List, at: At<'_>) {
        for index in 0..self.checkpoints.of(list).len() {
            let id = self.checkpoints.of(list)[index];
            let checkpoint = &self.checkpoints[id];
            if checkpoint.branches > 0 || checkpoint.insn != at.insn || checkpoint.cleaned {
                continue;
            }
            if !at.state.has_the_calls_of(&checkpoint.state) || self.loop_is_open(id) {
                continue;
            }
            let checkpoint = &mut self.checkpoints[id];
            checkpoint.cleaned = true;
            self.liveness.clean(self.facts, checkpoint);
        }
    }
}
