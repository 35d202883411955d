//! Workflow commands of GitHub Actions, which show a failure beside the line of the case.

use std::io::{self, Write};

use knockwright_verifier::annotation::{Annotation, Severity};

use crate::run::KernelReport;

/// Writes an `::error` line for each result that isn't as expected.
///
/// # Errors
/// What the writer says.
pub fn write(out: &mut impl Write, report: &KernelReport) -> io::Result<()> {
    for failure in report.failures() {
        let annotation = Annotation {
            severity: Severity::Error,
            file: failure.place.as_ref().map(|place| &*place.file),
            line: failure.place.as_ref().map(|place| place.line),
            title: &format!("{} on {}", failure.label(), report.kernel.release),
            message: &failure.complaints().join("\n"),
        };
        writeln!(out, "{annotation}")?;
    }
    Ok(())
}
