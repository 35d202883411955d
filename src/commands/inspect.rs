//! `inspect`: what an object holds.

use std::io::Write as _;

use knockwright_codegen::Report;

use crate::cli::{Format, Inspect};
use crate::failure::{Failure, Outcome, Status};
use crate::{files, output};

pub(crate) fn run(args: &Inspect) -> Outcome {
    files::say_if_it_waits(&args.file, "an object");
    let bytes = files::read(&args.file)?;
    let name = files::name(&args.file);
    let report = Report::read(&bytes).map_err(|error| Failure::bad_input(format!("{name}: {error}")))?;
    let mut out = output::plain_stdout();
    match args.format {
        Format::Text => write!(out, "{report}")?,
        Format::Json => {
            let json = serde_json::to_string_pretty(&report).map_err(Failure::internal)?;
            writeln!(out, "{json}")?;
        }
    }
    Ok(Status::Done)
}
