//! A JSON object a line.

use std::io::{self, Write};

use serde::Serialize;

use crate::gate::fault::Fault;
use crate::gate::row::{Judged, Row};

/// A row, with what is wrong with it.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    row: &'a Row,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    faults: &'a [Fault],
    /// The verdict that was expected, where that is what came.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<&'a str>,
}

/// Writes a line for each row.
pub(crate) fn write(out: &mut impl Write, results: &[Judged]) -> io::Result<()> {
    for Judged { row, faults, expected, log, .. } in results {
        let expected = expected.as_ref().map(|expected| expected.verdict.word());
        let line = Line { row, faults, expected, log: log.as_deref() };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}
