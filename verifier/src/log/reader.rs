//! Whole logs, line by line.

use std::io::{self, BufRead};

use super::line::Line;
use super::parse::Parser;

/// The longest line that [`Reader`] keeps, in bytes. What is behind is left out.
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
        let text = match str::from_utf8(&self.bytes) {
            Ok(text) => text,
            Err(_) => {
                self.text = String::from_utf8_lossy(&self.bytes).into_owned();
                &self.text
            }
        };
        Ok(Some(self.parser.parse(text)))
    }

    /// Reads a line's bytes without its end.
    fn read(&mut self) -> io::Result<bool> {
        self.bytes.clear();
        let mut any = false;
        let mut long = false;
        loop {
            let buffer = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            if buffer.is_empty() {
                break;
            }
            any = true;
            let end = buffer.iter().position(|&byte| byte == b'\n');
            let piece = &buffer[..end.unwrap_or(buffer.len())];
            let kept = piece.len().min(LONGEST_LINE - self.bytes.len());
            self.bytes.extend_from_slice(&piece[..kept]);
            long |= kept < piece.len();
            let used = piece.len() + usize::from(end.is_some());
            self.input.consume(used);
            if end.is_some() {
                break;
            }
        }
        if self.bytes.last() == Some(&b'\r') {
            self.bytes.pop();
        }
        self.number += u64::from(any);
        self.cut += u64::from(long);
        Ok(any)
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
    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line.
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
