//! Loops: states inside one are complete only when the loop is left.

use std::collections::HashMap;

use super::Explorer;
use super::checkpoints::CheckpointId;
use super::path::Path;
use crate::machine::At;
use crate::stop::Checked;

/// The most rounds that precision is propagated along back edges.
const MAX_ROUNDS: u32 = 64;

/// A state that was recognised inside a loop.
#[derive(Debug)]
struct Backedge {
    path: Path,
    insn: usize,
    depth: usize,
    equal: CheckpointId,
}

/// One stay in a loop.
#[derive(Debug, Default)]
struct Visit {
    entry: Option<CheckpointId>,
    backedges: Vec<Backedge>,
}

/// The loop that a state is in: the calls around it and the loop's number, the last of all.
type LoopKey = Vec<usize>;

/// The stays in loops.
#[derive(Debug, Default)]
pub(super) struct Loops {
    visits: HashMap<LoopKey, Visit>,
    /// The loop in which the current path has ended, where loops aren't found before the walk.
    reached: Option<CheckpointId>,
}

impl Loops {
    /// The loop in which the current path has ended, which is asked once.
    pub(super) fn take_reached(&mut self) -> Option<CheckpointId> {
        self.reached.take()
    }
}

impl Explorer<'_> {
    /// The loop of a checkpoint.
    fn loop_of(&self, id: CheckpointId) -> Option<LoopKey> {
        let checkpoint = &self.checkpoints[id];
        let mut key = Vec::new();
        let frames = &checkpoint.state.frames;
        for index in 0..frames.len() {
            let at = checkpoint.state.insn_of(index, checkpoint.insn);
            if let Some(number) = self.facts.flow.loops[at] {
                key.push(number.get() as usize);
                return Some(key);
            }
            if index + 1 == frames.len() {
                return None;
            }
            key.push(at);
        }
        None
    }

    /// Whether back edges of the checkpoint's loop wait for the loop's end.
    pub(super) fn loop_is_open(&self, id: CheckpointId) -> bool {
        if !self.facts.rules.counts_loops {
            return self.head_of(id).is_some_and(|head| self.checkpoints[head].branches > 0);
        }
        if self.loops.visits.is_empty() {
            return false;
        }
        self.loop_of(id)
            .and_then(|key| self.loops.visits.get(&key))
            .is_some_and(|visit| !visit.backedges.is_empty())
    }

    /// The head of the outermost loop that a checkpoint is known to be in, on kernels that find loops while they walk.
    fn head_of(&self, id: CheckpointId) -> Option<CheckpointId> {
        let mut head = self.checkpoints[id].loop_entry?;
        while let Some(further) = self.checkpoints[head].loop_entry.filter(|&further| further != head) {
            head = further;
        }
        Some(head)
    }

    /// The current path has come to the loop of a checkpoint, with a state that is the checkpoint's: to the checkpoint itself
    /// if it is under way.
    pub(super) fn note_loop_reached(&mut self, id: CheckpointId, insn: usize) {
        self.loops.reached = self.loop_reached(id, insn);
    }

    fn loop_reached(&self, id: CheckpointId, insn: usize) -> Option<CheckpointId> {
        if self.facts.rules.counts_loops || self.facts.structure.calls_back[insn] {
            return None;
        }
        let entry = if self.checkpoints[id].branches > 0 { id } else { self.head_of(id)? };
        let head = self.head_of(entry).unwrap_or(entry);
        let head = &self.checkpoints[head];
        (head.branches > 0 && head.depth <= self.trail.depth()).then_some(entry)
    }

    /// What came after a checkpoint has ended in a loop: so the checkpoint is in the loop too, if it came after its head.
    pub(super) fn join_loop(&mut self, id: CheckpointId, entry: CheckpointId) {
        let outermost = self.head_of(id).unwrap_or(id);
        let head = self.head_of(entry).unwrap_or(entry);
        let (depth, head) = (self.checkpoints[outermost].depth, &self.checkpoints[head]);
        if head.branches > 0 && head.depth <= depth {
            self.checkpoints[id].loop_entry = Some(entry);
            self.checkpoints[entry].heads_loop = true;
        }
    }

    pub(super) fn enter_loop(&mut self, id: CheckpointId) {
        if !self.facts.rules.counts_loops {
            return;
        }
        let Some(key) = self.loop_of(id) else {
            return;
        };
        let visit = self.loops.visits.entry(key.clone()).or_default();
        if visit.entry.is_none() {
            visit.entry = Some(id);
            if let Some(log) = self.listing.in_full() {
                log.write(format_args!("SCC enter {}\n", shown(&key)));
            }
        }
    }

    pub(super) fn leave_loop(&mut self, id: CheckpointId, at: At<'_>) -> Checked {
        if self.loops.visits.is_empty() {
            return Ok(());
        }
        let Some(key) = self.loop_of(id) else {
            return Ok(());
        };
        let Some(visit) = self.loops.visits.get_mut(&key) else {
            return Ok(());
        };
        if visit.entry != Some(id) {
            return Ok(());
        }
        visit.entry = None;
        let backedges = std::mem::take(&mut visit.backedges);
        if let Some(log) = self.listing.in_full() {
            log.write(format_args!("SCC exit {}\n", shown(&key)));
        }
        self.counters.remove_backedges(backedges.len());
        let mut round = 0;
        loop {
            round += 1;
            if round > MAX_ROUNDS {
                for backedge in backedges.iter().rev() {
                    self.mark_all_precise(at, backedge.path.parent);
                }
                break;
            }
            let mut changed = false;
            // The one that was met last comes first.
            for backedge in backedges.iter().rev() {
                self.want_as_in(backedge.equal);
                changed |= self.walk_back(at, &backedge.path, backedge.insn, backedge.depth)?;
            }
            if !changed {
                break;
            }
        }
        Ok(())
    }

    /// The current state is one of a loop that isn't left yet.
    pub(super) fn note_backedge(&mut self, equal: CheckpointId, at: At<'_>) {
        if !self.facts.rules.counts_loops {
            return;
        }
        let Some(key) = self.loop_of(equal) else {
            return;
        };
        if let Some(log) = self.listing.in_full() {
            log.write(format_args!("SCC backedge {}\n", shown(&key)));
        }
        let backedge =
            Backedge { path: self.trail.path().clone(), insn: at.insn, depth: at.state.depth(), equal };
        if let Some(visit) = self.loops.visits.get_mut(&key) {
            visit.backedges.push(backedge);
            self.counters.add_backedge();
        }
    }
}

fn shown(key: &[usize]) -> String {
    // A call from the first instruction isn't shown, nor is what comes after it but the loop's number.
    let Some((number, calls)) = key.split_last() else {
        return String::new();
    };
    let parts: Vec<String> =
        calls.iter().take_while(|&&call| call != 0).chain([number]).map(ToString::to_string).collect();
    format!("({})", parts.join(","))
}
