//! Lines that fit the terminal.
//!
//! A terminal cuts a line that is too wide in the middle of a word. Here it's broken between words, and goes on below where its
//! text began: after its indentation, its label, or the rule at the left of a drawing.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A writer that breaks lines to a width.
#[derive(Debug)]
pub(crate) struct Wrap<W: Write> {
    to: W,
    /// The columns; none where lines stay as they are, as in a pipe.
    width: Option<usize>,
    /// The line that isn't at its end.
    line: Vec<u8>,
}

impl<W: Write> Wrap<W> {
    pub(crate) const fn new(to: W, width: Option<usize>) -> Self {
        Self { to, width, line: Vec::new() }
    }

    fn write_line(&mut self, width: usize) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        match std::str::from_utf8(&line) {
            Ok(text) => self.to.write_all(broken(text, width).as_bytes()),
            Err(_) => self.to.write_all(&line),
        }
    }
}

impl<W: Write> Write for Wrap<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(width) = self.width else { return self.to.write(bytes) };
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.write_line(width)?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Some(width) = self.width {
            // A question, say: what follows is the reader's.
            self.write_line(width)?;
        }
        self.to.flush()
    }
}

impl<W: Write> Drop for Wrap<W> {
    fn drop(&mut self) {
        if let Some(width) = self.width.filter(|_| !self.line.is_empty()) {
            // Whoever wanted to hear of an error has flushed.
            let _ = self.write_line(width);
        }
    }
}

/// Breaks a line so that each part has at most `width` columns if it can be helped. Escape sequences take no room.
pub(crate) fn broken(line: &str, width: usize) -> String {
    if columns(line) <= width {
        return line.to_owned();
    }
    let rest_of = hanging(line, width / 2);
    let start = columns(&rest_of);
    let (mut text, mut used, mut is_first_word) = (String::new(), 0, true);
    for word in words(line) {
        let room = columns(word.trim_end());
        if used + room > width && !is_first_word {
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
            text.push_str(&rest_of);
            used = start;
        }
        used += columns(word);
        text.push_str(word);
        is_first_word = is_first_word && word.trim().is_empty();
    }
    text
}

/// The columns of a text without its escape sequences.
fn columns(text: &str) -> usize {
    let mut count = 0;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\x1b') {
        count += before.trim_end_matches('\n').width();
        let end = after.find(|c: char| c.is_ascii_alphabetic()).map_or(after.len(), |at| at + 1);
        rest = &after[end..];
    }
    count + rest.trim_end_matches('\n').width()
}

/// Where a line may be broken: after blanks, and after the commas of a state such as `scalar(smin=0,smax=255)`.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split_inclusive([' ', ','])
}

/// What the further parts of a line begin with: blanks, and the rules of a drawing, up to where the text began.
fn hanging(line: &str, most: usize) -> String {
    let plain = without_escapes(line);
    let is_rule = |c: char| matches!(c, '|' | '│');
    let indent: String = plain.chars().take_while(|c| *c == ' ').collect();
    let mut start = String::new();
    // A rule at the left, with a line's number before it.
    let after_number = plain.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    if after_number.starts_with(is_rule) {
        let is_text = |c: char| c.is_alphanumeric() || matches!(c, '`' | '*' | '(' | ';' | '"');
        let rule = plain.chars().count() - after_number.chars().count();
        for (at, c) in plain.chars().enumerate() {
            if at >= rule && is_text(c) {
                break;
            }
            start.push(if at >= rule && is_rule(c) { c } else { ' ' });
        }
    } else if let Some(text) = after_label(&plain) {
        start = " ".repeat(text);
    } else {
        start = format!("{indent}  ");
    }
    if start.width() > most && start.contains(is_rule) {
        // A drawing keeps its left rule even if the text can't begin where it began.
        let rule = start.chars().position(is_rule).unwrap_or(0);
        return start.chars().take(rule + 1).chain("   ".chars()).collect();
    }
    if start.width() > most { indent.chars().take(most).collect() } else { start }
}

/// Where the text begins after a label and at least two blanks.
fn after_label(line: &str) -> Option<usize> {
    const LONGEST: usize = 44;
    let from = line.len() - line.trim_start().len();
    let gap = from + line[from..].find("  ")?;
    let text = gap + line[gap..].find(|c: char| c != ' ')?;
    let text = line[..text].width();
    (text <= LONGEST).then_some(text)
}

fn without_escapes(line: &str) -> String {
    let mut text = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\x1b' {
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else if c.width().is_some() {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widest(text: &str) -> usize {
        text.lines().map(columns).max().unwrap_or(0)
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        for line in ["", "\n", "short\n", "\x1b[31mred\x1b[0m"] {
            assert_eq!(broken(line, 20), line);
        }
    }

    #[test]
    fn lines_go_on_below_their_text() {
        let cases = [
            (
                "  label     some words that go on and on\n",
                "  label     some words that\n            go on and on\n",
            ),
            ("  words of a line that is too long\n", "  words of a line that\n    is too long\n"),
            (
                "7 │     ╰ a label that is too long\n",
                "7 │     ╰ a label\n  │       that is\n  │       too long\n",
            ),
            (
                "\x1b[2mdimmed words that go on and on\x1b[0m\n",
                "\x1b[2mdimmed words that go\n  on and on\x1b[0m\n",
            ),
        ];
        for (line, wanted) in cases {
            assert_eq!(
                broken(
                    line,
                    if line.contains('│') {
                        20
                    } else if line.contains("label  ") {
                        27
                    } else {
                        22
                    }
                )
                .as_str(),
                wanted,
                "{line}"
            );
        }
    }

    #[test]
    fn nothing_is_lost_and_nothing_is_wider_at_any_width() {
        let line = "  R7=map_value(map=config_map,ks=4,vs=48,off=8,smin=smin32=0,smax=umax=508) is what the register holds\n";
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        for width in 30..130 {
            let text = broken(line, width);
            assert_eq!(bare(&text), bare(line));
            assert!(widest(&text) <= width.max(30), "{width}: {text}");
        }
    }

    #[test]
    fn a_pipe_gets_lines_as_they_are_and_a_question_is_not_held_back() {
        let mut to = Vec::new();
        let mut out = Wrap::new(&mut to, None);
        out.write_all(&[b'x'; 300]).unwrap();
        drop(out);
        assert_eq!(to.len(), 300);
        let mut to = Vec::new();
        let mut out = Wrap::new(&mut to, Some(40));
        out.write_all(b"Why? ").unwrap();
        out.flush().unwrap();
        drop(out);
        assert_eq!(to, b"Why? ");
    }
}
