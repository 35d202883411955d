//! `inspect`: what an object holds.

use std::io::Write as _;

use knockwright_codegen::Report;
use knockwright_verifier_cases::words::did_you_mean;

use crate::cli::{Format, Inspect};
use crate::failure::{Failure, Outcome, Status};
use crate::{files, output};

pub(crate) fn run(args: &Inspect) -> Outcome {
    files::say_if_it_waits(&args.file, "an object");
    let bytes = files::read(&args.file)?;
    let name = files::name(&args.file);
    let mut report = Report::read(&bytes).map_err(|error| Failure::bad_input(format!("{name}: {error}")))?;
    if let Some(prog_type) = args.select.prog_type {
        report.set_type(prog_type);
    }
    if let Some(section) = &args.select.section {
        if !report.sections.iter().any(|known| known.name == *section) {
            let sections = report.sections.iter().map(|known| known.name.as_str());
            let meant = did_you_mean(section, sections);
            return Err(Failure::bad_input(format!("{name}: the object has no section `{section}`{meant}")));
        }
        report.keep_section(section);
    }
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
