//! How a test that needs the kernel is skipped with its reason.

use std::io::Write as _;

/// Whether the kernel may be asked; else says why the test is skipped. In CI a skip is a failure.
pub(crate) fn can_load(test: &str) -> bool {
    let Err(reason) = knockwright_loader::privilege::can_load() else { return true };
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{test} must not be skipped here: {reason}");
    let _ = writeln!(std::io::stderr(), "test {test} ... skipped: {reason}");
    false
}
