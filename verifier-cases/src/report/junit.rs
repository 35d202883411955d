//! JUnit's XML, which test dashboards read: a suite for each kernel, a test case for each program.

use std::io::{self, Write};

use crate::run::KernelReport;

/// Writes all kernels' results as one document.
///
/// # Errors
/// What the writer says.
pub fn write(out: &mut impl Write, reports: &[KernelReport]) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>")?;
    for report in reports {
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" time=\"{:.3}\">",
            escape(&report.kernel.release),
            report.results.len(),
            report.failures().count(),
            report.duration.as_secs_f64()
        )?;
        for result in &report.results {
            let (class, label) = (escape(&result.class), escape(&result.label()));
            write!(out, "    <testcase classname=\"{class}\" name=\"{label}\"")?;
            if result.passed() {
                writeln!(out, "/>")?;
                continue;
            }
            let lines = result.complaints();
            let first = escape(lines.first().map_or("", String::as_str));
            let text = escape(&lines.join("\n"));
            writeln!(out, ">\n      <failure message=\"{first}\">{text}</failure>\n    </testcase>")?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// Escapes what XML reserves, and drops what it can't hold.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_characters_are_escaped() {
        assert_eq!(escape("a < b && \"c\"\u{1}"), "a &lt; b &amp;&amp; &quot;c&quot;");
    }
}
