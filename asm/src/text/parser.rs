//! Whole programs from text: labels, names and directives around the instructions.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use super::declarations::{nothing_after, word};
use super::escape;
use super::externs::{self, Externs};
use super::lexer::{Span, Token};
use super::pasted::{self, Origin, Sifted};
use super::syntax::{self, SyntaxError};
use crate::builder::{Asm, AsmError, FnRef, Label, MapRef, Target};
use crate::insn::{Imm64, Insn};
use crate::isa::IsaLevel;
use crate::program::{Code, Place, Program, SourceLine};
use crate::slot::Slot;
use knockwright_btf::Endian;
use knockwright_linux::ProgType;

/// One mistake in the text of a program.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseError {
    /// The file as the caller named it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// Where in the line.
    pub span: Span,
    /// The line itself.
    pub text: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ParseError {
    /// Writes the place, the message and the line with a mark under the culprit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, span, text, message } = self;
        let (file, message) = (escape::visible(file), escape::visible_lines(message));
        writeln!(f, "{file}:{line}:{}: {message}", span.column)?;
        let number = line.to_string();
        // One character for one, so that the mark stays under its place.
        let text: String =
            text.chars().map(|c| if c != '\t' && escape::is_hidden(c) { '\u{fffd}' } else { c }).collect();
        writeln!(f, "{number} | {text}")?;
        let indent: String =
            text.chars().take(span.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        write!(f, "{:1$} | {indent}{2}", "", number.len(), "^".repeat(span.len.max(1)))
    }
}

/// All mistakes in the text of a program.
#[derive(Clone, PartialEq, Eq)]
pub struct ParseErrors(Vec<ParseError>);

impl ParseErrors {
    /// The mistakes, at least one, in the order of the lines.
    pub fn errors(&self) -> &[ParseError] {
        &self.0
    }
}

/// How many mistakes are written. A file of another kind has one in each line.
const SHOWN: usize = 20;

impl fmt::Display for ParseErrors {
    /// Writes the first 20 mistakes, and how many more there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, more) = self.0.split_at(self.0.len().min(SHOWN));
        crate::builder::write_lines(f, shown)?;
        match more.len() {
            0 => Ok(()),
            1 => f.write_str("\nand one more"),
            count => write!(f, "\nand {count} more"),
        }
    }
}

impl std::error::Error for ParseErrors {}

crate::sentence::debug_as_display!(ParseError, ParseErrors);

/// Reads a program from text; `file` names it in errors and in line information.
///
/// Without a `.program` directive it's called `main` and is an XDP program.
///
/// # Errors
/// Every line that can't be read, every name that isn't there or is there twice, jumps that are too long, and a second
/// `.program`.
pub fn parse_program(file: &str, text: &str) -> Result<Program, ParseErrors> {
    let sifted = pasted::sift(text);
    let (_, others) = split(&sifted.lines);
    if let Some(second) = others.first().and_then(|lines| lines.first()) {
        let span = second.tokens.first().map_or(Span { column: 1, len: 1 }, |(_, span)| *span);
        let mistake = Mistake::new(span, "a second program starts here, and only one is expected");
        return Err(ParseErrors(vec![mistake.at(file, second)]));
    }
    let parsed = parse_sifted(file, text, sifted)?;
    let first = parsed.programs.into_iter().next();
    // There is a first part always, if an empty one, which is an error.
    first.map(|first| first.program).ok_or_else(|| ParseErrors(Vec::new()))
}

/// Reads one or several programs from text: each `.program` after the first starts another one, with maps, functions and
/// labels of its own.
///
/// # Errors
/// Those of [`parse_program`], of all programs.
pub fn parse_programs(file: &str, text: &str) -> Result<Vec<Program>, ParseErrors> {
    Ok(parse_text(file, text)?.programs.into_iter().map(|parsed| parsed.program).collect())
}

/// What a text holds besides the programs themselves.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Text {
    /// The programs, at least one.
    pub programs: Vec<TextProgram>,
    /// The byte order of the machine that they are for, if the text says it (`.endian`).
    pub endian: Option<Endian>,
    /// What the reader should know of how the text was read: what a log doesn't show.
    pub notes: Vec<String>,
}

/// A program of a text.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TextProgram {
    /// The program.
    pub program: Program,
    /// The section that it stood in (`.section`), if that isn't the usual one of its type.
    pub section: Option<String>,
}

/// Reads a text with all that it says: as [`parse_programs`], with sections and the byte order.
///
/// Takes verifier logs and what `bpftool prog dump xlated` prints, too. Of a log each instruction is taken once; what it
/// doesn't show is filled, and noted.
///
/// # Errors
/// Those of [`parse_program`], of all programs.
pub fn parse_text(file: &str, text: &str) -> Result<Text, ParseErrors> {
    parse_sifted(file, text, pasted::sift(text))
}

fn parse_sifted(file: &str, text: &str, sifted: Sifted<'_>) -> Result<Text, ParseErrors> {
    let Sifted { origin, lines, notes, mistakes } = sifted;
    let mut findings = Findings {
        parsed: Text { programs: Vec::new(), endian: None, notes },
        errors: mistakes.into_iter().map(|(mistake, line)| mistake.at(file, &line)).collect(),
        zeros_left: MAX_ZEROS,
    };
    if findings.errors.is_empty() {
        let (first, others) = split(&lines);
        for part in [first].into_iter().chain(others) {
            findings.parse(file, text, origin, part);
        }
    }
    match findings.errors.is_empty() {
        true => Ok(findings.parsed),
        false => Err(ParseErrors(findings.errors)),
    }
}

/// How many zeros are added to the contents of maps in all: a line that asks for gigabytes is quickly written.
const MAX_ZEROS: usize = 256 << 20;

/// What is read of a text so far.
struct Findings {
    parsed: Text,
    errors: Vec<ParseError>,
    zeros_left: usize,
}

/// The lines of the first program, and those of each further one.
fn split<'s, 't>(lines: &'s [Line<'t>]) -> (&'s [Line<'t>], Vec<&'s [Line<'t>]>) {
    let is_start = |line: &Line<'_>| matches!(line.tokens.first(), Some((Token::Word(".program"), _)));
    let starts: Vec<usize> = (0..lines.len()).filter(|&index| is_start(&lines[index])).collect();
    let later = starts.get(1..).unwrap_or_default();
    let ends = later.iter().skip(1).copied().chain([lines.len()]);
    let others = later.iter().zip(ends).map(|(&start, end)| &lines[start..end]).collect();
    (&lines[..later.first().copied().unwrap_or(lines.len())], others)
}

impl Findings {
    /// Reads the lines of one program.
    fn parse(&mut self, file: &str, text: &str, origin: Origin, part: &[Line<'_>]) {
        let mut found = Vec::new();
        let mut reader = Reader::new(file, origin, &mut self.zeros_left, &mut found);
        reader.declarations(part);
        for line in part {
            if let Err(mistake) = reader.line(line) {
                reader.errors.push(mistake.at(file, line));
            }
        }
        let Reader { asm, externs, section, endian, .. } = reader;
        self.parsed.endian = endian.or(self.parsed.endian);
        if found.is_empty() {
            match asm.finish() {
                Ok(mut program) => {
                    externs.into_program(&mut program);
                    self.parsed.programs.push(TextProgram { program, section });
                }
                Err(finished) => {
                    let lines: Vec<&str> = text.lines().collect();
                    found.extend(finished.errors().iter().map(|error| locate(file, &lines, error)));
                }
            }
        }
        self.errors.append(&mut found);
    }
}

/// The line that an error of the assembler concerns.
fn locate(file: &str, lines: &[&str], error: &AsmError) -> ParseError {
    let place = error.place();
    let number = usize::try_from(place.line).unwrap_or(lines.len()).max(1);
    let text = lines.get(number - 1).copied().unwrap_or("");
    let column = usize::try_from(place.column).unwrap_or(1).max(1);
    let line = Line { number, text, tokens: Vec::new() };
    // The mistake says the place itself.
    let message = error.to_string();
    let message = message.strip_prefix(&format!("{place}: ")).unwrap_or(&message);
    Mistake::new(Span { column, len: 1 }, message).at(file, &line)
}

pub(super) struct Line<'a> {
    pub(super) number: usize,
    pub(super) text: &'a str,
    pub(super) tokens: Vec<(Token<'a>, Span)>,
}

/// A mistake in the line at hand.
pub(super) struct Mistake {
    span: Span,
    message: String,
}

impl Mistake {
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }

    fn at(self, file: &str, line: &Line<'_>) -> ParseError {
        let Self { span, message } = self;
        ParseError { file: file.to_owned(), line: line.number, span, text: line.text.to_owned(), message }
    }
}

impl From<SyntaxError> for Mistake {
    fn from(error: SyntaxError) -> Self {
        Self::new(error.span, error.to_string())
    }
}

pub(super) struct Reader<'t, 'e> {
    file: String,
    origin: Origin,
    pub(super) asm: Asm,
    pub(super) externs: Externs<'t>,
    pub(super) section: Option<String>,
    pub(super) endian: Option<Endian>,
    pub(super) labels: HashMap<&'t str, (Label, usize)>,
    pub(super) functions: HashMap<Cow<'t, str>, FnRef>,
    pub(super) maps: HashMap<Cow<'t, str>, MapRef>,
    pub(super) zeros_left: &'e mut usize,
    errors: &'e mut Vec<ParseError>,
}

/// The label that a line starts with, if it does: a name and a colon that is no `N: (op)` of a log.
pub(super) fn leading_label<'a>(tokens: &[(Token<'a>, Span)]) -> Option<(&'a str, Span)> {
    match tokens {
        [(Token::Word(name), span), (Token::Mark(":"), _), ..]
            if !name.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            Some((name, *span))
        }
        _ => None,
    }
}

/// The tokens without the `N: (op)` that a verifier's log puts before an instruction.
fn without_log_prefix<'s, 'a>(tokens: &'s [(Token<'a>, Span)]) -> &'s [(Token<'a>, Span)] {
    match tokens {
        [
            (Token::Word(number), _),
            (Token::Mark(":"), _),
            (Token::Mark("("), _),
            (Token::Word(opcode), _),
            (Token::Mark(")"), _),
            rest @ ..,
        ] if number.bytes().all(|b| b.is_ascii_digit()) && opcode.len() == 2 => rest,
        _ => tokens,
    }
}

impl<'t, 'e> Reader<'t, 'e> {
    fn new(file: &str, origin: Origin, zeros_left: &'e mut usize, errors: &'e mut Vec<ParseError>) -> Self {
        let mut asm = Asm::new("main", ProgType::Xdp);
        // A text may be a piece: what a log or a listing shows of a program.
        asm.isa(IsaLevel::Later).allow_falling_off();
        Self {
            file: file.to_owned(),
            origin,
            asm,
            externs: Externs::default(),
            section: None,
            endian: None,
            labels: HashMap::new(),
            functions: HashMap::new(),
            maps: HashMap::new(),
            zeros_left,
            errors,
        }
    }

    /// Makes labels, maps and functions of all lines, so that instructions can name what comes later.
    fn declarations(&mut self, lines: &[Line<'t>]) {
        let start = lines.first().map_or(1, |first| first.number);
        self.asm.entry_declared_at(self.place(start, 1));
        for line in lines {
            if let Err(mistake) = self.declare(line) {
                self.errors.push(mistake.at(&self.file, line));
            }
        }
    }

    pub(super) fn place(&self, line: usize, column: usize) -> Place {
        Place {
            file: Cow::Owned(self.file.clone()),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    fn line(&mut self, line: &Line<'t>) -> Result<(), Mistake> {
        let mut tokens = line.tokens.as_slice();
        if let Some((name, _)) = leading_label(tokens) {
            if let Some((label, _)) = self.labels.get(name).filter(|(_, first)| *first == line.number) {
                self.asm.bind(*label);
            }
            tokens = &tokens[2..];
        }
        tokens = without_log_prefix(tokens);
        let Some((first, span)) = tokens.first() else {
            return Ok(());
        };
        let place = self.place(line.number, span.column);
        match first.text() {
            ".program" | ".license" | ".map" | ".section" | ".endian" | ".extern" => Ok(()),
            ".func" => {
                let Some((Token::Word(name), _)) = tokens.get(1) else { return Ok(()) };
                if let Some(function) = self.functions.get(&escape::unescape(name)) {
                    self.asm.begin(*function);
                }
                Ok(())
            }
            ".slot" => {
                let (digits, span) = word(tokens, 1, "16 hexadecimal digits")?;
                let bytes =
                    hex::decode(digits).ok().and_then(|bytes| <[u8; Slot::LEN]>::try_from(bytes).ok());
                let bytes = bytes.ok_or_else(|| {
                    Mistake::new(span, format!("expected 16 hexadecimal digits, found `{digits}`"))
                })?;
                self.asm.emit_text(
                    Code::Raw(Slot::from_bytes(bytes, Endian::Little)),
                    Target::None,
                    place,
                    None,
                );
                nothing_after(tokens, 2)
            }
            directive if directive.starts_with('.') => {
                let message = format!(
                    "no directive is called `{directive}`; there are `.program`, `.section`, `.endian`, `.license`, `.map`, \
                     `.extern`, `.func` and `.slot`"
                );
                Err(Mistake::new(*span, message))
            }
            _ => self.instruction(line, tokens, place),
        }
    }

    fn instruction(
        &mut self,
        line: &Line<'t>,
        tokens: &[(Token<'t>, Span)],
        place: Place,
    ) -> Result<(), Mistake> {
        let tokens = &pasted::read_as_bytes(tokens);
        let text = Cow::Owned(line.text.trim().to_owned());
        let source = SourceLine { file: place.file.clone(), line: place.line, column: place.column, text };
        if let Some((insn, name)) = externs::read(tokens) {
            self.externs.used(escape::unescape(name), place.line);
            self.asm.emit_text(Code::Insn(insn), Target::None, place, Some(source));
            return Ok(());
        }
        if let Some(code) = pasted::of_kernel(tokens, self.origin) {
            self.asm.emit_text(code, Target::None, place, Some(source));
            return Ok(());
        }
        let mut parsed = syntax::parse(tokens)?;
        if let Some((name, span)) = parsed.map {
            let Some(map) = self.maps.get(&escape::unescape(name)) else {
                return Err(Mistake::new(span, format!("no map is called `{name}`; declare it with `.map`")));
            };
            let index = map.index() as i32;
            if let Insn::LoadImm64 { value: Imm64::MapIdx(idx) | Imm64::MapIdxValue { idx, .. }, .. } =
                &mut parsed.insn
            {
                *idx = index;
            }
        }
        let target = match parsed.target {
            None => Target::None,
            Some((name, span)) => {
                match (self.labels.get(name), self.functions.get(&escape::unescape(name))) {
                    (Some((label, _)), _) => Target::Label(*label),
                    (None, Some(function)) if parsed.insn.jump_offset().is_none() => {
                        Target::Function(*function)
                    }
                    (None, Some(_)) => {
                        return Err(Mistake::new(
                            span,
                            format!("`{name}` is a function, and jumps go to labels"),
                        ));
                    }
                    (None, None) => {
                        return Err(Mistake::new(span, format!("no label or function is called `{name}`")));
                    }
                }
            }
        };
        self.asm.emit_text(Code::Insn(parsed.insn), target, place, Some(source));
        Ok(())
    }
}
