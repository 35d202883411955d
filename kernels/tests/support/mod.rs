//! What the tests on real kernels share.

#![allow(dead_code)] // each test file uses its part

mod skip;

use knockwright_loader::privilege;

#[allow(unused_imports)] // each test file uses its part
pub(crate) use skip::{excuse, skip, skip_this};

/// Whether the running kernel may be asked; else says why the test is skipped.
pub(crate) fn may_load() -> bool {
    privilege::can_load().map_or_else(skip_this, |()| true)
}

/// `r0 = 2; exit`.
pub(crate) const PASS: &str = "b700000002000000 9500000000000000";

/// Looks up key 0 of map 0 and loads from the result at slot 6 without a check.
pub(crate) const NULL_DEREF: &str = "
    7a0af8ff00000000 bfa2000000000000 07020000f8ffffff 1851000000000000 0000000000000000
    8500000001000000 7100000000000000 9500000000000000";
