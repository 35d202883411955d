//! Articles and questions show a log and then quote lines of it: those aren't logs of their own.

use std::collections::hash_map::RandomState;
use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasher;

use super::Reading;
use super::UnknownLines;

/// The most lines of logs that are remembered, and the most logs: quotations stand near what they quote.
const MOST_LINES: usize = 200_000;
const MOST_LOGS: usize = 64;

/// What the logs before have shown, so that a piece of one is known again.
#[derive(Debug, Default)]
pub(super) struct Quotations {
    hasher: RandomState,
    /// The hashes of the instructions and of the known messages of each log.
    logs: VecDeque<HashSet<u64>>,
    lines: usize,
}

impl Quotations {
    /// Gives a log back, unless it's a piece that only repeats lines of a log before it, or nothing at all: its lines count as
    /// outside of all logs then.
    pub(super) fn sift(&mut self, log: Reading, outside: &mut UnknownLines) -> Option<Reading> {
        let has_block = log.kernel_words.as_ref().is_some_and(|words| !words.title.is_empty());
        let shows_something = !log.trail.steps().is_empty() || has_block;
        let is_piece = log.summary.is_none() && shows_something;
        // Something without an instruction and without a summary that isn't a message either says nothing.
        let is_nothing = log.summary.is_none() && !shows_something && log.messages.is_empty();
        let lines = self.lines_of(&log);
        let repeats = || self.logs.iter().any(|whole| lines.is_subset(whole));
        if is_nothing && log.errno.is_none() || is_piece && repeats() {
            outside.add(log.lines, log.unknown);
            return None;
        }
        self.remember(lines);
        Some(log)
    }

    fn lines_of(&self, log: &Reading) -> HashSet<u64> {
        let steps = log.trail.steps().iter().enumerate();
        let insns = steps.map(|(index, step)| self.hasher.hash_one((step.slot, log.trail.text(index))));
        let messages = log.known_texts().map(|text| self.hasher.hash_one(text));
        // Linux 7.3's own block, which a log of it has as well.
        let block = log.kernel_words.iter().map(|words| self.hasher.hash_one((&words.title, words.insn)));
        insns.chain(messages).chain(block).collect()
    }

    fn remember(&mut self, lines: HashSet<u64>) {
        self.lines += lines.len();
        self.logs.push_back(lines);
        while self.logs.len() > 1 && (self.lines > MOST_LINES || self.logs.len() > MOST_LOGS) {
            self.lines -= self.logs.pop_front().map_or(0, |lines| lines.len());
        }
    }
}
