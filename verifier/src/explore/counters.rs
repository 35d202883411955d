//! The numbers of the summary, and those that decide where states are remembered.

use std::fmt;

use crate::message::Message;
use crate::stop::{Checked, E2BIG, refuse};

/// The most instructions that are walked.
const MAX_PROCESSED: u64 = 1_000_000;

/// What is counted. Printed it's the summary at the end of the log.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counters {
    processed: u64,
    jumps: u64,
    processed_at_checkpoint: u64,
    jumps_at_checkpoint: u64,
    max_states_per_insn: usize,
    total_states: usize,
    peak_states: usize,
    kept_states: usize,
    evicted_states: usize,
    backedges: usize,
    /// The most checkpoints that a read was carried back over.
    longest_read: u32,
    /// The peak is that of states that are held at a time, with those that loops wait for.
    counts_loops: bool,
}

impl Counters {
    pub(super) fn new(counts_loops: bool) -> Self {
        Self { counts_loops, ..Self::default() }
    }

    /// The instructions that were walked.
    pub(crate) fn processed(&self) -> u64 {
        self.processed
    }

    /// One more instruction is walked.
    pub(super) fn count_insn(&mut self) -> Checked {
        self.processed += 1;
        if self.processed > MAX_PROCESSED {
            return refuse(E2BIG, Message::TooManyInstructions { processed: self.processed.into() });
        }
        Ok(())
    }

    /// One more jump is walked.
    pub(super) fn count_jump(&mut self) {
        self.jumps += 1;
    }

    /// The jumps and instructions since a state was remembered.
    pub(super) fn since_checkpoint(&self) -> (u64, u64) {
        (self.jumps - self.jumps_at_checkpoint, self.processed - self.processed_at_checkpoint)
    }

    /// A state was compared with so many.
    pub(super) fn compare(&mut self, states: usize) {
        self.max_states_per_insn = self.max_states_per_insn.max(states);
    }

    /// A state is remembered.
    pub(super) fn remember(&mut self) {
        self.total_states += 1;
        self.kept_states += 1;
        if !self.counts_loops {
            self.peak_states += 1;
        }
        self.update_peak();
        self.jumps_at_checkpoint = self.jumps;
        self.processed_at_checkpoint = self.processed;
    }

    /// A state leaves its list. Where the peak is of no more than the states in lists, one that `is_complete` goes at once.
    pub(super) fn evict(&mut self, is_complete: bool) {
        if is_complete && !self.counts_loops {
            self.peak_states -= 1;
        }
        self.evicted_states += 1;
        self.kept_states -= 1;
    }

    /// A state that has left its list is forgotten.
    pub(super) fn forget(&mut self) {
        self.evicted_states -= 1;
    }

    /// A state waits for the end of its loop.
    pub(super) fn add_backedge(&mut self) {
        self.backedges += 1;
        self.update_peak();
    }

    /// So many don't any more.
    pub(super) fn remove_backedges(&mut self, count: usize) {
        self.backedges -= count;
        self.update_peak();
    }

    /// A read was carried back over so many checkpoints.
    pub(super) fn carry_back(&mut self, checkpoints: u32) {
        self.longest_read = self.longest_read.max(checkpoints);
    }

    fn update_peak(&mut self) {
        if self.counts_loops {
            let now = self.kept_states + self.evicted_states + self.backedges;
            self.peak_states = self.peak_states.max(now);
        }
    }
}

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "processed {} insns (limit {MAX_PROCESSED}) max_states_per_insn {} total_states {} peak_states {} mark_read {}",
            self.processed, self.max_states_per_insn, self.total_states, self.peak_states, self.longest_read
        )
    }
}
