//! `cases diff`: what changed between two kernels.

use std::io::{self, Write as _};

use knockwright_verifier_cases::diff;
use knockwright_verifier_cases::record::Recording;

use super::record::failure;
use crate::cli::{CasesDiff, DiffFormat};
use crate::failure::{Outcome, Status};

pub(super) fn run(args: &CasesDiff) -> Outcome {
    let before = Recording::open(&args.logs, &args.before).map_err(failure)?;
    let after = Recording::open(&args.logs, &args.after).map_err(failure)?;
    let changes = diff::diff(&before, &after);
    let mut out = io::stdout().lock();
    match args.format {
        DiffFormat::Text => diff::text(&mut out, &before, &after, &changes)?,
        DiffFormat::Json => diff::json(&mut out, &before, &after, &changes)?,
        DiffFormat::Markdown => diff::markdown(&mut out, &before, &after, &changes)?,
        DiffFormat::Html => diff::html(&mut out, &before, &after, &changes)?,
    }
    out.flush()?;
    Ok(Status::Done)
}
