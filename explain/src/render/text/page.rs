//! Text in columns: wrapped at words, with colours where they're wanted.

use std::fmt::Write as _;

/// How a diagnosis is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Style {
    /// With escape sequences for colours; whoever prints strips them where they aren't wanted.
    pub colours: bool,
    /// With lines of Unicode's box drawing instead of ASCII.
    pub unicode: bool,
    /// The columns of the terminal.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { colours: false, unicode: false, width: 100 }
    }
}

/// The narrowest page that is written: what is narrower is wrapped by the terminal.
const NARROWEST: usize = 40;

/// What a piece of text is, as colours tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    /// The fault.
    Error,
    /// What helps.
    Help,
    /// Numbers and lines at the margin.
    Margin,
}

impl Ink {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Error => "\x1b[1;31m",
            Self::Help => "\x1b[1;32m",
            Self::Margin => "\x1b[1;34m",
        }
    }
}

/// A page that is written from top to bottom.
pub(super) struct Page {
    style: Style,
    text: String,
}

impl Page {
    pub(super) fn new(style: Style) -> Self {
        Self { style: Style { width: style.width.max(NARROWEST), ..style }, text: String::new() }
    }

    /// The columns of a line.
    pub(super) const fn width(&self) -> usize {
        self.style.width
    }

    /// The line at the margin.
    pub(super) const fn bar(&self) -> &'static str {
        if self.style.unicode { "│" } else { "|" }
    }

    /// Writes a text after a beginning of another ink, wrapped under itself `indent` columns from the left; lines of the text stay
    /// lines.
    pub(super) fn paragraph(&mut self, ink: Ink, begin: &str, indent: usize, text: &str) {
        let begun = begin.chars().count();
        let mut lines = Vec::new();
        for line in text.lines() {
            let room = self.style.width.saturating_sub(if lines.is_empty() { begun } else { indent });
            let rest = self.style.width.saturating_sub(indent);
            // What is indented by itself goes on under itself.
            let inner = line.len() - line.trim_start().len();
            lines.extend(wrap(line, room, rest, inner));
        }
        let begin = self.inked(ink, begin);
        match lines.split_first() {
            None => self.line(begin.trim_end()),
            Some((first, others)) => {
                self.line(&format!("{begin}{first}"));
                for line in others {
                    self.line(&format!("{:indent$}{line}", ""));
                }
            }
        }
    }

    /// Writes a text beside a beginning that is `indent` columns wide, wrapped under itself.
    pub(super) fn beside(&mut self, begin: &str, indent: usize, text: &str) {
        let room = self.style.width.saturating_sub(indent);
        let lines = wrap(text, room, room, 0);
        let mut begin = begin.to_owned();
        for line in lines {
            self.line(&format!("{begin}{line}"));
            begin = " ".repeat(indent);
        }
    }

    /// A text in an ink.
    pub(super) fn inked(&self, ink: Ink, text: &str) -> String {
        match ink {
            _ if !self.style.colours || text.is_empty() => text.to_owned(),
            Ink::Plain => text.to_owned(),
            ink => format!("{}{text}\x1b[0m", ink.code()),
        }
    }

    /// Writes a line as it is, without blanks at its end.
    pub(super) fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{}", line.trim_end());
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// A line in lines of at most so many columns, the first and the others; the others are indented by `inner`. Words that are wider
/// than a line are cut.
pub(super) fn wrap(line: &str, first: usize, rest: usize, inner: usize) -> Vec<String> {
    let text = line.trim_start();
    if inner + text.chars().count() <= first {
        return vec![format!("{:inner$}{text}", "")];
    }
    let mut lines = Vec::new();
    let mut current = " ".repeat(inner);
    let mut columns = inner;
    let mut room = first.max(inner + 1);
    let mut is_empty = true;
    for word in words(text, rest) {
        let mut word: Vec<char> = word.chars().collect();
        let space = usize::from(!is_empty);
        if !is_empty && columns + space + word.len() > room {
            lines.push(std::mem::replace(&mut current, " ".repeat(inner)));
            (columns, room, is_empty) = (inner, rest.max(inner + 1), true);
        }
        while columns + word.len() > room {
            let cut: String = word.drain(..room - columns).collect();
            current.push_str(&cut);
            lines.push(std::mem::replace(&mut current, " ".repeat(inner)));
            (columns, room, is_empty) = (inner, rest.max(inner + 1), true);
        }
        if !is_empty {
            current.push(' ');
            columns += 1;
        }
        columns += word.len();
        current.extend(word);
        is_empty = false;
    }
    lines.push(current);
    lines
}

/// The words of a line; what stands between backticks is one, if it fits a line.
fn words(line: &str, columns: usize) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    let (mut at, mut start, mut is_open) = (0, 0, false);
    for word in line.split(' ') {
        let end = at + word.len();
        match words.last_mut() {
            Some(open) if is_open && open.len() + word.len() < columns => *open = &line[start..end],
            _ => {
                (start, is_open) = (at, false);
                words.push(word);
            }
        }
        at = end + 1;
        is_open ^= word.matches('`').count() % 2 == 1;
    }
    words
}

/// A line cut to so many columns, with a mark where something is left out.
pub(super) fn cut(line: &str, columns: usize) -> String {
    if line.chars().count() <= columns {
        return line.to_owned();
    }
    line.chars().take(columns.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_whole_where_they_fit() {
        assert_eq!(wrap("one two three", 7, 5, 0), ["one two", "three"]);
        assert_eq!(wrap("one two three", 100, 5, 0), ["one two three"]);
        assert_eq!(wrap("  in C  a  b", 9, 9, 2), ["  in C  a", "   b"]);
        assert_eq!(wrap("abcdefgh ij", 3, 3, 0), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("", 3, 3, 0), [""]);
        assert_eq!(wrap("a `b c` d", 4, 6, 0), ["a", "`b c`", "d"]);
    }

    #[test]
    fn nothing_is_wider_than_the_page() {
        for width in [40, 60, 100] {
            let mut page = Page::new(Style { width, ..Style::default() });
            page.paragraph(Ink::Help, "help: ", 6, &"some words and a_word_that_is_very_long ".repeat(9));
            page.paragraph(Ink::Plain, "", 12, "a\n  b c");
            let text = page.finish();
            assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
        }
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!((cut("abc", 3).as_str(), cut("abcd", 3).as_str()), ("abc", "ab…"));
    }
}
