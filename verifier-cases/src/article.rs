//! The article's two logs beside the live ones, line by line.
//!
//! The article shows parts of two logs of Linux 6.8. What is done before a line is compared:
//!
//! - Lines that the article wraps are joined, and white space doesn't count.
//! - The address of a map (`r1 = 0xffff0000c8b1f400`) is any address.
//! - The ` @ file:line` after source lines, which came with 6.9, is taken away.
//! - From 6.18 on the log has no `_w` marks and always `mark_read 0`: there those are taken away from the article's line.

use std::io::{self, Write};

use knockwright_asm::{KernelVersion, Program};
use knockwright_codegen::kernel_records;
use knockwright_programs::article;
use knockwright_verifier::{Attempt, Engine, EngineError, KernelId};

/// The visible lines of the article's two logs: what its author's kernel printed.
pub const LINES: [&str; 2] = [include_str!("../article/null.log"), include_str!("../article/bounds.log")];

/// A case's name and its program.
pub type Named = (&'static str, fn() -> Program);

/// The cases that reproduce the article's logs.
pub const CASES: [Named; 2] = [("article-null", article::null), ("article-bounds", article::bounds)];

/// A line of the article beside the line of the log at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pair {
    /// The article's line, unwrapped.
    pub article: String,
    /// The log's line as it is, if there is one that says the same.
    pub obtained: Option<String>,
}

/// One of the article's two logs on one kernel.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Comparison {
    /// The name of the case, `article-null` or `article-bounds`.
    pub case: &'static str,
    /// The kernel that was asked.
    pub kernel: KernelId,
    /// Every visible line of the article.
    pub pairs: Vec<Pair>,
}

impl Comparison {
    /// How many of the article's lines the log has, in order.
    pub fn found(&self) -> usize {
        self.pairs.iter().filter(|pair| pair.obtained.is_some()).count()
    }

    /// Writes each line of the article with the line obtained below it.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let (found, all) = (self.found(), self.pairs.len());
        writeln!(
            out,
            "{} on {}: {found} of {all} lines of the article's log",
            self.case, self.kernel.release
        )?;
        for pair in &self.pairs {
            writeln!(out, "  article  {}", pair.article)?;
            match &pair.obtained {
                Some(line) => writeln!(out, "  obtained {line}")?,
                None => writeln!(out, "  obtained nothing that says the same")?,
            }
        }
        Ok(())
    }
}

/// Loads the article's two faults and compares their level-1 logs with the article's.
///
/// # Errors
/// What kept the engine from answering.
pub fn compare(engine: &mut dyn Engine) -> Result<Vec<Comparison>, EngineError> {
    let attempts = CASES.map(|(name, program)| {
        let mut program = program();
        let records = kernel_records(&program);
        name.clone_into(&mut program.name);
        Attempt::new(program).with_btf(records).at_level(1)
    });
    let verdicts = engine.verify(&attempts)?;
    let kernel = engine.kernel()?;
    let comparisons = verdicts.into_iter().zip(CASES).zip(LINES).map(|((verdict, (case, _)), lines)| {
        Comparison { case, pairs: pairs(lines, &verdict.log, kernel.version), kernel: kernel.clone() }
    });
    Ok(comparisons.collect())
}

/// Pairs each line of the article with the next line of the log that says the same.
fn pairs(article: &str, log: &str, kernel: KernelVersion) -> Vec<Pair> {
    let without_marks = kernel >= KernelVersion::new(6, 18);
    let mut rest: Vec<&str> = log.lines().collect();
    let mut pairs = Vec::new();
    for line in unwrap(article) {
        let wanted = essence(&line, without_marks);
        let at = rest.iter().position(|line| essence(line, without_marks) == wanted);
        let obtained = at.map(|at| {
            let line = rest[at].to_owned();
            rest.drain(..=at);
            line
        });
        pairs.push(Pair { article: line, obtained });
    }
    pairs
}

/// The article's lines with those joined that it wraps: they are indented.
fn unwrap(article: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in article.lines().filter(|line| !line.trim().is_empty()) {
        let continued = line.starts_with(' ');
        match lines.last_mut() {
            Some(last) if continued => {
                last.push(' ');
                last.push_str(line.trim().trim_start_matches("; "));
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// What of a line is compared.
fn essence(line: &str, without_marks: bool) -> String {
    let mut text = line.to_owned();
    if text.starts_with(';')
        && let Some(at) = text.rfind(" @ ")
    {
        text.truncate(at);
    }
    if let Some(at) = text.find("0xff") {
        let end =
            text[at + 2..].find(|c: char| !c.is_ascii_hexdigit()).map_or(text.len(), |end| at + 2 + end);
        // Only addresses have sixteen digits.
        if end - at == 18 {
            text.replace_range(at..end, "ADDRESS");
        }
    }
    if without_marks {
        text = text.replace("_w=", "=");
        if let Some(at) = text.find("mark_read ") {
            text.truncate(at);
        }
    }
    text.retain(|c| !c.is_whitespace());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const V6_12: KernelVersion = KernelVersion::new(6, 12);
    const V6_18: KernelVersion = KernelVersion::new(6, 18);

    #[test]
    fn wrapped_lines_are_joined() {
        let lines = unwrap("a   ; x(id=2,\n        ; y)\nprocessed 1\n    total 2\n");
        assert_eq!(lines, ["a   ; x(id=2, y)", "processed 1 total 2"]);
    }

    #[test]
    fn the_documented_differences_and_no_others_are_equal() {
        let pair = |article: &str, log: &str, kernel| pairs(article, log, kernel)[0].obtained.is_some();
        assert!(pair("; x;", "; x; @ knock.bpf.c:7", V6_12));
        assert!(pair(
            "69: (18) r1 = 0xffff0000c8b1f400 ; R1",
            "69: (18) r1 = 0xff11000005250000 ; R1",
            V6_12
        ));
        assert!(pair("1: ; R1_w=0", "1: ; R1=0", V6_18));
        assert!(!pair("1: ; R1_w=0", "1: ; R1=0", V6_12));
        assert!(pair("processed 70 mark_read 4", "processed 70 mark_read 0", V6_18));
        assert!(!pair("processed 70 mark_read 4", "processed 71 mark_read 0", V6_18));
    }

    #[test]
    fn lines_count_in_order() {
        let found = pairs("a\nb", "b\na", V6_12);
        assert_eq!(found.iter().filter(|pair| pair.obtained.is_some()).count(), 1);
    }
}
