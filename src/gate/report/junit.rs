//! JUnit's XML: a suite for each kernel, a test for each program of an object.

use std::io::{self, Write};

use knockwright_verifier_cases::report::junit::{Suite, TestCase, TestOutcome, document};

use crate::gate::row::Judged;

/// Writes all rows as one document.
pub(crate) fn write(out: &mut impl Write, results: &[Judged]) -> io::Result<()> {
    let mut suites: Vec<Suite> = Vec::new();
    for result in results {
        let row = &result.row;
        let config = row.config.as_ref().map_or_else(String::new, |config| format!(" with {config}"));
        let outcome = match () {
            () if result.fails() => TestOutcome::Failed(result.complaints()),
            () if row.is_accepted() => TestOutcome::Passed,
            () => TestOutcome::Skipped(format!("{}: {}", row.verdict, row.message)),
        };
        let test = TestCase::passed(&*row.object, format!("{}{config}", row.program)).with_outcome(outcome);
        match suites.iter_mut().find(|suite| suite.name == row.kernel) {
            Some(suite) => suite.tests.push(test),
            None => {
                let mut suite = Suite::new(&*row.kernel);
                suite.tests.push(test);
                suites.push(suite);
            }
        }
    }
    document(out, &suites)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::row::tests::{rejected, row};

    #[test]
    fn a_suite_for_each_kernel() {
        let mut other = row("a.o", "one", 6);
        "7.3".clone_into(&mut other.kernel);
        let mut unsupported = row("b.o", "two", 6);
        "unsupported".clone_into(&mut unsupported.verdict);
        let rows = [row("a.o", "one", 5), rejected("a.o", "two"), other, unsupported];
        let result = |row| Judged { row, explanation: None, faults: Vec::new(), before: None };
        let mut out = Vec::new();
        write(&mut out, &rows.map(result)).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("<testsuite name=\"6.12\" tests=\"3\" failures=\"1\" skipped=\"1\">"),
            "{text}"
        );
        assert!(text.contains("<testsuite name=\"7.3\" tests=\"1\" failures=\"0\">"), "{text}");
        assert!(text.contains("rejected at 7: R0 invalid mem access"), "{text}");
    }
}
