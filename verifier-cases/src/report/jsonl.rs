//! One JSON object a program.

use std::io::{self, Write};

use serde::Serialize;

use crate::observation::Verdict;
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
    verdict: Verdict,
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
        let seen = result.attempt.as_ref().ok().map(|seen| Seen {
            verdict: seen.verdict,
            errno: seen.errno,
            insn: seen.insn,
            message: &seen.message,
            processed: seen.processed,
        });
        let differences = result.differences.iter().map(|difference| DifferenceLine {
            what: difference.what.to_string(),
            expected: difference.expected.clone(),
            found: difference.found.clone(),
        });
        let error = result.attempt.as_ref().err().map(ToString::to_string);
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
