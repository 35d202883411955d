//! JUnit's XML, which test dashboards read: a suite for each kernel, a test case for each program.

use std::io::{self, Write};
use std::time::Duration;

use crate::run::KernelReport;

/// The tests of one kernel.
#[derive(Debug)]
#[non_exhaustive]
pub struct Suite {
    /// What it's called.
    pub name: String,
    /// How long all of them took; none where that isn't known.
    pub duration: Option<Duration>,
    /// The tests.
    pub tests: Vec<TestCase>,
}

impl Suite {
    /// A suite without tests yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), duration: None, tests: Vec::new() }
    }
}

/// One test.
#[derive(Debug)]
#[non_exhaustive]
pub struct TestCase {
    /// What it belongs to.
    pub class: String,
    /// What it's called.
    pub name: String,
    /// What came of it.
    pub outcome: TestOutcome,
}

impl TestCase {
    /// A test that passed.
    pub fn passed(class: impl Into<String>, name: impl Into<String>) -> Self {
        Self { class: class.into(), name: name.into(), outcome: TestOutcome::Passed }
    }

    /// The same with another outcome.
    #[must_use]
    pub fn with_outcome(self, outcome: TestOutcome) -> Self {
        Self { outcome, ..self }
    }
}

/// What came of a test: JUnit knows no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestOutcome {
    /// It passed.
    Passed,
    /// It failed; what is wrong, a line each.
    Failed(Vec<String>),
    /// It couldn't be tried, and why.
    Skipped(String),
    /// Something is wrong that keeps it from being tried, and what.
    Error(String),
}

/// Writes all kernels' results as one document.
///
/// # Errors
/// What the writer says.
pub fn write(out: &mut impl Write, reports: &[KernelReport]) -> io::Result<()> {
    let suites: Vec<Suite> = reports.iter().map(suite).collect();
    document(out, &suites)
}

fn suite(report: &KernelReport) -> Suite {
    let test = |result: &crate::run::CaseResult| {
        let test = TestCase::passed(&*result.class, result.label());
        if result.passed() { test } else { test.with_outcome(TestOutcome::Failed(result.complaints())) }
    };
    Suite {
        duration: Some(report.duration),
        tests: report.results.iter().map(test).collect(),
        ..Suite::new(report.kernel.release.clone())
    }
}

/// Writes suites as one document.
///
/// # Errors
/// What the writer says.
pub fn document(out: &mut impl Write, suites: &[Suite]) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>")?;
    for suite in suites {
        let failed = suite.tests.iter().filter(|test| matches!(test.outcome, TestOutcome::Failed(_))).count();
        write!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\"",
            escape(&suite.name),
            suite.tests.len()
        )?;
        let skipped =
            suite.tests.iter().filter(|test| matches!(test.outcome, TestOutcome::Skipped(_))).count();
        if skipped > 0 {
            write!(out, " skipped=\"{skipped}\"")?;
        }
        let errors = suite.tests.iter().filter(|test| matches!(test.outcome, TestOutcome::Error(_))).count();
        if errors > 0 {
            write!(out, " errors=\"{errors}\"")?;
        }
        match suite.duration {
            Some(duration) => writeln!(out, " time=\"{:.3}\">", duration.as_secs_f64())?,
            None => writeln!(out, ">")?,
        }
        for test in &suite.tests {
            write_test(out, test)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn write_test(out: &mut impl Write, test: &TestCase) -> io::Result<()> {
    let (class, name) = (escape(&test.class), escape(&test.name));
    write!(out, "    <testcase classname=\"{class}\" name=\"{name}\"")?;
    let inside = match &test.outcome {
        TestOutcome::Passed => return writeln!(out, "/>"),
        TestOutcome::Failed(lines) => {
            let first = escape(lines.first().map_or("", String::as_str));
            format!("<failure message=\"{first}\">{}</failure>", escape(&lines.join("\n")))
        }
        TestOutcome::Skipped(why) => format!("<skipped message=\"{}\"/>", escape(why)),
        TestOutcome::Error(what) => format!("<error message=\"{}\"/>", escape(what)),
    };
    writeln!(out, ">\n      {inside}\n    </testcase>")
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
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
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
        assert_eq!(escape("a < b && \"c\"\u{1}\u{ffff}"), "a &lt; b &amp;&amp; &quot;c&quot;");
    }

    #[test]
    fn outcomes_are_counted() {
        let mut suite = Suite::new("6.12");
        suite.tests.push(TestCase::passed("a.o", "one"));
        let failed = TestOutcome::Failed(vec!["no".to_owned(), "why".to_owned()]);
        suite.tests.push(TestCase::passed("a.o", "two").with_outcome(failed));
        suite
            .tests
            .push(TestCase::passed("a.o", "three").with_outcome(TestOutcome::Skipped("not here".to_owned())));
        suite
            .tests
            .push(TestCase::passed("b.o", "").with_outcome(TestOutcome::Error("no object".to_owned())));
        let mut out = Vec::new();
        document(&mut out, &[suite]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("<testsuite name=\"6.12\" tests=\"4\" failures=\"1\" skipped=\"1\" errors=\"1\">"),
            "{text}"
        );
        assert!(text.contains("<error message=\"no object\"/>"), "{text}");
        assert!(text.contains("<failure message=\"no\">no\nwhy</failure>"), "{text}");
        assert!(text.contains("<skipped message=\"not here\"/>"), "{text}");
    }
}
