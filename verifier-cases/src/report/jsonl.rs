//! One JSON object a program.

use std::io::{self, Write};

use serde::Serialize;

use crate::run::{KernelReport, Subject};

#[derive(Serialize)]
struct Line<'a> {
    kernel: &'a str,
    release: &'a str,
    class: &'a str,
    case: &'a str,
    subject: Subject,
    passed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(flatten)]
    seen: Option<Seen<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<DifferenceLine>,
}

#[derive(Serialize)]
struct Seen<'a> {
    verdict: String,
    errno: i32,
    insn: Option<usize>,
    message: &'a str,
    processed: Option<u64>,
}

#[derive(Serialize)]
struct DifferenceLine {
    what: String,
    expected: String,
    found: String,
}

/// Writes the results of a kernel.
///
/// # Errors
/// What the writer says.
pub fn write(out: &mut impl Write, report: &KernelReport) -> io::Result<()> {
    for result in &report.results {
        let verdict = &result.verdict;
        let seen = verdict.outcome.accepts().map(|_| Seen {
            verdict: verdict.outcome.to_string(),
            errno: verdict.errno,
            insn: verdict.insn,
            message: verdict.said(),
            processed: verdict.processed,
        });
        let differences = result.differences.iter().map(|difference| DifferenceLine {
            what: difference.what.to_string(),
            expected: difference.expected.clone(),
            found: difference.found.clone(),
        });
        let error = verdict.why_none();
        let line = Line {
            kernel: &report.kernel.name,
            release: &report.kernel.release,
            class: &result.class,
            case: &result.case,
            subject: result.subject,
            passed: result.passed(),
            error: error.as_deref(),
            seen,
            differences: differences.collect(),
        };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}
