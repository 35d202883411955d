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
        Self { row, template, start, end: shown.rsplit('}').next().unwrap_or_default() }
    }
}

/// The message in a text, of the rows that are wanted.
pub(super) fn find(text: &str, wanted: impl Fn(&Row) -> bool) -> Option<Read<'_>> {
    let after_register =
        text.strip_prefix('R').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    PATTERNS.iter().find_map(|Pattern { row, template, start, end }| {
        let starts = match start {
            Start::Literal(start) => text.starts_with(start),
            Start::AfterRegister(start) => after_register.is_some_and(|rest| rest.starts_with(start)),
        };
        if !starts || !text.ends_with(end) || !wanted(row) {
            return None;
        }
        let is_telling = !matches!(start, Start::Literal(""));
        Some(Read { kind: row.kind, fields: template::matches(template, row.fields, text)?, is_telling })
    })
}
