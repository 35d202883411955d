//! JUnit's XML: a suite for each kernel, a test for each program of an object.

use std::io::{self, Write};

use knockwright_asm::text::{visible, visible_lines};
use knockwright_verifier_cases::report::junit::{Suite, TestCase, TestOutcome, document};

use crate::gate::row::Judged;

/// Writes all rows as one document.
pub(crate) fn write(out: &mut impl Write, results: &[Judged]) -> io::Result<()> {
    let mut suites: Vec<Suite> = Vec::new();
    for result in results {
        let row = &result.row;
        let config = row.config.as_ref().map_or_else(String::new, |config| format!(" with {config}"));
        let visible_lines = |lines: Vec<String>| {
            lines.iter().map(|line| visible_lines(line).into_owned()).collect::<Vec<_>>()
        };
        let why = || visible(&row.message).into_owned();
        let outcome = match () {
            () if result.fails() => TestOutcome::Failed(visible_lines(result.complaints())),
            () if !result.is_wrong() => TestOutcome::Passed,
            () if row.is_error() => TestOutcome::Error(why()),
            () => TestOutcome::Skipped(format!("{}: {}", row.verdict, why())),
        };
        let name = format!("{}{}", visible(&row.program), visible(&config));
        let test = TestCase::passed(visible(&row.object), name).with_outcome(outcome);
        let kernel = visible(&row.kernel);
        match suites.iter_mut().find(|suite| suite.name == kernel) {
            Some(suite) => suite.tests.push(test),
            None => {
                let mut suite = Suite::new(kernel);
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
    use crate::gate::row::tests::{broken, rejected, row};

    #[test]
    fn a_suite_for_each_kernel() {
        let mut other = row("a.o", "one", 6);
        "7.3".clone_into(&mut other.kernel);
        let mut unsupported = row("b.o", "two", 6);
        "unsupported".clone_into(&mut unsupported.verdict);
        let rows =
            [row("a.o", "one", 5), rejected("a.o", "two\u{1b}\u{ffff}"), other, unsupported, broken("c.o")];
        let mut out = Vec::new();
        write(&mut out, &rows.map(Judged::new)).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("<testsuite name=\"6.12\" tests=\"4\" failures=\"1\" skipped=\"1\" errors=\"1\">"),
            "{text}"
        );
        assert!(text.contains("name=\"two\\u{1b}"), "{text}");
        assert!(text.contains("<error message=\"this is no ELF file\"/>"), "{text}");
        assert!(text.contains("<testsuite name=\"7.3\" tests=\"1\" failures=\"0\">"), "{text}");
        assert!(text.contains("rejected at 7: R0 invalid mem access"), "{text}");
    }
}
