//! Workflow commands of GitHub Actions, which show a failure beside the line of the case.

use std::io::{self, Write};

use crate::run::KernelReport;

/// Writes an `::error` line for each result that isn't as expected.
///
/// # Errors
/// What the writer says.
pub fn write(out: &mut impl Write, report: &KernelReport) -> io::Result<()> {
    for failure in report.failures() {
        let lines = failure.complaints();
        let title = format!("{} on {}", failure.label(), report.kernel.release);
        write!(out, "::error ")?;
        if let Some(place) = &failure.place {
            write!(out, "file={},line={},", property(&place.file), place.line)?;
        }
        writeln!(out, "title={}::{}", property(&title), data(&lines.join("\n")))?;
    }
    Ok(())
}

/// Escapes a message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property's value.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_together() {
        assert_eq!(data("a\nb%"), "a%0Ab%25");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
    }
}
