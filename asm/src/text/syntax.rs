//! One instruction from its text, by the table's own syntax.
//!
//! Every row is tried against the tokens. The row that matches to the end wins; if none does, the error stands at the token
//! that the most successful rows stumbled over, with what they wanted there.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use super::lexer::{Span, Token, end_of_line, tokens};
use crate::insn::Insn;
use crate::isa::{Piece, RegisterField, Row, TABLE};
use crate::reg::Reg;
use crate::slot::Slot;
use crate::table;
use knockwright_linux::Helper;

/// An instruction that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyntaxError {
    /// Where in the line it stands.
    pub span: Span,
    /// What stands there; empty at the end of the line.
    pub found: String,
    /// What could stand there, each a noun or a quoted text.
    pub expected: Vec<String>,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expected.as_slice() {
            [] => write!(f, "unexpected ")?,
            [one] => write!(f, "expected {one}, found ")?,
            [first @ .., last] => write!(f, "expected {} or {last}, found ", first.join(", "))?,
        }
        if self.found.is_empty() { f.write_str("the end of the line") } else { write!(f, "`{}`", self.found) }
    }
}

impl std::error::Error for SyntaxError {}

/// An instruction whose names are still to be looked up.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parsed<'a> {
    pub(super) insn: Insn,
    /// The label or function that it leads to, if it has one by name.
    pub(super) target: Option<(&'a str, Span)>,
    /// The map that it loads, if it has one by name.
    pub(super) map: Option<(&'a str, Span)>,
}

/// Reads one instruction in the kernel's syntax: the text that `Insn`'s `Display` writes.
///
/// ```
/// use knockwright_asm::{Insn, Reg, text::parse_insn};
///
/// assert_eq!(parse_insn("r7 += 8"), Ok(Insn::add64_imm(Reg::R7, 8)));
/// let error = parse_insn("r7 += *").unwrap_err();
/// assert_eq!(error.to_string(), "expected a constant or a register, found `*`");
/// ```
///
/// # Errors
/// [`SyntaxError`] with the place of the first token that fits no instruction, and what would fit. Labels and map names are
/// errors too: only a whole [program](super::parse_program) knows them.
pub fn parse_insn(line: &str) -> Result<Insn, SyntaxError> {
    unnamed(parse(&tokens(line))?)
}

/// Reads one instruction whose opcode is known, as a listing of the kernel has both: `(07) r7 += 8`. It takes a part of the time
/// of [`parse_insn`].
///
/// ```
/// use knockwright_asm::{Insn, Reg, opcode, text::parse_insn_of};
///
/// assert_eq!(parse_insn_of(opcode::MOV64_K, "r1 = 5"), Ok(Insn::mov64_imm(Reg::R1, 5)));
/// assert!(parse_insn_of(opcode::EXIT, "r1 = 5").is_err());
/// ```
///
/// # Errors
/// As [`parse_insn`], and where the text is an instruction of another opcode.
pub fn parse_insn_of(opcode: u8, line: &str) -> Result<Insn, SyntaxError> {
    unnamed(parse_rows(&tokens(line), &BY_OPCODE[usize::from(opcode)])?)
}

/// An instruction that names neither a label nor a map.
fn unnamed(parsed: Parsed<'_>) -> Result<Insn, SyntaxError> {
    match parsed.target.or(parsed.map) {
        None => Ok(parsed.insn),
        Some((name, span)) => {
            let expected = vec![if parsed.target.is_some() { "`pc`".into() } else { "`idx`".to_owned() }];
            Err(SyntaxError { span, found: name.to_owned(), expected })
        }
    }
}

/// Reads one instruction from a line's tokens.
pub(super) fn parse<'a>(tokens: &[(Token<'a>, Span)]) -> Result<Parsed<'a>, SyntaxError> {
    parse_rows(tokens, &ROWS)
}

/// Reads one instruction of some rows of the table.
fn parse_rows<'a>(tokens: &[(Token<'a>, Span)], rows: &[Syntax]) -> Result<Parsed<'a>, SyntaxError> {
    let mut second_choice = None;
    for Syntax { row, steps } in rows {
        let mut trial = Trial::of(row, tokens);
        if trial.run(steps).is_ok()
            && let Some(insn) = table::decode(trial.slot, row.wide.then_some(trial.second))
        {
            let parsed = Parsed { insn, target: trial.target, map: trial.map };
            if !trial.loose {
                return Ok(parsed);
            }
            second_choice.get_or_insert(parsed);
        }
    }
    second_choice.ok_or_else(|| error(tokens, rows))
}

/// What stands in the way of reading an instruction, and what the rows that come farthest want in its place.
fn error(tokens: &[(Token<'_>, Span)], rows: &[Syntax]) -> SyntaxError {
    let mut farthest = 0;
    let mut expected = BTreeSet::new();
    for Syntax { row, steps } in rows {
        let mut trial = Trial::of(row, tokens);
        let Err(wanted) = trial.run(steps) else { continue };
        if trial.next > farthest {
            farthest = trial.next;
            expected.clear();
        }
        if trial.next == farthest {
            expected.insert(wanted);
        }
    }
    let (found, span) = match tokens.get(farthest) {
        Some((token, span)) => (token.text().to_owned(), *span),
        None => (String::new(), end_of_line(tokens)),
    };
    SyntaxError { span, found, expected: expected.iter().map(Wanted::to_string).collect() }
}

/// The slot of a row with its fixed fields filled in.
fn blank(row: &Row) -> Slot {
    Slot {
        opcode: row.opcode,
        dst: row.fixed.dst.unwrap_or(0),
        src: row.fixed.src.unwrap_or(0),
        off: row.fixed.off.unwrap_or(0),
        imm: row.fixed.imm.unwrap_or(0),
    }
}

/// What a row wanted where it failed. Kept small: nearly every row of the table fails for nearly every line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    /// This text.
    Text(&'static str),
    /// A thing of this kind.
    Kind(&'static str),
    /// The same register as before.
    Again(char, u8),
    /// The number that belongs to a helper's name.
    NumberOf(Helper),
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "`{text}`"),
            Self::Kind(kind) => f.write_str(kind),
            Self::Again(prefix, number) => write!(f, "`{prefix}{number}` again"),
            Self::NumberOf(helper) => write!(f, "`{}`, the number of `{helper}`", *helper as i32),
        }
    }
}

/// A row's syntax with its texts cut into tokens.
enum Step {
    Token(&'static str),
    Piece(Piece),
}

/// A row of the table with its syntax.
struct Syntax {
    row: &'static Row,
    steps: Vec<Step>,
}

/// All rows of the table.
static ROWS: LazyLock<Vec<Syntax>> = LazyLock::new(|| with_syntax(TABLE.iter()));

/// The rows of each opcode.
static BY_OPCODE: LazyLock<Vec<Vec<Syntax>>> = LazyLock::new(|| {
    (0..=u8::MAX).map(|opcode| with_syntax(TABLE.iter().filter(|row| row.opcode == opcode))).collect()
});

fn with_syntax(rows: impl Iterator<Item = &'static Row>) -> Vec<Syntax> {
    let steps = |piece| match piece {
        Piece::Text(text) => tokens(text).into_iter().map(|(token, _)| Step::Token(token.text())).collect(),
        piece => vec![Step::Piece(piece)],
    };
    rows.map(|row| Syntax { row, steps: row.pieces().flat_map(steps).collect() }).collect()
}

type Name<'a> = Option<(&'a str, Span)>;

/// One row tried against the tokens. An error is what the row wanted at `next`.
struct Trial<'t, 'a> {
    tokens: &'t [(Token<'a>, Span)],
    next: usize,
    slot: Slot,
    second: i32,
    /// The label or function that it leads to, if it's named.
    target: Name<'a>,
    /// The map that it loads, if it's named.
    map: Name<'a>,
    /// Whether a decimal constant was given in hexadecimal: `r1 = 0x1` is first of all the two-slot load.
    loose: bool,
}

impl<'t, 'a> Trial<'t, 'a> {
    fn of(row: &Row, tokens: &'t [(Token<'a>, Span)]) -> Self {
        Self {
            tokens,
            next: 0,
            slot: blank(row),
            second: row.fixed.next.unwrap_or(0),
            target: None,
            map: None,
            loose: false,
        }
    }

    fn run(&mut self, steps: &[Step]) -> Result<(), Wanted> {
        let mut registers: [Option<u8>; 2] = [None; 2];
        for step in steps {
            let piece = match step {
                Step::Token(text) if self.take(text) => continue,
                Step::Token(text) => return Err(Wanted::Text(text)),
                Step::Piece(piece) => *piece,
            };
            match piece {
                Piece::Text(_) => {}
                Piece::Register { field, prefix } => {
                    let number = self.register(prefix, &mut registers[field as usize])?;
                    match field {
                        RegisterField::Dst => self.slot.dst = number,
                        RegisterField::Src => self.slot.src = number,
                    }
                }
                Piece::Imm => {
                    self.loose |= self.peek().is_some_and(|token| token.text().starts_with("0x"));
                    self.slot.imm = self.constant32()?;
                }
                Piece::Hex => self.slot.imm = self.constant32()?,
                Piece::Imm64 => {
                    let value = self.number("a constant", |n| {
                        u64::try_from(n).ok().or_else(|| i64::try_from(n).ok().map(i64::cast_unsigned))
                    })?;
                    self.slot.imm = (value as u32).cast_signed();
                    self.second = ((value >> 32) as u32).cast_signed();
                }
                Piece::Off => {
                    self.slot.off = self.signed("an offset of 16 bits", |n| i16::try_from(n).ok())?
                }
                Piece::Next => {
                    self.second = self.signed("an offset of 32 bits", |n| i32::try_from(n).ok())?
                }
                Piece::Pc => {
                    if let Some(off) = self.target(|n| i16::try_from(n).ok(), "a distance of 16 bits")? {
                        self.slot.off = off;
                    }
                }
                Piece::PcImm => {
                    if let Some(off) = self.target(|n| i32::try_from(n).ok(), "a distance of 32 bits")? {
                        self.slot.imm = off;
                    }
                }
                Piece::Map => self.map()?,
                Piece::Helper => self.helper()?,
                Piece::Kfunc => self.kfunc()?,
            }
        }
        if self.next == self.tokens.len() { Ok(()) } else { Err(Wanted::Kind("the end of the line")) }
    }

    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.next).map(|(token, _)| *token)
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.text() == text);
        self.next += usize::from(found);
        found
    }

    /// A register; one that the syntax names twice must be the same both times.
    fn register(&mut self, prefix: char, seen: &mut Option<u8>) -> Result<u8, Wanted> {
        let number = match self.peek() {
            Some(Token::Word(word)) => word
                .strip_prefix(prefix)
                .filter(|digits| !digits.starts_with('+') && (digits.len() == 1 || !digits.starts_with('0')))
                .and_then(|digits| digits.parse().ok())
                .filter(|number| Reg::from_number(*number).is_some()),
            _ => None,
        };
        let number =
            number.ok_or(Wanted::Kind(if prefix == 'w' { "a 32-bit register" } else { "a register" }))?;
        if let Some(seen) = seen.filter(|seen| *seen != number) {
            return Err(Wanted::Again(prefix, seen));
        }
        *seen = Some(number);
        self.next += 1;
        Ok(number)
    }

    /// A number with an optional sign, decimal or hexadecimal, that `fit` accepts.
    fn number<T>(&mut self, wanted: &'static str, fit: impl FnOnce(i128) -> Option<T>) -> Result<T, Wanted> {
        let start = self.next;
        let negative = self.take("-");
        if !negative {
            self.take("+");
        }
        let value = match self.peek() {
            Some(Token::Word(word)) => magnitude(word),
            _ => None,
        };
        let fitted = value.and_then(|value| fit(if negative { -value } else { value }));
        match fitted {
            Some(value) => {
                self.next += 1;
                Ok(value)
            }
            None => {
                self.next = start;
                Err(Wanted::Kind(wanted))
            }
        }
    }

    /// As [`number`](Self::number), with the sign required.
    fn signed<T>(&mut self, wanted: &'static str, fit: impl FnOnce(i128) -> Option<T>) -> Result<T, Wanted> {
        match self.peek() {
            Some(Token::Mark("+" | "-")) => self.number(wanted, fit),
            _ => Err(Wanted::Kind(wanted)),
        }
    }

    /// 32 bits: signed as the listing writes constants, or unsigned as it writes comparisons.
    fn constant32(&mut self) -> Result<i32, Wanted> {
        self.number("a constant", |n| {
            i32::try_from(n).ok().or_else(|| u32::try_from(n).ok().map(u32::cast_signed))
        })
    }

    /// `pc+5`, or a name that is kept.
    fn target<T>(
        &mut self,
        fit: impl FnOnce(i128) -> Option<T>,
        wanted: &'static str,
    ) -> Result<Option<T>, Wanted> {
        let Some((Token::Word(word), span)) = self.tokens.get(self.next).copied() else {
            return Err(Wanted::Kind("a label or `pc`"));
        };
        self.next += 1;
        if word == "pc" && matches!(self.peek(), Some(Token::Mark("+" | "-"))) {
            return self.signed(wanted, fit).map(Some);
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) || self.peek() == Some(Token::Mark("#")) {
            self.next -= 1;
            return Err(Wanted::Kind("a label or `pc`"));
        }
        self.target = Some((word, span));
        Ok(None)
    }

    /// `idx:0`, or a name that is kept.
    fn map(&mut self) -> Result<(), Wanted> {
        let Some((Token::Word(word), span)) = self.tokens.get(self.next).copied() else {
            return Err(Wanted::Kind("a map's name"));
        };
        let numbered = self.tokens.get(self.next + 1).is_some_and(|(token, _)| *token == Token::Mark(":"));
        match (word, numbered) {
            ("idx", true) => {
                self.next += 2;
                self.slot.imm = self.constant32()?;
            }
            (_, true) => return Err(Wanted::Text("idx")),
            (name, false) => {
                self.next += 1;
                self.map = Some((name, span));
            }
        }
        Ok(())
    }

    /// `bpf_map_lookup_elem#1`, its name alone, or `unknown#9999`.
    fn helper(&mut self) -> Result<(), Wanted> {
        const WANTED: Wanted = Wanted::Kind("a helper such as `bpf_map_lookup_elem#1`");
        let Some(Token::Word(name)) = self.peek() else {
            return Err(WANTED);
        };
        let known = name.parse::<Helper>().ok();
        if known.is_none() && name != "unknown" {
            return Err(WANTED);
        }
        self.next += 1;
        let number = match (self.take("#"), known) {
            (true, _) => self.constant32()?,
            (false, Some(helper)) => helper as i32,
            (false, None) => return Err(Wanted::Text("#")),
        };
        if let Some(helper) = known.filter(|helper| *helper as i32 != number) {
            self.next -= 1;
            return Err(Wanted::NumberOf(helper));
        }
        self.slot.imm = number;
        Ok(())
    }

    /// `name#id`, and `@module` after it for a function of a module.
    fn kfunc(&mut self) -> Result<(), Wanted> {
        const WANTED: Wanted = Wanted::Kind("a kernel function such as `kfunc#1234`");
        let Some(Token::Word(name)) = self.peek() else {
            return Err(WANTED);
        };
        if name.parse::<Helper>().is_ok() || name == "unknown" {
            return Err(WANTED);
        }
        if !self.tokens.get(self.next + 1).is_some_and(|(token, _)| *token == Token::Mark("#")) {
            return Err(WANTED);
        }
        self.next += 2;
        self.slot.imm = self.constant32()?;
        if self.take("@") {
            self.slot.off = self.number("a module's index", |n| i16::try_from(n).ok())?;
        }
        Ok(())
    }
}

/// The value of a number without sign: decimal, or hexadecimal after `0x`.
fn magnitude(word: &str) -> Option<i128> {
    let value = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(digits) if !digits.starts_with('+') => u64::from_str_radix(digits, 16).ok(),
        Some(_) => None,
        None => word.parse::<u64>().ok(),
    };
    value.map(i128::from)
}
