//! How a test says that it can't run here. One file for all packages, which link to it.

#![allow(dead_code, unreachable_pub)] // each package takes its share

use std::fmt::Display;
use std::io::Write as _;

/// Reports that a test, or a part of it, is left out. In CI nothing may be left out. Always false, for conditions.
pub fn skip(test: &str, reason: impl Display) -> bool {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{test} must not be skipped here: {reason}");
    excuse(test, reason)
}

/// The same for what may be left out even in CI.
pub fn excuse(test: &str, reason: impl Display) -> bool {
    // Past the harness, which keeps the output of passing tests to itself.
    let _ = writeln!(std::io::stderr(), "test {test} ... skipped: {reason}");
    false
}

/// Reports that the test of this thread, or a part of it, is left out: the harness names its threads.
pub fn skip_this(reason: impl Display) -> bool {
    let thread = std::thread::current();
    skip(thread.name().unwrap_or("without a name"), reason)
}
