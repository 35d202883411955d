//! Checkpoints: remembering states, recognising them, forgetting them.

use super::compare::{Strictness, Terms, is_safe, may_loop};
use super::reads::forget_unread;
use super::walker::{Checkpoint, CheckpointId, Walker};
use crate::log::state_line::Parts;
use crate::message::Message;
use crate::program::flag;
use crate::stop::{Checked, EINVAL, Stop};

/// A path with more steps than this makes a checkpoint.
const MAX_STEPS: usize = 40;

impl Walker<'_> {
    /// Before an instruction where paths meet: whether the state is one that has been walked. If not, remembers it where
    /// that's due.
    pub(crate) fn is_known_state(&mut self) -> Checked<bool> {
        let at = self.insn;
        let everywhere = self.subject.flags & flag::EVERY_STATE != 0;
        let forced = everywhere || self.structure.forced[at] || self.path.steps.len() > MAX_STEPS;
        let jumps = self.counters.jumps - self.counters.jumps_at_checkpoint;
        let insns = self.counters.processed - 1 - self.counters.processed_at_checkpoint;
        let insns = insns + 1;
        let mut remember = forced || (jumps >= 2 && insns >= 8);
        let bucket = self.bucket(at);
        self.clean_finished(bucket, at);
        let list = std::mem::take(&mut self.explored[bucket]);
        let mut kept = Vec::with_capacity(list.len() + 1);
        let mut seen = 0;
        let mut found = None;
        let mut position = list.len();
        // The newest first.
        while let Some(index) = position.checked_sub(1) {
            position = index;
            let id = list[index];
            seen += 1;
            if self.checkpoint(id).insn != at {
                kept.push(id);
                continue;
            }
            let under_way = self.checkpoint(id).branches > 0;
            if under_way {
                let may_goto =
                    matches!(self.structure.insns[at], Some(knockwright_asm::Insn::MayGoto { .. }));
                if may_goto
                    && self.checkpoint(id).state.may_goto_depth != self.state.may_goto_depth
                    && self.matches(id, Strictness::Within)
                {
                    found = Some((id, true));
                    break;
                }
                if self.structure.calls_back[at] {
                    if self.matches(id, Strictness::Within) {
                        found = Some((id, true));
                        break;
                    }
                } else if may_loop(&self.checkpoint(id).state, &self.state)
                    && self.checkpoint(id).state.callback_unroll_depth == self.state.callback_unroll_depth
                    && self.checkpoint(id).state.may_goto_depth == self.state.may_goto_depth
                    && self.matches(id, Strictness::Exact)
                {
                    self.explored[bucket] = list;
                    return self.endless(id);
                }
                if !forced && jumps < 20 && insns < 100 {
                    remember = false;
                }
            } else {
                let in_loop = self.loop_is_open(id);
                let strictness = if in_loop { Strictness::Within } else { Strictness::Relied };
                if self.matches(id, strictness) {
                    found = Some((id, in_loop));
                    break;
                }
            }
            let checkpoint = self.checkpoint_mut(id);
            if remember {
                checkpoint.misses += 1;
            }
            let patience = if self.structure.forced[at] && under_way { 64 } else { 3 };
            let checkpoint = self.checkpoint_mut(id);
            if checkpoint.misses > checkpoint.hits * patience + patience {
                checkpoint.evicted = true;
                if checkpoint.cleaned && !checkpoint.heads_loop && !self.rules.counts_loops {
                    self.counters.peak_states -= 1;
                }
                self.counters.evicted_states += 1;
                self.counters.kept_states -= 1;
                self.free_if_unused(id);
            } else {
                kept.push(id);
            }
        }
        if let Some((id, in_loop)) = found {
            kept.push(id);
            kept.extend(list[..position].iter().rev());
            kept.reverse();
            self.explored[bucket] = kept;
            self.checkpoint_mut(id).hits += 1;
            self.read_as_in(id);
            if self.structure.joins[at] {
                self.remember_step(None, [None; 6]);
            }
            self.want_as_in(id);
            self.mark_wanted()?;
            if in_loop {
                self.note_backedge(id);
                self.loops.reached = self.loop_reached(id);
            }
            return Ok(true);
        }
        kept.reverse();
        self.explored[bucket] = kept;
        self.counters.max_states_per_insn = self.counters.max_states_per_insn.max(seen);
        if remember {
            self.remember(bucket, at);
        }
        Ok(false)
    }

    /// The list that the checkpoints of an instruction are in.
    pub(crate) fn bucket(&self, at: usize) -> usize {
        // The entry function's call site is -1.
        let callsite = self.state.frame().callsite.map_or(u32::MAX, |callsite| callsite as u32);
        (at as u32 ^ callsite) as usize % self.explored.len()
    }

    fn matches(&self, id: CheckpointId, strictness: Strictness) -> bool {
        let checkpoint = self.checkpoint(id);
        let live = |frame: usize| {
            let at = match checkpoint.state.frames.get(frame + 1) {
                Some(inner) => inner.callsite.unwrap_or(0),
                None => checkpoint.insn,
            };
            self.flow.live_regs[at]
        };
        let terms = Terms {
            strictness,
            perfmon: self.options.perfmon,
            masks_matter: self.masks_matter,
            by_marks: !self.rules.live_stack,
            alone_is_free: self.rules.alone_is_free,
            base_links: self.rules.base_links,
            packet_ends: self.rules.packet_ends_compared,
        };
        let live: Option<&dyn Fn(usize) -> u16> = if self.rules.live_registers { Some(&live) } else { None };
        is_safe(&checkpoint.state, &self.state, live, terms, self.next_id)
    }

    fn endless(&mut self, id: CheckpointId) -> Checked<bool> {
        let at = self.insn;
        self.write_line(at);
        self.note(Message::InfiniteLoop { insn: at.into() });
        if self.log.is_on() {
            let depth = self.state.depth();
            self.log.push("cur state:");
            self.log.state(&self.state, depth, Parts::All, &self.subject.maps);
            self.log.push("old state:");
            let old = self.checkpoints[id].as_ref().expect("compared before");
            self.log.state(&old.state, depth, Parts::All, &self.subject.maps);
        }
        // The states come after the message, so that both are said already.
        Err(Stop::silent(EINVAL))
    }

    fn remember(&mut self, bucket: usize, at: usize) {
        self.counters.total_states += 1;
        self.counters.kept_states += 1;
        if !self.rules.counts_loops {
            self.counters.peak_states += 1;
        }
        self.update_peak();
        self.counters.jumps_at_checkpoint = self.counters.jumps;
        self.counters.processed_at_checkpoint = self.counters.processed;
        for reg in self.state.all_regs_mut() {
            if reg.is_scalar() {
                reg.precise = false;
            }
        }
        let checkpoint = Box::new(Checkpoint {
            state: self.state.clone(),
            path: std::mem::take(&mut self.path),
            insn: at,
            branches: 1,
            hits: 0,
            misses: 0,
            evicted: false,
            cleaned: false,
            depth: self.depth,
            loop_entry: None,
            heads_loop: false,
        });
        let id = match self.free_checkpoints.pop() {
            Some(id) => {
                self.checkpoints[id] = Some(checkpoint);
                id
            }
            None => {
                self.checkpoints.push(Some(checkpoint));
                self.checkpoints.len() - 1
            }
        };
        self.explored[bucket].push(id);
        self.connect(id);
        self.enter_loop(id);
        self.path.parent = Some(id);
        self.path.first = at;
        self.path.last = if self.previous == usize::MAX { 0 } else { self.previous };
        self.depth += 1;
        self.step_is_current = false;
    }

    pub(crate) fn update_peak(&mut self) {
        if !self.rules.counts_loops {
            return;
        }
        let counters = &mut self.counters;
        let now = counters.kept_states + counters.evicted_states + counters.backedges;
        counters.peak_states = counters.peak_states.max(now);
    }

    /// The current path has come to its end: so have the checkpoints that wait for no other.
    pub(crate) fn end_branch(&mut self) -> Checked {
        let mut next = self.path.parent;
        let mut reached = self.loops.reached.take();
        while let Some(id) = next {
            if let Some(entry) = reached {
                self.join_loop(id, entry);
            }
            let checkpoint = self.checkpoint_mut(id);
            checkpoint.branches = checkpoint.branches.saturating_sub(1);
            if checkpoint.branches > 0 {
                break;
            }
            next = checkpoint.path.parent;
            reached = checkpoint.loop_entry;
            self.leave_loop(id)?;
            self.free_if_unused(id);
        }
        Ok(())
    }

    fn free_if_unused(&mut self, id: CheckpointId) {
        let checkpoint = self.checkpoint(id);
        // What is in an open loop may still be marked precise.
        let needed = if self.rules.counts_loops { self.loop_is_open(id) } else { checkpoint.heads_loop };
        if checkpoint.evicted && checkpoint.branches == 0 && !needed {
            self.checkpoints[id] = None;
            self.counters.evicted_states -= 1;
        }
    }

    /// Forgets what no path from finished checkpoints reads, so that more states compare equal.
    fn clean_finished(&mut self, bucket: usize, at: usize) {
        let list = std::mem::take(&mut self.explored[bucket]);
        for &id in &list {
            let checkpoint = self.checkpoint(id);
            if checkpoint.branches > 0 || checkpoint.insn != at || checkpoint.cleaned {
                continue;
            }
            if !self.has_the_calls_of(&checkpoint.state) || self.loop_is_open(id) {
                continue;
            }
            let mut checkpoint = self.checkpoints[id].take().expect("in its list");
            checkpoint.cleaned = true;
            if !self.rules.live_stack {
                forget_unread(&mut checkpoint.state);
                self.checkpoints[id] = Some(checkpoint);
                continue;
            }
            let calls: Vec<usize> =
                checkpoint.state.frames.iter().filter_map(|frame| frame.callsite).collect();
            let alive = self.live_stack.alive(self.structure, &checkpoint.state.frames, checkpoint.insn);
            for (frame, alive) in alive.into_iter().enumerate() {
                let position = calls.get(frame).copied().unwrap_or(checkpoint.insn);
                let live = self.flow.live_regs[position];
                let content = &mut checkpoint.state.frames[frame];
                for (number, reg) in content.regs[..10].iter_mut().enumerate() {
                    if live & 1 << number == 0 {
                        *reg = crate::state::Reg::NOT_INIT;
                    }
                }
                for (slot, held) in content.stack.iter_mut().enumerate() {
                    if alive & 1 << slot == 0 {
                        *held = crate::state::StackSlot::INVALID;
                    }
                }
            }
            self.checkpoints[id] = Some(checkpoint);
        }
        self.explored[bucket] = list;
    }
}
