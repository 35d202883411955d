//! `build`: a program that comes with the command, as an ELF object.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use knockwright_asm::Program;
use knockwright_codegen::Object;
use knockwright_kernels::HostEngine;
use knockwright_verifier::{Attempt, Engine as _, Outcome as Verified};
use knockwright_verifier_cases::words::{counted, did_you_mean};

use crate::cli::Build;
use crate::failure::{Failure, Outcome, Status};
use crate::programs::{self, PROGRAMS};
use crate::{files, output};

pub(crate) fn run(args: &Build) -> Outcome {
    if args.list {
        let mut out = output::plain_stdout();
        for entry in PROGRAMS {
            writeln!(out, "{:22} {}", entry.name, entry.about)?;
        }
        return Ok(Status::Done);
    }
    let name = args.program.as_deref().unwrap_or_default();
    let entry = programs::find(name).ok_or_else(|| {
        let meant = did_you_mean(name, PROGRAMS.iter().map(|entry| entry.name));
        Failure::bad_input(format!(
            "no program is called `{name}`{meant}; `knockwright build --list` names them"
        ))
    })?;
    let (program, object, took) = build(entry.program)?;
    let path = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.o")));
    files::write(&path, &object)?;
    let place =
        if files::is_standard(&path) { "standard output".to_owned() } else { path.display().to_string() };
    // The object is written: that nobody reads about it is no failure.
    let mut log = anstream::stderr();
    let _ = writeln!(
        log,
        "{place}: {} in {}, {} bytes, assembled and written in {:.2} ms",
        counted(program.items.len(), "instruction"),
        counted(program.slot_count(), "slot"),
        object.len(),
        took.as_secs_f64() * 1e3,
    );
    let _ = writeln!(log, "{}", kernel_says(&program));
    Ok(Status::Done)
}

/// A program, its object, and how long both took.
pub(crate) fn build(make: fn() -> Program) -> Result<(Program, Vec<u8>, Duration), Failure> {
    let start = Instant::now();
    let program = make();
    let object = Object::new().program(&program).finish().map_err(Failure::internal)?;
    Ok((program, object, start.elapsed()))
}

/// How many instructions the running kernel's verifier processed, or why it wasn't asked.
fn kernel_says(program: &Program) -> String {
    let verdict = HostEngine::new().verdict(&Attempt::new(program.clone()).at_level(1));
    let processed = counted(verdict.processed.unwrap_or_default(), "instruction");
    match verdict.outcome {
        Verified::Accept => format!("the running kernel accepts it: {processed} processed"),
        Verified::Reject => {
            format!("the running kernel rejects it: {}; {processed} processed", verdict.message)
        }
        _ => format!("not verified: {}", verdict.message),
    }
}
