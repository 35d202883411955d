//! The buffer that the log is written to.

use std::fmt::{self, Write as _};

use knockwright_asm::KernelVersion;

use super::dialect::Dialect;
use crate::message::Message;
use crate::stop::Refusal;

/// The width that instructions are padded to before the state after them.
const COLUMN: usize = 40;

/// Columns are multiples of this.
const STEP: usize = 8;

/// The log of one verification. Where it gets longer than allowed, its end is what stays, as with the kernel's.
#[derive(Debug)]
pub(crate) struct Log {
    text: String,
    /// The kernel in whose words it's written.
    kernel: KernelVersion,
    dialect: &'static Dialect,
    level: u8,
    /// The most bytes that are kept.
    limit: usize,
    /// The bytes before the text that are gone.
    gone: usize,
    /// Where the last instruction's line ends, and how long it is.
    insn_end: usize,
    insn_length: usize,
}

impl Log {
    pub(crate) fn new(kernel: KernelVersion, level: u8, limit: usize) -> Self {
        let dialect = Dialect::of_series(kernel);
        Self { text: String::new(), kernel, dialect, level, limit, gone: 0, insn_end: 0, insn_length: 0 }
    }

    /// Whether anything is written.
    pub(crate) fn is_on(&self) -> bool {
        self.level > 0
    }

    /// Whether every path is written.
    pub(crate) fn is_full(&self) -> bool {
        self.level >= 2
    }

    /// The position after the last byte.
    pub(crate) fn position(&self) -> usize {
        self.gone + self.text.len()
    }

    /// Takes everything after a position back.
    pub(crate) fn rewind(&mut self, position: usize) {
        self.text.truncate(position.saturating_sub(self.gone));
    }

    /// Appends text.
    pub(crate) fn push(&mut self, text: &str) {
        if self.level == 0 {
            return;
        }
        self.text.push_str(text);
        self.keep_the_end();
    }

    /// Appends formatted text.
    pub(crate) fn write(&mut self, args: fmt::Arguments<'_>) {
        if self.level == 0 {
            return;
        }
        let _ = self.text.write_fmt(args);
        self.keep_the_end();
    }

    /// How states are written.
    pub(super) fn dialect(&self) -> &'static Dialect {
        self.dialect
    }

    /// Appends a message.
    pub(crate) fn message(&mut self, message: &Message) {
        if self.level > 0 {
            let message = message.on(self.kernel);
            self.write(format_args!("{message}{}", message.end()));
        }
    }

    /// Appends what is said of a refusal.
    pub(crate) fn refusal(&mut self, refusal: &Refusal) {
        for message in &refusal.messages {
            self.message(message);
        }
    }

    /// The text itself, for writers of many small pieces. Only to be used where the log is on.
    pub(crate) fn text_mut(&mut self) -> &mut String {
        self.keep_the_end();
        &mut self.text
    }

    /// Lets go of the first half of a log that is too long, up to the end of a line.
    fn keep_the_end(&mut self) {
        if self.text.len() <= self.limit {
            return;
        }
        let half = self.text.len() - self.limit / 2;
        let lines = self.text.as_bytes()[half..].iter().position(|&byte| byte == b'\n');
        let end = lines.map_or(self.text.len(), |newline| half + newline + 1);
        self.text.drain(..end);
        self.gone += end;
    }

    /// Remembers that an instruction's line started at `start` and ends here.
    pub(crate) fn end_instruction(&mut self, start: usize) {
        self.insn_end = self.position();
        self.insn_length = self.insn_end.saturating_sub(start);
    }

    /// Starts a state: after the last instruction if nothing was written since, else on a line of its own.
    pub(crate) fn start_state(&mut self, insn: usize) {
        if self.insn_end != 0 && self.insn_end == self.position() {
            self.text.pop();
            let column = (self.insn_length + STEP / 2).max(COLUMN).next_multiple_of(STEP);
            let padding = column - self.insn_length - 1;
            let _ = write!(self.text, "{:padding$};", "");
        } else {
            let _ = write!(self.text, "{insn}:");
        }
    }

    /// The whole text and whether something is missing.
    pub(crate) fn finish(self) -> (String, bool) {
        (self.text, self.gone > 0)
    }
}
