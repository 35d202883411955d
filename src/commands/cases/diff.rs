//! `cases diff`: what changed between two kernels.

use std::io::Write as _;

use knockwright_verifier_cases::diff;

use super::record;
use crate::cli::{CasesDiff, DiffFormat};
use crate::failure::{Outcome, Status};
use crate::output;

pub(super) fn run(args: &CasesDiff) -> Outcome {
    let before = record::open(args.logs.as_deref(), &args.before)?;
    let after = record::open(args.logs.as_deref(), &args.after)?;
    let changes = diff::diff(&before, &after);
    let mut out = output::plain_stdout();
    match args.format {
        DiffFormat::Text => diff::text(&mut out, &before, &after, &changes)?,
        DiffFormat::Json => diff::json(&mut out, &before, &after, &changes)?,
        DiffFormat::Markdown => diff::markdown(&mut out, &before, &after, &changes)?,
        DiffFormat::Html => diff::html(&mut out, &before, &after, &changes)?,
    }
    out.flush()?;
    Ok(Status::Done)
}
