//! The text of a log as it was read, for who shows it beside its explanation.

use std::collections::VecDeque;

use serde::Serialize;

/// The lines that are kept from the start of a log.
const MOST_AT_START: usize = 300;

/// The lines that are kept from its end, where the fault is.
const MOST_AT_END: usize = 2_000;

/// The longest line that is kept, in bytes: states of a full stack stay whole.
const LONGEST: usize = 4_096;

/// The lines of a log, of a long one its start and its end.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct LogText {
    /// The first lines.
    pub first: Vec<LogLine>,
    /// How many lines between the first and the last aren't here.
    pub left_out: usize,
    /// The last lines; none if all are among the first.
    pub last: VecDeque<LogLine>,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LogLine {
    /// The slot of the instruction that the line is of: `5: (95) exit`.
    pub insn: Option<usize>,
    /// Its text, without what a loader puts before it.
    pub text: Box<str>,
}

impl LogText {
    /// All lines that are kept, with their numbers from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &LogLine)> {
        let skipped = self.first.len() + self.left_out;
        let last = self.last.iter().enumerate().map(move |(index, line)| (skipped + index + 1, line));
        self.first.iter().enumerate().map(|(index, line)| (index + 1, line)).chain(last)
    }

    /// Whether no line is kept.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    pub(crate) fn push(&mut self, text: &str) {
        let line = LogLine { insn: slot_of(text), text: text[..text.floor_char_boundary(LONGEST)].into() };
        if self.first.len() < MOST_AT_START {
            return self.first.push(line);
        }
        if self.last.len() == MOST_AT_END {
            self.last.pop_front();
            self.left_out += 1;
        }
        self.last.push_back(line);
    }
}

/// The slot of a line that shows an instruction.
fn slot_of(line: &str) -> Option<usize> {
    let (slot, rest) = line.trim_start().split_once(": (")?;
    let opcode = rest.get(..3)?.as_bytes();
    let is_insn = opcode[..2].iter().all(u8::is_ascii_hexdigit) && opcode[2] == b')';
    slot.parse().ok().filter(|_| is_insn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_instructions_are_known() {
        for (line, slot) in [
            ("5: (95) exit", Some(5)),
            ("17: (bf) r1 = r0 ; R0=1", Some(17)),
            ("from 3 to 5: R0=1", None),
            ("5: R0=1", None),
            ("5: (", None),
            ("5: (éé)", None),
        ] {
            assert_eq!(slot_of(line), slot, "{line}");
        }
    }

    #[test]
    fn a_long_log_keeps_its_start_and_its_end_with_their_numbers() {
        let mut text = LogText::default();
        for number in 1..=10_000 {
            text.push(&number.to_string());
        }
        assert!(text.lines().all(|(number, line)| *line.text == *number.to_string()));
        assert_eq!(text.lines().count() + text.left_out, 10_000);
        assert_eq!(text.lines().count(), MOST_AT_START + MOST_AT_END);
    }
}
