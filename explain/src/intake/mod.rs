//! From bytes of any origin to the lines that the verifier wrote: colours, prefixes, escapes and wrapping come off.
//!
//! Everything streams: a line is looked at when it comes, with at most the line before it kept.

mod escape;
mod html;
mod prefix;
mod quoted;
mod wrap;

use std::io::{self, BufRead};

use knockwright_verifier::log::Reader;

use prefix::Prefix;
use wrap::Joiner;

/// How many lines are looked at before the prefix of all lines is known.
const LINES_TO_LEARN: usize = 400;

/// What takes lines.
pub(crate) trait Lines {
    /// Takes a line as the verifier wrote it.
    fn line(&mut self, line: &str);

    /// Passes on what is complete; called between lines of the input.
    ///
    /// # Errors
    /// Why nothing more is wanted.
    fn pass_on(&mut self) -> io::Result<()>;
}

/// Lines without what terminals, pages and loggers put around them. Its memory is used again and again.
#[derive(Default)]
struct Plain {
    without_colours: String,
    without_entities: String,
}

impl Plain {
    /// Passes on the lines that stand in one of the input.
    fn lines(&mut self, line: &str, mut each: impl FnMut(&str)) {
        let line = escape::without_colours(line, &mut self.without_colours);
        if !may_be_wrapped(line) {
            return escape::split(line, &mut each);
        }
        let line = html::plain(line, &mut self.without_entities);
        quoted::unquote(line, |line| escape::split(line, &mut each));
    }
}

/// Whether a line may be of a page or of a logger: nearly all lines are decided here, at a glance.
fn may_be_wrapped(line: &str) -> bool {
    let bytes = line.as_bytes();
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let ends_in_tag = bytes.last() == Some(&b'>');
    matches!(first, Some(b'<' | b'{')) || ends_in_tag || memchr::memchr2(b'&', b'"', bytes).is_some()
}

/// Passes every line of a log on, as the verifier wrote it.
///
/// # Errors
/// What the input says, or who takes the lines.
pub(crate) fn for_each_line(input: impl BufRead, sink: &mut impl Lines) -> io::Result<()> {
    let mut source = Reader::new(input);
    let mut plain = Plain::default();
    let mut first = Vec::new();
    while first.len() < LINES_TO_LEARN
        && let Some(line) = source.next_text()?
    {
        plain.lines(line, |line| first.push(line.to_owned()));
    }
    let prefix = Prefix::learn(&first);
    let mut joiner = Joiner::new(first.iter().map(|line| prefix.strip(line)));
    for line in &first {
        joiner.push(prefix.strip(line), &mut |line| sink.line(line));
        sink.pass_on()?;
    }
    drop(first);
    while let Some(line) = source.next_text()? {
        plain.lines(line, |line| joiner.push(prefix.strip(line), &mut |line| sink.line(line)));
        sink.pass_on()?;
    }
    joiner.finish(&mut |line| sink.line(line));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        #[derive(Default)]
        struct Found(Vec<String>);
        impl Lines for Found {
            fn line(&mut self, line: &str) {
                self.0.push(line.to_owned());
            }

            fn pass_on(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut found = Found::default();
        for_each_line(text.as_bytes(), &mut found).unwrap();
        found.0
    }

    #[test]
    fn lines_that_the_verifier_wrote_stay_as_they_are() {
        let log = "Live regs before insn:\n  0: .1........ (b7) r0 = 2\n0: R1=ctx() R10=fp0\n; int x @ a.c:1\n\
                   0: (b7) r0 = 2                        ; R0=2\n1: (95) exit\n R0_w=inv2 R10=fp0\n";
        assert_eq!(lines(log).join("\n") + "\n", log);
    }

    #[test]
    fn colours_and_prefixes_of_every_kind_come_off() {
        for prefix in [
            "[   12.345678] ",
            "Nov 22 21:00:09 host loader[4711]: ",
            "2026-11-22T21:00:00.123Z  WARN app: ",
            "\t",
            "    ",
            "web-1  | ",
            "\x1b[31m12:00:01\x1b[0m ",
        ] {
            let log = format!(
                "{prefix}0: R1=ctx() R10=fp0\n{prefix}0: (bf) r0 = r3\r\n{prefix}R3 !read_ok\n{prefix}processed 1 insns\n"
            );
            let wanted = ["0: R1=ctx() R10=fp0", "0: (bf) r0 = r3", "R3 !read_ok", "processed 1 insns"];
            assert_eq!(lines(&log), wanted, "{prefix:?}");
        }
    }

    #[test]
    fn a_log_in_one_escaped_string_is_taken_apart() {
        let log =
            r#"Error: VerifierLog("0: R1=ctx() R10=fp0\n0: (bf) r0 = r3\nR3 !read_ok\nprocessed 1 insns\n")"#;
        let found = lines(log);
        assert_eq!(found[1..4], ["0: (bf) r0 = r3", "R3 !read_ok", "processed 1 insns"]);
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let log = format!("0: (b7) r0 = 2\n{}\nprocessed 1 insns\n", "x".repeat(3 << 20));
        let found = lines(&log);
        assert_eq!((found.len(), found[1].len(), found[2].as_str()), (3, 1 << 20, "processed 1 insns"));
    }
}
