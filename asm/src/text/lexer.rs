//! From a line of text to tokens with columns.

use std::fmt;

use super::escape;

/// Where a token stands in its line: columns in characters, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first column.
    pub column: usize,
    /// The number of characters; 0 at the end of the line.
    pub len: usize,
}

/// A piece of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Letters, digits, `_`, `.` and `$`, and escapes for what is none of them.
    Word(&'a str),
    /// An operator or a punctuation mark.
    Mark(&'a str),
}

impl<'a> Token<'a> {
    pub(super) fn text(self) -> &'a str {
        match self {
            Self::Word(text) | Self::Mark(text) => text,
        }
    }
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.text())
    }
}

/// The operators of more than one character, longest first.
const OPERATORS: &[&str] =
    &["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "==", "!=", "<=", ">="];

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '$')
}

/// The length in bytes of the word that a text starts with; 0 if it starts with none.
fn word_len(text: &str) -> usize {
    let mut len = 0;
    while let Some(first) = text[len..].chars().next() {
        len += match escape::leading(&text[len..]) {
            Some((escape, _)) => escape,
            None if is_word(first) => first.len_utf8(),
            None => break,
        };
    }
    len
}

/// The line without its comment. A `;` or `//` starts one.
fn without_comment(line: &str) -> &str {
    let end = [line.find(';'), line.find("//")].into_iter().flatten().min();
    end.map_or(line, |end| &line[..end])
}

/// The tokens of a line, comments left out.
pub(super) fn tokens(line: &str) -> Vec<(Token<'_>, Span)> {
    let line = without_comment(line);
    let mut tokens = Vec::new();
    let mut rest = line;
    let mut column = 1;
    while let Some(first) = rest.chars().next() {
        let word = word_len(rest);
        let len = if first.is_whitespace() {
            first.len_utf8()
        } else if word > 0 {
            word
        } else {
            OPERATORS.iter().find(|op| rest.starts_with(**op)).map_or(first.len_utf8(), |op| op.len())
        };
        let (text, after) = rest.split_at(len);
        let characters = text.chars().count();
        let span = Span { column, len: characters };
        if word > 0 {
            tokens.push((Token::Word(text), span));
        } else if !first.is_whitespace() {
            tokens.push((Token::Mark(text), span));
        }
        column += characters;
        rest = after;
    }
    tokens
}

/// The place after the last token.
pub(super) fn end_of_line(tokens: &[(Token<'_>, Span)]) -> Span {
    let column = tokens.last().map_or(1, |(_, span)| span.column + span.len);
    Span { column, len: 0 }
}
