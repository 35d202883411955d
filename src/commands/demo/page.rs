//! How the demo looks: numbered headings, labels in a column, asides dimmed.

use std::io::{self, Write};
use std::time::Duration;

use anstyle::Style;

use crate::style;

/// The width of the column of labels.
const LABEL: usize = 16;

/// What the scenes write on. Each line is written as soon as it's known.
#[derive(Debug)]
pub(super) struct Page<W> {
    out: W,
    headings: u32,
}

impl<W: Write> Page<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, headings: 0 }
    }

    pub(super) fn title(&mut self, name: &str, about: &str) -> io::Result<()> {
        writeln!(self.out, "{}{name}{:#}  {about}", style::HEADING, style::HEADING)
    }

    pub(super) fn heading(&mut self, verb: &str, about: &str) -> io::Result<()> {
        self.headings += 1;
        let (on, off) = (style::HEADING, style::HEADING);
        writeln!(self.out, "\n{on}{} {verb}{off:#}  {about}\n", self.headings)
    }

    /// A label and what belongs to it.
    pub(super) fn item(&mut self, label: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, "  {label:LABEL$}{text}")
    }

    /// The same, with what came of it in a style: [`style::GOOD`] or [`style::ERROR`].
    pub(super) fn end_of(&mut self, label: &str, text: &str, outcome: &str, style: Style) -> io::Result<()> {
        writeln!(self.out, "  {label:LABEL$}{text}{style}{outcome}{style:#}")
    }

    /// A line of its own.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "  {text}")
    }

    /// The same, for what matters less.
    pub(super) fn note(&mut self, label: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, "  {}{label:LABEL$}{text}{:#}", style::DIM, style::DIM)
    }

    /// A line that matters less.
    pub(super) fn aside(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "    {}{text}{:#}", style::DIM, style::DIM)
    }

    /// A line that is the point of those around it.
    pub(super) fn marked(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "  {}> {text}{:#}", style::ERROR, style::ERROR)
    }

    pub(super) fn gap(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    pub(super) fn end(&mut self, took: Duration) -> io::Result<()> {
        writeln!(self.out, "\nDone in {:.1} s. Nothing is left behind.", took.as_secs_f64())?;
        self.out.flush()
    }
}
