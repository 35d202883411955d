//! The way to skip a test with its reason.

use std::io::Write as _;

/// Reports a skipped test, past the harness that keeps the output of passing tests to itself. In CI a skip is a failure.
pub(crate) fn skip(test: &str, reason: &dyn std::fmt::Display) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{test} must not be skipped here: {reason}");
    excuse(test, reason);
}

/// Reports a part of a test that may be left out even in CI.
#[allow(dead_code)] // not every test file has such a part
pub(crate) fn excuse(test: &str, reason: &dyn std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "test {test} ... skipped: {reason}");
}
