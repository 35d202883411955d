//! `cases record`: the whole logs of a kernel.

use knockwright_verifier_cases::record::{RecordError, record};
use knockwright_verifier_cases::run::{RunError, select};

use super::{engine_failure, kernels, run_failure};
use crate::cli::CasesRecord;
use crate::failure::{Failure, Outcome, Status};

pub(super) fn run(args: &CasesRecord) -> Outcome {
    let cases = select(&args.names).map_err(run_failure)?;
    for mut engine in kernels::wanted(&args.kernels)? {
        let recording = record(&cases, engine.as_mut()).map_err(failure)?;
        let path = recording.save(&args.logs).map_err(failure)?;
        anstream::eprintln!(
            "{}: {} logs of Linux {}",
            path.display(),
            recording.entries.len(),
            recording.release
        );
    }
    Ok(Status::Done)
}

pub(super) fn failure(error: RecordError) -> Failure {
    match error {
        RecordError::Run(RunError::Engine(error)) => engine_failure(&error),
        RecordError::Run(error) => run_failure(error),
        RecordError::NotVerified { .. } => Failure::not_possible(error),
        error => Failure::bad_input(error),
    }
}
