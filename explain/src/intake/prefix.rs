//! What stands before every line: timestamps, host names, indentation.
//!
//! No list of tools: the prefix is learnt from the lines that hold an instruction (`N: (op) …`), as what stands before the
//! number, or in logs without one from the summary. Digits and spaces may differ from line to line.

use std::iter::Peekable;
use std::str::Chars;

/// The prefix of all lines of a log.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Prefix(Vec<Piece>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// Digits, at least one.
    Digits,
    /// Spaces, perhaps none: numbers are padded with them.
    Spaces,
    Char(char),
}

/// The start of the instruction in a line: the position of the number of `N: (op) `.
fn instruction(line: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = line[from..].find(": (") {
        let colon = from + found;
        let rest = &line.as_bytes()[colon + 3..];
        let is_op = rest.len() > 3 && rest[..2].iter().all(u8::is_ascii_hexdigit) && &rest[2..4] == b") ";
        let digits = line[..colon].bytes().rev().take_while(u8::is_ascii_digit).count();
        if is_op && digits > 0 {
            return Some(colon - digits);
        }
        from = colon + 3;
    }
    None
}

impl Prefix {
    /// Learns the prefix from the first lines of a log; none if some instruction has none.
    pub(super) fn learn(lines: &[String]) -> Self {
        let mut prefix: Option<Self> = None;
        for line in lines {
            let Some(start) = instruction(line) else { continue };
            let before = &line[..start];
            // Precision tracking names instructions in the middle of its lines, and so does the kernel's listing.
            // So do loaders in lines of their own.
            if before.ends_with("before ")
                || before.ends_with("utput: ")
                || line.contains("load program: ")
                || before.contains("mark_precise")
                || line[start..].contains('\t') && start > 0 && !before.trim().is_empty()
            {
                continue;
            }
            let pieces = Self(pieces(before));
            if pieces.0.is_empty() {
                return Self::default();
            }
            match prefix {
                None => prefix = Some(pieces),
                Some(known) => match known.common(pieces) {
                    Some(common) => prefix = Some(common),
                    None => return Self::default(),
                },
            }
        }
        if let ([line], None) = (lines, &prefix) {
            return Self::of_summary(line).unwrap_or_default();
        }
        let Some(prefix) = prefix.or_else(|| lines.iter().find_map(|line| Self::of_summary(line))) else {
            return Self::default();
        };
        // What only one line has is no prefix: a loader may have put the last lines of a log after its own words.
        let lines_with = lines.iter().filter(|line| prefix.strip(line).len() < line.len()).count();
        if lines_with < 2 { Self::default() } else { prefix }
    }

    /// What stands before the summary in a line that has one. A message whose newline the kernel forgot ends with a letter.
    fn of_summary(line: &str) -> Option<Self> {
        let before = &line[..line.find("processed ")?];
        let is_summary = line.contains(" insns (limit ") && !before.ends_with(char::is_alphanumeric);
        (is_summary && !before.is_empty()).then(|| Self(pieces(before)))
    }

    /// The prefix of two lines of which one may be indented; none if they have different ones.
    fn common(self, other: Self) -> Option<Self> {
        let (shorter, longer) = if self.0.len() <= other.0.len() { (self, other) } else { (other, self) };
        let indentation = longer.0.strip_prefix(shorter.0.as_slice())?;
        indentation.iter().all(|piece| *piece == Piece::Char(' ')).then_some(shorter)
    }

    /// A line without the prefix; lines without it are whole.
    pub(super) fn strip<'a>(&self, line: &'a str) -> &'a str {
        if self.0.is_empty() {
            return line;
        }
        let mut rest = line.chars().peekable();
        let mut length = 0;
        for piece in &self.0 {
            let Some(read) = piece.read(&mut rest) else { return line };
            length += read;
        }
        &line[length..]
    }
}

impl Piece {
    /// The bytes that the piece has at the start of the text.
    fn read(self, rest: &mut Peekable<Chars<'_>>) -> Option<usize> {
        let mut run = |wanted: fn(&char) -> bool| {
            let mut length = 0;
            while let Some(c) = rest.next_if(wanted) {
                length += c.len_utf8();
            }
            length
        };
        match self {
            Self::Digits => Some(run(char::is_ascii_digit)).filter(|length| *length > 0),
            Self::Spaces => Some(run(|c| *c == ' ')),
            Self::Char(c) => rest.next_if_eq(&c).map(char::len_utf8),
        }
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    // Indentation alone is kept to the character: what is indented deeper is meant to be.
    let plain = text.trim_start().is_empty();
    let mut pieces: Vec<Piece> = Vec::new();
    for c in text.chars() {
        let piece = match c {
            '0'..='9' => Piece::Digits,
            ' ' if !plain => Piece::Spaces,
            other => Piece::Char(other),
        };
        if matches!(piece, Piece::Digits | Piece::Spaces) && pieces.last() == Some(&piece) {
            continue;
        }
        pieces.push(piece);
    }
    if plain {
        return pieces;
    }
    // The one space that separates a prefix from its line isn't padding, and 5.10 starts states with one.
    if pieces.last() == Some(&Piece::Spaces) {
        let spaces = text.len() - text.trim_end_matches(' ').len();
        pieces.pop();
        pieces.extend(std::iter::repeat_n(Piece::Char(' '), spaces));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_found_after_a_prefix() {
        assert_eq!(instruction("[ 1.2] 10: (b7) r0 = 2"), Some(7));
        assert_eq!(instruction("10: (b7) r0 = 2"), Some(0));
        assert_eq!(instruction("x: (b7) r0 = 2"), None);
        assert_eq!(instruction("a: (zz) 7: (b7) r0 = 2"), Some(8));
    }

    #[test]
    fn the_summary_tells_the_prefix_where_no_instruction_does() {
        let learn = |lines: &[&str]| {
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            let prefix = Prefix::learn(&lines);
            lines.iter().map(|line| prefix.strip(line).to_owned()).collect::<Vec<_>>()
        };
        let summary = "processed 1 insns (limit 1000000)";
        for prefix in ["app | ", "[   12.5] ", "> ", "libbpf: "] {
            let lines = learn(&[&format!("{prefix}unknown opcode ff"), &format!("{prefix}{summary}")]);
            assert_eq!(lines, ["unknown opcode ff", summary]);
            assert_eq!(learn(&[&format!("{prefix}{summary}")]), [summary]);
        }
        let unended = ["expected map for tail callprocessed 1 insns (limit 1000000)"];
        assert_eq!(learn(&unended), unended);
        let others = ["unknown opcode ff", "libbpf: processed 1 insns (limit 1000000)"];
        assert_eq!(learn(&others), others);
    }

    #[test]
    fn an_indented_listing_has_the_prefix_too() {
        let lines = ["> subprog#0:", ">   0: (b7) r0 = 2", "> 0: (b7) r0 = 2"].map(str::to_owned);
        assert_eq!(Prefix::learn(&lines).strip(&lines[1]), "  0: (b7) r0 = 2");
    }

    #[test]
    fn one_line_without_prefix_is_enough_for_none() {
        let lines = ["> 0: (b7) r0 = 2".to_owned(), "1: (95) exit".to_owned()];
        assert_eq!(Prefix::learn(&lines), Prefix::default());
    }
}
