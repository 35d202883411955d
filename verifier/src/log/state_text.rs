//! A state as text, and its parts.

use std::fmt;

use super::dialect::Dialect;
use super::state::{Liveness, RegState, Slot, State};
use super::value_parse::{self, cut};

/// A state as it stands in the log, from the space before its first part. It may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct StateText<'a>(&'a str);

impl<'a> StateText<'a> {
    /// Any text.
    pub const fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// The text as it stands in the log.
    pub const fn text(self) -> &'a str {
        self.0
    }

    /// Its parts, one after the other, without allocating.
    pub const fn parts(self, dialect: &'a Dialect) -> Parts<'a> {
        Parts { rest: self.0, dialect }
    }

    /// The whole state. The dialect tells what a bound that is left out stands for.
    pub fn parse(self, dialect: &Dialect) -> State<'a> {
        let mut state = State { regs: Vec::with_capacity(4), ..State::default() };
        let mut rest = self.0;
        while let Some(text) = next_part(&mut rest) {
            match part(text, dialect) {
                Part::Frame(frame) => state.frame = frame,
                Part::Reg(number, liveness, value) => state.regs.push((number, liveness, value)),
                Part::Slot(slot) => state.slots.push(slot),
                Part::Refs(refs) => {
                    state.refs.extend(refs.split(',').filter_map(|id| id.parse::<u32>().ok()))
                }
                Part::Callback => state.callback = true,
                Part::AsyncCallback => state.async_callback = true,
                Part::Unknown(text) => state.unknown.push(text),
            }
        }
        state
    }

    /// One register's content, without looking at the others.
    pub fn reg(self, number: u8, dialect: &Dialect) -> Option<RegState<'a>> {
        let mut rest = self.0;
        while let Some(text) = next_part(&mut rest) {
            if text.starts_with('R')
                && let Part::Reg(at, _, value) = part(text, dialect)
                && at == number
            {
                return Some(value);
            }
        }
        None
    }
}

impl fmt::Display for StateText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A part of a state.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Part<'a> {
    /// `frame1:`
    Frame(u32),
    /// `R1=...`
    Reg(u8, Liveness, RegState<'a>),
    /// `fp-8=...`
    Slot(Slot<'a>),
    /// `refs=2,3`: the ids as they stand.
    Refs(&'a str),
    /// `cb`
    Callback,
    /// `async_cb`
    AsyncCallback,
    /// Any other text.
    Unknown(&'a str),
}

/// The parts of a state.
#[derive(Debug, Clone)]
pub struct Parts<'a> {
    rest: &'a str,
    dialect: &'a Dialect,
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        next_part(&mut self.rest).map(|text| part(text, self.dialect))
    }
}

/// Cuts the next part off. Parts have a space before them, and none in them but after the `;` of `var_off`.
fn next_part<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let text = rest.strip_prefix(' ').unwrap_or(rest);
    if text.is_empty() {
        *rest = text;
        return None;
    }
    let bytes = text.as_bytes();
    let mut end = 0;
    while end < bytes.len() && (bytes[end] != b' ' || end > 0 && bytes[end - 1] == b';') {
        end += 1;
    }
    *rest = &text[end..];
    Some(&text[..end])
}

fn part<'a>(text: &'a str, dialect: &Dialect) -> Part<'a> {
    known_part(text, dialect).unwrap_or(Part::Unknown(text))
}

fn known_part<'a>(text: &'a str, dialect: &Dialect) -> Option<Part<'a>> {
    match text.as_bytes() {
        [b'R', ..] => {
            let (name, value) = cut(&text[1..], b'=')?;
            let (number, liveness) = value_parse::name(name)?;
            Some(Part::Reg(number.parse().ok()?, liveness, value_parse::reg(value, dialect)))
        }
        [b'f', b'p', ..] => {
            let (name, value) = cut(&text[2..], b'=')?;
            let (offset, liveness) = value_parse::name(name)?;
            let (bytes, spilled) = value_parse::slot(value, dialect);
            let brief = dialect.brief_spills && spilled.is_some();
            Some(Part::Slot(Slot { offset: offset.parse().ok()?, liveness, bytes, spilled, brief }))
        }
        [b'f', ..] => Some(Part::Frame(text.strip_prefix("frame")?.strip_suffix(':')?.parse().ok()?)),
        [b'r', ..] => Some(Part::Refs(text.strip_prefix("refs=")?)),
        b"cb" => Some(Part::Callback),
        b"async_cb" => Some(Part::AsyncCallback),
        _ => None,
    }
}
