//! What the tests of the whole share: frames, the reference model, and the way to skip a test with its reason.

#![allow(dead_code)] // each test file uses its part

pub(crate) mod frame;
pub(crate) mod model;

use std::io::Write as _;

use knockwright_loader::privilege;

/// Whether the kernel may be asked; else says why the test is skipped. In CI a skip is a failure.
pub(crate) fn may_load(test: &str) -> bool {
    match privilege::can_load() {
        Ok(()) => true,
        Err(reason) => skip(test, &reason.to_string()),
    }
}

/// Reports a skipped test, past the harness that keeps the output of passing tests to itself.
pub(crate) fn skip(test: &str, reason: &str) -> bool {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{test} must not be skipped here: {reason}");
    let _ = writeln!(std::io::stderr(), "test {test} ... skipped: {reason}");
    false
}
