//! The directives of a program's text, and its labels: what is known before the first instruction is read.

use std::borrow::Cow;

use super::escape;
use super::lexer::{Span, Token, end_of_line};
use super::parser::{Line, Mistake, Reader, leading_label};
use crate::program::{Linkage, MapDef};
use crate::types::Extent;
use knockwright_btf::Endian;
use knockwright_linux::{MapType, ProgType};

type Tokens<'s, 't> = &'s [(Token<'t>, Span)];

impl<'t> Reader<'t, '_> {
    /// Reads a line that isn't an instruction.
    pub(super) fn declare(&mut self, line: &Line<'t>) -> Result<(), Mistake> {
        let tokens = &line.tokens;
        if let Some((name, span)) = leading_label(tokens) {
            if let Some((_, first)) = self.labels.get(name) {
                return Err(Mistake::new(span, format!("label `{name}` is there already, on line {first}")));
            }
            let label = self.asm.label(name.to_owned());
            self.labels.insert(name, (label, line.number));
            return Ok(());
        }
        let Some((Token::Word(directive), span)) = tokens.first() else { return Ok(()) };
        let after = span.column - 1 + span.len;
        match *directive {
            ".program" => self.declare_program(line),
            ".section" => {
                self.section = Some(rest_of_line(line, after, SECTION)?);
                Ok(())
            }
            ".license" => {
                self.asm.license(&rest_of_line(line, after, LICENSE)?);
                Ok(())
            }
            ".endian" => {
                self.endian = Some(endian(tokens)?);
                nothing_after(tokens, 2)
            }
            ".extern" => {
                let (name, _) = named(tokens, 1, "the name of something of the kernel")?;
                let weak = matches!(tokens.get(2), Some((Token::Word("weak"), _)));
                self.externs.declare(name, weak);
                nothing_after(tokens, if weak { 3 } else { 2 })
            }
            ".map" => self.declare_map(tokens),
            ".func" => self.declare_function(line),
            _ => Ok(()),
        }
    }

    /// `.program NAME [TYPE]`
    fn declare_program(&mut self, line: &Line<'t>) -> Result<(), Mistake> {
        let tokens = &line.tokens;
        let (name, _) = named(tokens, 1, "the program's name")?;
        let prog_type = match tokens.get(2) {
            None => ProgType::Xdp,
            Some(_) => {
                let (kind, span) = word(tokens, 2, "the program's type")?;
                kind.parse().map_err(|error| Mistake::new(span, format!("{error}")))?
            }
        };
        let column = tokens.first().map_or(1, |(_, span)| span.column);
        self.asm.rename(&name, prog_type);
        self.asm.entry_declared_at(self.place(line.number, column));
        nothing_after(tokens, 3)
    }

    /// `.func NAME [static|global] [PARAM…]`
    fn declare_function(&mut self, line: &Line<'t>) -> Result<(), Mistake> {
        let tokens = &line.tokens;
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
        let params: Vec<Cow<'_, str>> = params.map(|(token, _)| escape::unescape(token.text())).collect();
        let params: Vec<&str> = params.iter().map(AsRef::as_ref).collect();
        let function = self.asm.function(&name, linkage, &params);
        self.asm.declared_at(function, self.place(line.number, span.column));
        self.functions.insert(name, function);
        Ok(())
    }

    fn declare_map(&mut self, tokens: Tokens<'_, 't>) -> Result<(), Mistake> {
        let (name, span) = named(tokens, 1, "the map's name")?;
        let (mut def, zeros) = map(tokens, &name)?;
        if self.maps.contains_key(&name) {
            return Err(Mistake::new(span, format!("map `{name}` is there already")));
        }
        if zeros {
            let size = usize::try_from(def.value.size()).unwrap_or(usize::MAX);
            let data = def.data.get_or_insert_default();
            let missing = size.saturating_sub(data.len());
            let Some(left) = self.zeros_left.checked_sub(missing) else {
                return Err(Mistake::new(span, "the zeros of all maps are more than 256 MiB"));
            };
            *self.zeros_left = left;
            data.resize(data.len() + missing, 0);
        }
        let map = self.asm.map(def);
        self.maps.insert(name, map);
        Ok(())
    }
}

/// What may stand in a `.map` after the type.
const MAP_FIELDS: &str = "`key`, `value`, `entries`, `flags`, `pinned`, `data` or `zeros`";

/// `.map NAME TYPE key BYTES value BYTES entries COUNT [flags FLAGS] [pinned] [data HEX] [zeros]`, and whether there are
/// `zeros`.
fn map(tokens: Tokens<'_, '_>, name: &str) -> Result<(MapDef, bool), Mistake> {
    let (kind, kind_span) = word(tokens, 2, "the map's type")?;
    let map_type: MapType = kind.parse().map_err(|error| Mistake::new(kind_span, format!("{error}")))?;
    let mut map = MapDef::of_bytes(name, map_type, 0, 0, 0);
    let mut zeros = false;
    let mut index = 3;
    while index < tokens.len() {
        let (field, field_span) = word(tokens, index, MAP_FIELDS)?;
        index += 1;
        let mut next = || {
            index += 1;
            number(tokens, index - 1, "a number")
        };
        match field {
            "key" => map.key = Extent::Bytes(next()?),
            "value" => map.value = Extent::Bytes(next()?),
            "entries" => map.max_entries = next()?,
            "flags" => map.flags = next()?,
            "pinned" => map.pinned = true,
            "zeros" => zeros = true,
            "data" => {
                let (digits, span) = named(tokens, index, "hexadecimal digits")?;
                let bad = |_| Mistake::new(span, format!("expected hexadecimal digits, found `{digits}`"));
                map.data = Some(hex::decode(digits.as_ref()).map_err(bad)?);
                index += 1;
            }
            _ => return Err(Mistake::new(field_span, format!("expected {MAP_FIELDS}, found `{field}`"))),
        }
    }
    Ok((map, zeros))
}

fn endian(tokens: Tokens<'_, '_>) -> Result<Endian, Mistake> {
    const WANTED: &str = "`little` or `big`";
    match word(tokens, 1, WANTED)? {
        ("little", _) => Ok(Endian::Little),
        ("big", _) => Ok(Endian::Big),
        (order, span) => Err(Mistake::new(span, format!("expected {WANTED}, found `{order}`"))),
    }
}

/// Makes sure that a line ends.
pub(super) fn nothing_after(tokens: Tokens<'_, '_>, index: usize) -> Result<(), Mistake> {
    match tokens.get(index) {
        None => Ok(()),
        Some((token, span)) => {
            Err(Mistake::new(*span, format!("expected the end of the line, found {token}")))
        }
    }
}

pub(super) fn word<'a>(
    tokens: &[(Token<'a>, Span)],
    index: usize,
    wanted: &str,
) -> Result<(&'a str, Span), Mistake> {
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

/// What stands after a `.license` and a `.section`, and what could.
const LICENSE: [&str; 2] = ["licence", "a licence such as `GPL`, or `\"\"` for none"];
const SECTION: [&str; 2] = ["section", "the name of a section such as `xdp`"];

/// The text after a directive: all up to a comment, or what stands in quotes.
fn rest_of_line(line: &Line<'_>, after: usize, [what, wanted]: [&str; 2]) -> Result<String, Mistake> {
    let text: String = line.text.chars().skip(after).collect();
    let text = text.trim_start();
    let mistake = |message: String| Mistake::new(end_of_line(&line.tokens), message);
    let Some(quoted) = text.strip_prefix('"') else {
        let text = text.split(';').next().unwrap_or("").trim().trim_end_matches('"');
        return match text {
            "" => Err(mistake(format!("expected {wanted}"))),
            text => Ok(text.to_owned()),
        };
    };
    let Some((inside, rest)) = quoted.split_once('"') else {
        return Err(mistake(format!("expected a `\"` at the {what}'s end")));
    };
    match rest.trim_start() {
        rest if rest.is_empty() || rest.starts_with(';') || rest.starts_with("//") => {
            Ok(escape::unescape(inside).into_owned())
        }
        _ => Err(mistake(format!("expected the end of the line after the {what}'s `\"`"))),
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
