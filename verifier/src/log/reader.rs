//! Whole logs, line by line.

use std::io::{self, BufRead, Read as _};

use super::line::Line;
use super::parse::Parser;

/// The longest line that [`Reader`] keeps, in bytes. What comes after is left out.
const LONGEST_LINE: usize = 1 << 20;

/// The lines of a log in memory. Ends of lines may be `\n` or `\r\n`.
pub fn lines(log: &str) -> Lines<'_> {
    Lines { rest: log, parser: Parser::new() }
}

/// The lines of a log in memory.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    rest: &'a str,
    parser: Parser,
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        Some(self.parser.parse(line.strip_suffix('\r').unwrap_or(line)))
    }
}

/// Reads a log line by line from a stream, in a memory that the longest line bounds.
///
/// Bytes that aren't UTF-8 become U+FFFD, ends of lines may be `\n` or `\r\n`, and of a line longer than 1 MiB the
/// rest is left out ([`Reader::cut_lines`] counts them).
///
/// ```
/// use knockwright_verifier::log::{Line, Reader};
///
/// let mut reader = Reader::new(&b"0: (95) exit\r\nR0 !read_ok\r\n"[..]);
/// while let Some(line) = reader.next_line()? {
///     if let Line::Message(message) = line {
///         assert_eq!(message, "R0 !read_ok");
///     }
/// }
/// assert_eq!(reader.line_number(), 2);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    parser: Parser,
    bytes: Vec<u8>,
    text: String,
    number: u64,
    cut: u64,
}

impl<R: BufRead> Reader<R> {
    /// A reader of the log that `input` holds.
    pub fn new(input: R) -> Self {
        Self { input, parser: Parser::new(), bytes: Vec::new(), text: String::new(), number: 0, cut: 0 }
    }

    /// The number of the line that was read last; the first is 1.
    pub const fn line_number(&self) -> u64 {
        self.number
    }

    /// How many lines were too long to be kept whole.
    pub const fn cut_lines(&self) -> u64 {
        self.cut
    }

    /// The next line, which borrows the reader; none at the end.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        if !self.read()? {
            return Ok(None);
        }
        let Self { parser, bytes, text, .. } = self;
        Ok(Some(parser.parse(valid(bytes, text))))
    }

    /// The next line's text as it stands, for who takes something off before it's parsed; none at the end.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    pub fn next_text(&mut self) -> io::Result<Option<&str>> {
        Ok(if self.read()? { Some(valid(&self.bytes, &mut self.text)) } else { None })
    }

    /// Reads a line's bytes without its end.
    fn read(&mut self) -> io::Result<bool> {
        self.bytes.clear();
        // One byte more than is kept: the end of a line that just fits.
        let most = LONGEST_LINE as u64 + 1;
        if self.input.by_ref().take(most).read_until(b'\n', &mut self.bytes)? == 0 {
            return Ok(false);
        }
        if self.bytes.last() == Some(&b'\n') {
            self.bytes.pop();
        } else if self.bytes.len() > LONGEST_LINE {
            self.bytes.truncate(LONGEST_LINE);
            self.input.skip_until(b'\n')?;
            self.cut += 1;
        }
        if self.bytes.last() == Some(&b'\r') {
            self.bytes.pop();
        }
        self.number += 1;
        Ok(true)
    }
}

/// Bytes as text; `replaced` holds them where some aren't UTF-8.
fn valid<'a>(bytes: &'a [u8], replaced: &'a mut String) -> &'a str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => {
            *replaced = String::from_utf8_lossy(bytes).into_owned();
            replaced
        }
    }
}

/// A line that owns its text.
#[derive(Debug, Clone)]
pub struct OwnedLine {
    text: String,
    before: Parser,
    /// Its number in the log; the first is 1.
    pub number: u64,
}

impl OwnedLine {
    /// The line as it was read, without its end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the line says.
    pub fn line(&self) -> Line<'_> {
        self.before.clone().parse(&self.text)
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = io::Result<OwnedLine>;

    /// The next line with its text copied; [`Reader::next_line`] doesn't copy.
    fn next(&mut self) -> Option<Self::Item> {
        let before = self.parser.clone();
        match self.next_line() {
            Ok(None) => None,
            Ok(Some(line)) => {
                let text = line.to_string();
                Some(Ok(OwnedLine { text, before, number: self.number }))
            }
            Err(error) => Some(Err(error)),
        }
    }
}
