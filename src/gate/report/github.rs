//! For workflows of GitHub Actions: an annotation for what fails, and a summary in Markdown.

use std::io::{self, Write};

use knockwright_verifier::annotation::{Annotation, Severity};

use super::text::{count, part_of_limit};
use crate::gate::row::Judged;

/// Writes an annotation for each row that fails, beside the source line where it's known, and one for what can't be told.
pub(crate) fn annotations(out: &mut impl Write, results: &[Judged]) -> io::Result<()> {
    for result in results {
        let severity = match () {
            () if result.fails() => Severity::Error,
            () if !result.row.is_verdict() => Severity::Warning,
            () => continue,
        };
        let source =
            result.explanation.as_ref().and_then(|explanation| explanation.diagnosis.source.as_ref());
        let annotation = Annotation {
            severity,
            file: source.and_then(|source| source.file.as_deref()),
            line: source.and_then(|source| source.line),
            title: &result.row.label(),
            message: &result.complaints().join("\n"),
        };
        writeln!(out, "{annotation}")?;
    }
    Ok(())
}

/// Writes the table as Markdown, for `$GITHUB_STEP_SUMMARY`.
pub(crate) fn summary(out: &mut impl Write, results: &[Judged]) -> io::Result<()> {
    let failed = results.iter().filter(|result| result.fails()).count();
    writeln!(out, "### BPF programs: {failed} of {} rejected or over their budget\n", results.len())?;
    writeln!(out, "| object | program | kernel | verdict | processed | of the limit | states | |")?;
    writeln!(out, "|---|---|---|---|---:|---:|---:|---|")?;
    for result in results {
        let row = &result.row;
        let kernel = match &row.config {
            Some(config) => format!("{}, {config}", row.kernel),
            None => row.kernel.clone(),
        };
        let mark = if result.fails() { "❌ " } else { "" };
        writeln!(
            out,
            "| {} | {} | {} | {mark}{} | {} | {} | {} | {} |",
            cell(&row.object),
            cell(&row.program),
            cell(&kernel),
            row.verdict,
            row.processed.map_or_else(String::new, count),
            row.processed.map_or_else(String::new, part_of_limit),
            row.total_states.map_or_else(String::new, count),
            cell(&result.complaints().join("; ")),
        )?;
    }
    Ok(())
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::row::tests::{rejected, row};

    fn results() -> Vec<Judged> {
        let rows = [row("a.o", "one", 5000), rejected("a|b.o", "two")];
        rows.map(|row| Judged { row, explanation: None, faults: Vec::new(), before: None }).into()
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
}
