//! For workflows of GitHub Actions: an annotation for what fails, and a summary in Markdown.

use std::io::{self, Write};

use knockwright_asm::text::{visible, visible_lines};
use knockwright_verifier::annotation::{Annotation, Severity};

use super::text::{complaints, count, part_of_limit};
use crate::gate::row::Judged;

/// Writes an annotation for each fault, once for all kernels that say it in the same words, beside the source line where it's
/// known; and one for what can't be told. GitHub shows ten of a step.
pub(crate) fn annotations(out: &mut impl Write, results: &[Judged]) -> io::Result<()> {
    for complaint in complaints(results) {
        let first = complaint.first;
        let severity =
            if first.fails() || first.row.is_error() { Severity::Error } else { Severity::Warning };
        let source = first.source.as_ref();
        let file = source.map(|source| visible(&source.file));
        let (title, message) = (complaint.label(), complaint.lines.join("\n"));
        let annotation = Annotation {
            severity,
            file: file.as_deref(),
            line: source.and_then(|source| source.line),
            title: &visible(&title),
            message: &visible_lines(&message),
        };
        writeln!(out, "{annotation}")?;
    }
    Ok(())
}

/// How long a summary may be: GitHub takes a mebibyte for a step, and nothing of a longer one.
const MOST_BYTES: usize = 900 << 10;

/// Writes the table as Markdown, for `$GITHUB_STEP_SUMMARY`.
pub(crate) fn summary(out: &mut impl Write, results: &[Judged]) -> io::Result<()> {
    let failed = results.iter().filter(|result| result.fails()).count();
    let untold = results.iter().filter(|result| result.is_wrong() && !result.fails()).count();
    let untold = if untold > 0 { format!(", {untold} without a verdict") } else { String::new() };
    writeln!(out, "### BPF programs: {failed} of {} rejected or over their budget{untold}\n", results.len())?;
    writeln!(out, "| object | program | kernel | verdict | processed | of the limit | states | |")?;
    writeln!(out, "|---|---|---|---|---:|---:|---:|---|")?;
    let mut bytes = 0;
    for (place, result) in results.iter().enumerate() {
        let line = line(result);
        bytes += line.len();
        if bytes > MOST_BYTES {
            return writeln!(out, "\nand {} more", results.len() - place);
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn line(result: &Judged) -> String {
    let row = &result.row;
    let kernel = match &row.config {
        Some(config) => format!("{}, {config}", row.kernel),
        None => row.kernel.clone(),
    };
    let mark = match () {
        () if result.fails() || (result.is_wrong() && row.is_error()) => "❌ ",
        () if result.is_wrong() => "⚠️ ",
        () => "",
    };
    let words = match () {
        () if result.is_wrong() => {
            result.complaints().iter().map(|line| cell(line)).collect::<Vec<_>>().join("<br>")
        }
        () if !row.is_accepted() => "as expected".to_owned(),
        () => String::new(),
    };
    format!(
        "| {} | {} | {} | {mark}{} | {} | {} | {} | {} |",
        cell(&row.object),
        cell(&row.program),
        cell(&kernel),
        row.verdict,
        row.processed.map_or_else(String::new, count),
        row.processed.map_or_else(String::new, part_of_limit),
        row.total_states.map_or_else(String::new, count),
        words,
    )
}

/// Text in a cell of a table: it stays what it is, whatever Markdown would make of it.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for c in visible(text).chars() {
        match c {
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '~' => cell.extend(['\\', c]),
            '<' => cell.push_str("&lt;"),
            '&' => cell.push_str("&amp;"),
            // Else it would call somebody.
            '@' => cell.push_str("@\u{200b}"),
            c => cell.push(c),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::row::tests::{broken, rejected, row};

    fn results() -> Vec<Judged> {
        let rows = [row("a.o", "one", 5000), rejected("a|b.o", "two")];
        rows.map(Judged::new).into()
    }

    #[test]
    fn only_what_fails_is_annotated() {
        let mut out = Vec::new();
        annotations(&mut out, &results()).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "::error title=a|b.o%3A two on 6.12::rejected at 7: R0 invalid mem access 'map_value_or_null'\n"
        );
    }

    #[test]
    fn the_summary_is_a_table() {
        let mut out = Vec::new();
        summary(&mut out, &results()).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("### BPF programs: 1 of 2 rejected"), "{text}");
        assert!(text.contains("| a.o | one | 6.12 | accept | 5,000 | 0.5% | 3 |  |"), "{text}");
        assert!(text.contains("| a\\|b.o | two | 6.12 | ❌ reject |"), "{text}");
    }

    #[test]
    fn nothing_that_an_object_says_is_obeyed() {
        let mut evil = rejected("a%\r.o", "x\u{1b}]0;t\u{7}");
        evil.message = "<b> *x* [y](z) @who\n::error::z".to_owned();
        let results = [Judged::new(evil), Judged::new(broken("b.o"))];
        let mut out = Vec::new();
        annotations(&mut out, &results).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.starts_with("::error title=a%25\\u{d}.o%3A x\\u{1b}]0;t\\u{7} on 6.12::"), "{text}");
        assert!(text.lines().all(|line| line.starts_with("::error title=")), "{text}");
        let mut out = Vec::new();
        summary(&mut out, &results).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("&lt;b> \\*x\\* \\[y\\](z) @\u{200b}who\\\\u{a}::error::z"), "{text}");
        assert!(text.contains("1 of 2 rejected or over their budget, 1 without a verdict"), "{text}");
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text}");
    }
}
