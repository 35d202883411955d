//! How a test that needs the kernel is skipped with its reason.

mod skip;

/// Whether the kernel may be asked; else says why the test is skipped. In CI a skip is a failure.
pub(crate) fn can_load(test: &str) -> bool {
    knockwright_loader::privilege::can_load().map_or_else(|reason| skip::skip(test, reason), |()| true)
}
