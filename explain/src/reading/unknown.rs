//! Lines that weren't understood.

use serde::Serialize;

/// The most lines that nobody understood that are kept; all are counted.
pub(super) const UNKNOWN_KEPT: usize = 20;

/// Lines that weren't understood.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct UnknownLines {
    /// How many there were.
    pub count: usize,
    /// The first of them.
    pub first: Vec<String>,
}

impl UnknownLines {
    /// The last lines were some log's after all.
    pub(super) fn take_back(&mut self, lines: usize) {
        let kept = self.first.len() == self.count;
        self.count = self.count.saturating_sub(lines);
        if kept {
            self.first.truncate(self.count);
        } else {
            self.first.truncate(self.count.min(self.first.len()));
        }
    }

    /// Lines of something that was no log.
    pub(super) fn add(&mut self, lines: usize, unknown: Self) {
        self.count += lines + unknown.count;
        self.first.extend(unknown.first);
        self.first.truncate(UNKNOWN_KEPT);
    }

    pub(super) fn push(&mut self, line: &str) {
        self.count += 1;
        if self.first.len() < UNKNOWN_KEPT {
            self.first.push(line.chars().take(200).collect());
        }
    }
}
