//! For people: what differs, then the figures.

use std::collections::BTreeSet;
use std::io::{self, Write};

use knockwright_verifier::Verdict;

use crate::run::{CaseResult, KernelReport};
use crate::words::counted;

impl KernelReport {
    /// For tests: panics with a readable list of what isn't as expected.
    ///
    /// # Panics
    /// If a result isn't as expected.
    #[track_caller]
    pub fn assert_passed(&self) {
        if !self.passed() {
            let mut text = Vec::new();
            // Writing to a Vec doesn't fail.
            let _ = write_failures(&mut text, self);
            panic!("{}", String::from_utf8_lossy(&text));
        }
    }
}

/// Writes one line for a kernel, and what isn't as expected on it.
///
/// # Errors
/// What the writer says.
pub fn write(out: &mut impl Write, report: &KernelReport) -> io::Result<()> {
    let failed = report.failures().count();
    let mark = if failed == 0 { "ok    " } else { "FAILED" };
    let kernel = &report.kernel;
    let seconds = report.duration.as_secs_f64();
    let total = report.results.len();
    writeln!(
        out,
        "{mark} {:<5} {:<32} {:>4} of {} as expected, {seconds:.1} s",
        kernel.name,
        kernel.release,
        total - failed,
        counted(total, "program")
    )?;
    write_failures(out, report)
}

/// Writes what isn't as expected.
///
/// # Errors
/// What the writer says.
pub fn write_failures(out: &mut impl Write, report: &KernelReport) -> io::Result<()> {
    for failure in report.failures() {
        writeln!(out, "\n{} / {} on {}", failure.class, failure.label(), report.kernel.release)?;
        if let Some(place) = &failure.place {
            writeln!(out, "  --> {place}")?;
        }
        match failure.verdict.why_none() {
            Some(reason) => writeln!(out, "  not verified: {reason}")?,
            None => {
                for difference in &failure.differences {
                    writeln!(out, "  {}", difference.what)?;
                    writeln!(out, "    - {}", difference.expected)?;
                    writeln!(out, "    + {}", difference.found)?;
                }
                write_tail(out, &failure.verdict)?;
            }
        }
    }
    Ok(())
}

/// The last lines of the log.
fn write_tail(out: &mut impl Write, seen: &Verdict) -> io::Result<()> {
    const LINES: usize = 6;
    let lines: Vec<&str> = seen.log.lines().collect();
    for line in &lines[lines.len().saturating_sub(LINES)..] {
        writeln!(out, "  | {line}")?;
    }
    Ok(())
}

/// Writes the figures of a whole run: cases, classes, kernels, seconds.
///
/// # Errors
/// What the writer says.
pub fn write_summary(out: &mut impl Write, reports: &[KernelReport], seconds: f64) -> io::Result<()> {
    let all: Vec<&CaseResult> = reports.iter().flat_map(|report| &report.results).collect();
    let cases: BTreeSet<&str> = all.iter().map(|result| result.case.as_str()).collect();
    let classes: BTreeSet<&str> = all.iter().map(|result| result.class.as_str()).collect();
    let failed = all.iter().filter(|result| !result.passed()).count();
    writeln!(
        out,
        "{} in {} on {}, {} verified in {seconds:.1} s: {}",
        counted(cases.len(), "case"),
        counted(classes.len(), "class"),
        counted(reports.len(), "kernel"),
        counted(all.len(), "program"),
        if failed == 0 { "all as expected".to_owned() } else { format!("{failed} not as expected") }
    )
}
