//! Whole programs from text: labels, names and directives around the instructions.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use super::escape;
use super::lexer::{Span, Token, end_of_line, tokens};
use super::syntax::{self, SyntaxError};
use crate::builder::{Asm, AsmError, FnRef, Label, MapRef, Target};
use crate::insn::{Imm64, Insn};
use crate::isa::IsaLevel;
use crate::program::{Code, Linkage, MapDef, Place, Program, SourceLine};
use crate::slot::Slot;
use crate::types::Extent;
use knockwright_btf::Endian;
use knockwright_linux::{MapType, ProgType};

/// One mistake in the text of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Reads a program from text; `file` names it in errors and in line information.
///
/// Without a `.program` directive it's called `main` and is an XDP program.
///
/// # Errors
/// Every line that can't be read, every name that isn't there or is there twice, jumps that are too long, and a second
/// `.program`.
pub fn parse_program(file: &str, text: &str) -> Result<Program, ParseErrors> {
    let lines = lines(text);
    let (first, others) = split(&lines);
    if let Some(second) = others.first().and_then(|lines| lines.first()) {
        let span = second.tokens.first().map_or(Span { column: 1, len: 1 }, |(_, span)| *span);
        let mistake = Mistake::new(span, "a second program starts here, and only one is expected");
        return Err(ParseErrors(vec![mistake.at(file, second)]));
    }
    let mut errors = Vec::new();
    match parse_lines(file, &lines, first, &mut errors) {
        Some(program) => Ok(program),
        None => Err(ParseErrors(errors)),
    }
}

/// Reads one or several programs from text: each `.program` after the first starts another one, with maps, functions and
/// labels of its own.
///
/// # Errors
/// Those of [`parse_program`], of all programs.
pub fn parse_programs(file: &str, text: &str) -> Result<Vec<Program>, ParseErrors> {
    let lines = lines(text);
    let (first, others) = split(&lines);
    let mut errors = Vec::new();
    let mut programs = Vec::new();
    for part in [first].into_iter().chain(others) {
        programs.extend(parse_lines(file, &lines, part, &mut errors));
    }
    if errors.is_empty() { Ok(programs) } else { Err(ParseErrors(errors)) }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let line = |(index, text)| Line { number: index + 1, text, tokens: tokens(text) };
    text.lines().enumerate().map(line).collect()
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

/// Reads the lines of one program out of all lines of a text.
fn parse_lines<'t>(
    file: &str,
    lines: &[Line<'t>],
    part: &[Line<'t>],
    errors: &mut Vec<ParseError>,
) -> Option<Program> {
    let mut found = Vec::new();
    let mut reader = Reader::new(file, part, &mut found);
    for line in part {
        if let Err(mistake) = reader.line(line) {
            reader.errors.push(mistake.at(file, line));
        }
    }
    let asm = reader.asm;
    if found.is_empty() {
        match asm.finish() {
            Ok(program) => return Some(program),
            Err(finished) => found.extend(finished.errors().iter().map(|error| locate(file, lines, error))),
        }
    }
    errors.append(&mut found);
    None
}

/// The line that an error of the assembler concerns.
fn locate(file: &str, lines: &[Line<'_>], error: &AsmError) -> ParseError {
    let place = error.place();
    let number = usize::try_from(place.line).unwrap_or(lines.len()).max(1);
    let text = lines.get(number - 1).map_or("", |line| line.text);
    let column = usize::try_from(place.column).unwrap_or(1).max(1);
    let line = Line { number, text, tokens: Vec::new() };
    // The mistake says the place itself.
    let message = error.to_string();
    let message = message.strip_prefix(&format!("{place}: ")).unwrap_or(&message);
    Mistake::new(Span { column, len: 1 }, message).at(file, &line)
}

struct Line<'a> {
    number: usize,
    text: &'a str,
    tokens: Vec<(Token<'a>, Span)>,
}

/// A mistake in the line at hand.
struct Mistake {
    span: Span,
    message: String,
}

impl Mistake {
    fn new(span: Span, message: impl Into<String>) -> Self {
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

struct Reader<'t, 'e> {
    file: String,
    asm: Asm,
    labels: HashMap<&'t str, (Label, usize)>,
    functions: HashMap<Cow<'t, str>, FnRef>,
    maps: HashMap<Cow<'t, str>, MapRef>,
    errors: &'e mut Vec<ParseError>,
}

/// The label that a line starts with, if it does: a name and a colon that is no `N: (op)` of a log.
fn leading_label<'a>(tokens: &[(Token<'a>, Span)]) -> Option<(&'a str, Span)> {
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

fn word<'a>(tokens: &[(Token<'a>, Span)], index: usize, wanted: &str) -> Result<(&'a str, Span), Mistake> {
    match tokens.get(index) {
        Some((Token::Word(word), span)) => Ok((word, *span)),
        Some((token, span)) => Err(Mistake::new(*span, format!("expected {wanted}, found {token}"))),
        None => {
            Err(Mistake::new(end_of_line(tokens), format!("expected {wanted}, found the end of the line")))
        }
    }
}

/// A word with its escapes undone.
fn named<'a>(
    tokens: &[(Token<'a>, Span)],
    index: usize,
    wanted: &str,
) -> Result<(Cow<'a, str>, Span), Mistake> {
    word(tokens, index, wanted).map(|(word, span)| (escape::unescape(word), span))
}

/// The text of a `.license`: all up to a comment, or what stands in quotes.
fn license(line: &Line<'_>, after: usize) -> Result<String, Mistake> {
    let text: String = line.text.chars().skip(after).collect();
    let text = text.trim_start();
    let mistake = |message| Mistake::new(end_of_line(&line.tokens), message);
    let Some(quoted) = text.strip_prefix('"') else {
        let text = text.split(';').next().unwrap_or("").trim().trim_end_matches('"');
        return match text {
            "" => Err(mistake("expected a licence such as `GPL`, or `\"\"` for none")),
            text => Ok(text.to_owned()),
        };
    };
    let Some((inside, rest)) = quoted.split_once('"') else {
        return Err(mistake("expected a `\"` at the licence's end"));
    };
    match rest.trim_start() {
        rest if rest.is_empty() || rest.starts_with(';') || rest.starts_with("//") => {
            Ok(escape::unescape(inside).into_owned())
        }
        _ => Err(mistake("expected the end of the line after the licence's `\"`")),
    }
}

fn number(tokens: &[(Token<'_>, Span)], index: usize, wanted: &str) -> Result<u32, Mistake> {
    let (text, span) = word(tokens, index, wanted)?;
    let value = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    };
    value.map_err(|_| Mistake::new(span, format!("expected {wanted} below 2^32, found `{text}`")))
}

impl<'t, 'e> Reader<'t, 'e> {
    /// Makes labels, maps and functions of all lines first, so that instructions can name what comes later.
    fn new(file: &str, lines: &[Line<'t>], errors: &'e mut Vec<ParseError>) -> Self {
        let mut reader = Self {
            file: file.to_owned(),
            asm: Asm::new("main", ProgType::Xdp),
            labels: HashMap::new(),
            functions: HashMap::new(),
            maps: HashMap::new(),
            errors,
        };
        reader.asm.isa(IsaLevel::Later);
        let start = lines.first().map_or(1, |first| first.number);
        reader.asm.entry_declared_at(reader.place(start, 1));
        for line in lines {
            if let Err(mistake) = reader.declare(line) {
                reader.errors.push(mistake.at(file, line));
            }
        }
        reader
    }

    fn place(&self, line: usize, column: usize) -> Place {
        Place {
            file: Cow::Owned(self.file.clone()),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    fn declare(&mut self, line: &Line<'t>) -> Result<(), Mistake> {
        let tokens = &line.tokens;
        if let Some((name, span)) = leading_label(tokens) {
            if let Some((_, first)) = self.labels.get(name) {
                return Err(Mistake::new(span, format!("label `{name}` is there already, on line {first}")));
            }
            let label = self.asm.label(name);
            self.labels.insert(name, (label, line.number));
            return Ok(());
        }
        match tokens.first() {
            Some((Token::Word(".program"), start)) => {
                let (name, _) = named(tokens, 1, "the program's name")?;
                let (kind, span) = word(tokens, 2, "the program's type")?;
                let prog_type: ProgType =
                    kind.parse().map_err(|error| Mistake::new(span, format!("{error}")))?;
                self.asm.rename(&name, prog_type);
                self.asm.entry_declared_at(self.place(line.number, start.column));
                self.nothing_after(tokens, 3)
            }
            Some((Token::Word(".license"), span)) => {
                self.asm.license(&license(line, span.column - 1 + span.len)?);
                Ok(())
            }
            Some((Token::Word(".map"), _)) => self.declare_map(tokens),
            Some((Token::Word(".func"), _)) => {
                let (name, span) = named(tokens, 1, "the function's name")?;
                if self.functions.contains_key(&name) {
                    return Err(Mistake::new(span, format!("function `{name}` is there already")));
                }
                let (linkage, first) = match tokens.get(2) {
                    Some((Token::Word("static"), _)) => (Linkage::Static, 3),
                    Some((Token::Word("global"), _)) => (Linkage::Global, 3),
                    _ => (Linkage::Static, 2),
                };
                let params = tokens[first.min(tokens.len())..].iter();
                let params: Vec<Cow<'_, str>> =
                    params.map(|(token, _)| escape::unescape(token.text())).collect();
                let params: Vec<&str> = params.iter().map(AsRef::as_ref).collect();
                let function = self.asm.function(&name, linkage, &params);
                self.asm.declared_at(function, self.place(line.number, span.column));
                self.functions.insert(name, function);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// `.map NAME TYPE key BYTES value BYTES entries COUNT [flags FLAGS] [pinned] [data HEX]`
    fn declare_map(&mut self, tokens: &[(Token<'t>, Span)]) -> Result<(), Mistake> {
        let (name, span) = named(tokens, 1, "the map's name")?;
        let (kind, kind_span) = word(tokens, 2, "the map's type")?;
        let map_type: MapType = kind.parse().map_err(|error| Mistake::new(kind_span, format!("{error}")))?;
        let (mut key, mut value, mut entries, mut flags, mut pinned, mut data) = (0, 0, 0, 0, false, None);
        let mut index = 3;
        while index < tokens.len() {
            let (field, field_span) =
                word(tokens, index, "`key`, `value`, `entries`, `flags`, `pinned` or `data`")?;
            let place = match field {
                "key" => &mut key,
                "value" => &mut value,
                "entries" => &mut entries,
                "flags" => &mut flags,
                "pinned" => {
                    pinned = true;
                    index += 1;
                    continue;
                }
                "data" => {
                    let (digits, span) = named(tokens, index + 1, "hexadecimal digits")?;
                    let message =
                        || Mistake::new(span, format!("expected hexadecimal digits, found `{digits}`"));
                    data = Some(hex::decode(digits.as_ref()).map_err(|_| message())?);
                    index += 2;
                    continue;
                }
                _ => {
                    let message = format!(
                        "expected `key`, `value`, `entries`, `flags`, `pinned` or `data`, found `{field}`"
                    );
                    return Err(Mistake::new(field_span, message));
                }
            };
            *place = number(tokens, index + 1, "a number")?;
            index += 2;
        }
        if self.maps.contains_key(&name) {
            return Err(Mistake::new(span, format!("map `{name}` is there already")));
        }
        let def = MapDef {
            name: name.clone().into_owned(),
            map_type,
            key: Extent::Bytes(key),
            value: Extent::Bytes(value),
            max_entries: entries,
            flags,
            pinned,
            data,
        };
        let map = self.asm.map(def);
        self.maps.insert(name, map);
        Ok(())
    }

    fn nothing_after(&self, tokens: &[(Token<'_>, Span)], index: usize) -> Result<(), Mistake> {
        match tokens.get(index) {
            None => Ok(()),
            Some((token, span)) => {
                Err(Mistake::new(*span, format!("expected the end of the line, found {token}")))
            }
        }
    }

    fn line(&mut self, line: &Line<'t>) -> Result<(), Mistake> {
        let mut tokens = line.tokens.as_slice();
        if let Some((name, _)) = leading_label(tokens) {
            if let Some((label, first)) = self.labels.get(name)
                && *first == line.number
            {
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
            ".program" | ".license" | ".map" => Ok(()),
            ".func" => {
                if let Some((Token::Word(name), _)) = tokens.get(1)
                    && let Some(function) = self.functions.get(&escape::unescape(name))
                {
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
                self.nothing_after(tokens, 2)
            }
            directive if directive.starts_with('.') => {
                let message = format!(
                    "no directive is called `{directive}`; there are `.program`, `.license`, `.map`, `.func` and `.slot`"
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
        let mut parsed = syntax::parse(tokens)?;
        if let Some((name, span)) = parsed.map {
            let Some(map) = self.maps.get(&escape::unescape(name)) else {
                return Err(Mistake::new(span, format!("no map is called `{name}`; declare it with `.map`")));
            };
            let index = map.index().cast_signed();
            if let Insn::LoadImm64 { value: Imm64::MapIdx(idx) | Imm64::MapIdxValue { idx, .. }, .. } =
                &mut parsed.insn
            {
                *idx = index;
            }
        }
        let text = Cow::Owned(line.text.trim().to_owned());
        let source = SourceLine { file: place.file.clone(), line: place.line, column: place.column, text };
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
