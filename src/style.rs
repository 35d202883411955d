//! Colours. They reach terminals only: `anstream` strips them elsewhere and honours `NO_COLOR`.

use anstyle::{AnsiColor, Style};

/// Errors and faults.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// What went well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Headings.
pub(crate) const HEADING: Style = AnsiColor::Cyan.on_default().bold();
/// What stands as it is.
pub(crate) const PLAIN: Style = Style::new();
/// What is only beside the point.
pub(crate) const DIM: Style = Style::new().dimmed();
