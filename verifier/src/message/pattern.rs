//! Finding the row of a text among all of them.

use std::sync::LazyLock;

use super::row::{Row, Text};
use super::{ROWS, Read, template};

/// A text of the table with what tells at a glance that another text isn't one of its messages.
struct Pattern {
    row: &'static Row,
    template: &'static str,
    /// What it starts with: the literal after the register where it starts with one.
    start: Start,
    /// The literal that it ends with.
    end: &'static str,
    /// The longest literal in it, as far as is quickly looked for.
    inner: &'static str,
    /// The bytes of all its literals.
    bytes: Bytes,
}

/// A set of bytes.
#[derive(Clone, Copy)]
struct Bytes([u64; 4]);

impl Bytes {
    fn of(bytes: impl Iterator<Item = u8>) -> Self {
        let mut set = [0; 4];
        for byte in bytes {
            set[usize::from(byte / 64)] |= 1 << (byte % 64);
        }
        Self(set)
    }

    fn contains(self, other: Self) -> bool {
        self.0.iter().zip(other.0).all(|(own, other)| other & !own == 0)
    }
}

enum Start {
    Literal(&'static str),
    AfterRegister(&'static str),
}

/// Every text, the most special ones first.
static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let texts = ROWS.iter().flat_map(|row| row.texts.iter().map(move |text| (row, text)));
    let mut patterns: Vec<Pattern> = texts.map(|(row, text)| Pattern::new(row, text)).collect();
    patterns.sort_by_key(|pattern| std::cmp::Reverse(template::literal_length(pattern.template)));
    patterns
});

impl Pattern {
    fn new(row: &'static Row, text: &'static Text) -> Self {
        let template = text.template;
        let shown = template.strip_suffix(template::UNENDED).unwrap_or(template);
        let literal = |text: &'static str| text.split('{').next().unwrap_or_default();
        let start = match shown.strip_prefix("R{reg}") {
            Some(rest) => Start::AfterRegister(literal(rest)),
            None => Start::Literal(literal(shown)),
        };
        let end = shown.rsplit('}').next().unwrap_or_default();
        let bytes = Bytes::of(literals(shown).flat_map(str::bytes));
        Self { row, template, start, end, inner: longest_literal(shown), bytes }
    }
}

/// The texts of a template outside of fields.
fn literals(template: &'static str) -> impl Iterator<Item = &'static str> {
    template.split('{').map(|part| part.split_once('}').map_or(part, |(_, literal)| literal))
}

/// The longest text of a template outside of fields, or its beginning: longer ones take the slow way of `str::contains`.
fn longest_literal(template: &'static str) -> &'static str {
    const QUICK: usize = 32;
    let longest = literals(template).max_by_key(|literal| literal.len()).unwrap_or_default();
    &longest[..longest.floor_char_boundary(QUICK)]
}

/// The patterns that a text may be of, by the byte that it has at a place: in the order of [`PATTERNS`].
struct ByByte(Vec<Vec<u16>>);

impl ByByte {
    /// Those whose literal, if `literal_of` gives one, starts with each byte; those with an empty one are among all.
    fn of(literal_of: impl Fn(&Pattern) -> Option<&'static str>) -> Self {
        let mut lists = vec![Vec::new(); 1 + usize::from(u8::MAX)];
        for (index, pattern) in (0..).zip(PATTERNS.iter()) {
            match literal_of(pattern).map(|literal| literal.as_bytes().first()) {
                Some(Some(byte)) => lists[usize::from(*byte)].push(index),
                Some(None) => lists.iter_mut().for_each(|list| list.push(index)),
                None => {}
            }
        }
        lists.iter_mut().for_each(Vec::shrink_to_fit);
        Self(lists)
    }

    /// Those of a text's first byte. Of nothing there are those of any: such a text is only matched by an empty literal.
    fn candidates(&self, text: &str) -> &[u16] {
        &self.0[usize::from(text.as_bytes().first().copied().unwrap_or_default())]
    }
}

static BY_START: LazyLock<ByByte> = LazyLock::new(|| {
    ByByte::of(|pattern| match pattern.start {
        Start::Literal(literal) => Some(literal),
        Start::AfterRegister(_) => None,
    })
});

static BY_WHAT_FOLLOWS_A_REGISTER: LazyLock<ByByte> = LazyLock::new(|| {
    ByByte::of(|pattern| match pattern.start {
        Start::Literal(_) => None,
        Start::AfterRegister(literal) => Some(literal),
    })
});

/// The message in a text, of the rows that are wanted.
pub(super) fn find(text: &str, wanted: impl Fn(&Row) -> bool) -> Option<Read<'_>> {
    let after_register =
        text.strip_prefix('R').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    let mut plain = BY_START.candidates(text).iter().peekable();
    let of_register = after_register.map_or(&[][..], |rest| BY_WHAT_FOLLOWS_A_REGISTER.candidates(rest));
    let mut of_register = of_register.iter().peekable();
    let next = std::iter::from_fn(|| match (plain.peek(), of_register.peek()) {
        (Some(one), Some(other)) if other < one => of_register.next(),
        (None, _) => of_register.next(),
        _ => plain.next(),
    });
    let shown = Bytes::of(text.bytes());
    next.map(|index| &PATTERNS[usize::from(*index)]).find_map(
        |Pattern { row, template, start, end, inner, bytes }| {
            if !shown.contains(*bytes) {
                return None;
            }
            let starts = match start {
                Start::Literal(start) => text.starts_with(start),
                Start::AfterRegister(start) => after_register.is_some_and(|rest| rest.starts_with(start)),
            };
            if !starts || !text.ends_with(end) || !text.contains(inner) || !wanted(row) {
                return None;
            }
            let is_telling = !matches!(start, Start::Literal(""));
            Some(Read { kind: row.kind, fields: template::matches(template, row.fields, text)?, is_telling })
        },
    )
}
