//! A program that the verifier accepts.

use std::io::Write;
use std::time::Instant;

use knockwright_asm::Program;
use knockwright_loader::kernel::{KernelVerifier, LoadOptions, LogLevel, Outcome, Verdict};

use super::page::Page;
use crate::commands::verify::raw;
use crate::failure::Failure;

pub(super) fn show(
    page: &mut Page<impl Write>,
    verifier: &mut KernelVerifier,
    program: &Program,
) -> Result<(), Failure> {
    let start = Instant::now();
    let verdict = ask(verifier, program)?;
    let took = start.elapsed();
    if verdict.outcome == Outcome::Reject {
        page.end_of(&program.name, "", "rejected", false)?;
        page.marked(&verdict.message)?;
        return Err(Failure::not_possible(format!(
            "this kernel rejects `{}`, which needs Linux 5.12 or newer",
            program.name
        )));
    }
    page.end_of(&program.name, "", &accepted(&verdict), true)?;
    page.item("engine", &format!("kernel, {:.1} ms", took.as_secs_f64() * 1e3))?;
    Ok(())
}

/// The verdict with the log of the failing path.
pub(super) fn ask(verifier: &mut KernelVerifier, program: &Program) -> Result<Verdict, Failure> {
    let options = LoadOptions { log_level: LogLevel::FailingPath, ..LoadOptions::default() };
    verifier.verify(&raw(program), &options).map_err(Failure::not_possible)
}

/// What to say of an accepted program.
pub(super) fn accepted(verdict: &Verdict) -> String {
    format!("accepted, {} instructions processed", verdict.processed.unwrap_or_default())
}
