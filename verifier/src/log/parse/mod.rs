//! From a line of text to a [`Line`].
//!
//! The first bytes decide. Every form is taken apart so strictly that printing it gives the text back; what fits
//! none of them is a [`Line::Message`].

mod cursor;
mod diagnosis;
mod listing;
mod precision;
mod walk;

use super::line::{Call, Diagnosis, Heading, Line};
use diagnosis::failed;
use listing::{indented, listing_insn, stack_listing};
use precision::precision;
use walk::{
    compared, from, function, live_stack, numbered, propagating, scc, source, stack_depth, summary,
    to_caller, verification_time,
};

/// Takes one line apart, without its end.
///
/// Lines that only their neighbours tell apart (rows of the stack's analysis with slots above 99, prose of a
/// diagnosis) are told by [`Parser`].
pub fn parse(text: &str) -> Line<'_> {
    classify(text).unwrap_or_else(|| message(text))
}

/// Takes lines apart in their order, and tells those that look like others by what came before.
#[derive(Debug, Clone, Default)]
pub struct Parser {
    section: Section,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Section {
    #[default]
    Walk,
    StackListing,
    Diagnosis,
}

impl Parser {
    /// A parser at the start of a log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next line apart, without its end.
    pub fn parse<'a>(&mut self, text: &'a str) -> Line<'a> {
        let line = parse(text);
        match line {
            Line::Insn(_) if self.section == Section::StackListing => {
                return listing_insn(text, 0).unwrap_or(line);
            }
            Line::StackListing(_) => self.section = Section::StackListing,
            Line::Diagnosis(Diagnosis::Failed { .. }) => self.section = Section::Diagnosis,
            Line::Diagnosis(_) if self.section != Section::Diagnosis => return message(text),
            Line::Diagnosis(_) | Line::Empty => {}
            _ => self.section = Section::Walk,
        }
        line
    }
}

fn message(text: &str) -> Line<'_> {
    // Some messages lack their newline, and the summary follows on the same line.
    if text.ends_with(|c: char| c.is_ascii_digit())
        && let Some(at) = text.rfind("processed ")
        && let Some(summary) = summary(&text[at..])
    {
        return Line::MessageProcessed(&text[..at], summary);
    }
    Line::Message(text)
}

fn classify(text: &str) -> Option<Line<'_>> {
    let Some(&first) = text.as_bytes().first() else { return Some(Line::Empty) };
    match first {
        b'0'..=b'9' => numbered(text),
        b' ' => indented(text),
        b';' => source(text),
        b'm' | b'r' | b'l' => precision(text).map(Line::Precision).or_else(|| word(text)),
        b'p' => match text.as_bytes().get(1) {
            Some(b'a') => precision(text).map(Line::Precision),
            Some(b'r') if text.starts_with("processed ") => summary(text).map(Line::Processed),
            _ => propagating(text, None),
        },
        b'f' => from(text).or_else(|| function(text)),
        b'(' => live_stack(text).map(Line::LiveStack),
        b'c' | b'o' => compared(text).or_else(|| word(text)),
        b't' => to_caller(text).or_else(|| stack_listing(text)),
        b's' => stack_listing(text).or_else(|| stack_depth(text)),
        b'a' => stack_listing(text),
        b'S' => scc(text).or_else(|| word(text)),
        b'V' => failed(text).or_else(|| function(text)),
        b'v' => verification_time(text),
        b'F' => function(text),
        b'L' | b'R' | b'A' | b'C' => word(text),
        _ => None,
    }
}

/// Lines that are always the same.
fn word(text: &str) -> Option<Line<'_>> {
    let heading = |heading| Some(Line::Diagnosis(Diagnosis::Heading(heading)));
    match text {
        "caller:" => Some(Line::Call(Call::Caller)),
        "callee:" => Some(Line::Call(Call::Callee)),
        "returning from callee:" => Some(Line::Call(Call::Returning)),
        "Live regs before insn:" => Some(Line::LiveHeader),
        "Reason:" => heading(Heading::Reason),
        "At:" => heading(Heading::At),
        "Causal path:" => heading(Heading::CausalPath),
        "Suggestion:" => heading(Heading::Suggestion),
        _ => None,
    }
}
