//! `cases record`: the whole logs of a kernel; and where the recordings are.

use std::path::{Path, PathBuf};

use knockwright_kernels::{Wanted, engines};
use knockwright_verifier::Engine;
use knockwright_verifier_cases::kernel_range::SERIES;
use knockwright_verifier_cases::packed;
use knockwright_verifier_cases::record::{RecordError, Recording, record};
use knockwright_verifier_cases::run::{RunError, Selected, select};
use knockwright_verifier_cases::words::counted;

use super::{engine_failure, kernels, run_failure};
use crate::cli::CasesRecord;
use crate::failure::{Failure, Outcome, Status};
use crate::{files, output};

/// The folder of the recordings in a checkout.
const FOLDER: &str = "verifier-cases/logs";

pub(super) fn run(args: &CasesRecord) -> Outcome {
    let cases = select(&args.names).map_err(run_failure)?;
    let folder = args.logs.clone().or_else(checkout).ok_or_else(|| {
        Failure::bad_input(format!(
            "recordings belong to a checkout, and there is no {FOLDER} here or above: go there, or name a folder with --logs"
        ))
    })?;
    if args.logs.is_none() && (args.kernel.is_empty() || args.kernel.contains(&Wanted::Host)) {
        return Err(Failure::new(
            Status::Usage,
            "the recordings of a checkout are those of the catalogue's kernels: --kernel 6.12, or --kernel all; the running \
             kernel's go into a folder of your own: --logs FOLDER",
        ));
    }
    let mut recordings = Vec::new();
    for mut engine in wanted(&args.kernel)? {
        recordings.push(merged(&cases, args, &folder, engine.as_mut()).map_err(failure)?);
    }
    // Only now, so that a kernel without an answer leaves all as it was.
    for Merged { recording, recorded, release } in recordings {
        let path = Recording::path(&folder, &recording.kernel);
        std::fs::create_dir_all(&folder)
            .map_err(|error| Failure::file(&folder.display().to_string(), &error))?;
        files::write(&path, &recording.compressed()?)?;
        let logs = counted(recording.entries.len(), "log");
        output::say(format_args!("{}: {recorded} of {logs} recorded on Linux {release}", path.display()));
    }
    Ok(Status::Done)
}

/// The engines of the kernels to record: `all` are those of the catalogue, which the running kernel isn't one of.
fn wanted(kernels: &[Wanted]) -> Result<Vec<Box<dyn Engine>>, Failure> {
    let all = SERIES.map(Wanted::Series);
    let each = |kernel: &Wanted| if *kernel == Wanted::All { all.to_vec() } else { vec![*kernel] };
    let kernels: Vec<Wanted> = match kernels {
        [] => vec![Wanted::Host],
        kernels => kernels.iter().flat_map(each).collect(),
    };
    engines(&kernels).map_err(kernels::failure)
}

/// A kernel's recording with new logs in it.
struct Merged {
    recording: Recording,
    /// How many logs are new.
    recorded: usize,
    /// The release that they are of.
    release: String,
}

/// A kernel's recording with these cases.
fn merged(
    cases: &[Selected<'_>],
    args: &CasesRecord,
    folder: &Path,
    engine: &mut dyn Engine,
) -> Result<Merged, RecordError> {
    let live = record(cases, engine)?;
    let (recorded, release) = (live.entries.len(), live.release.clone());
    let recording = match Recording::open(folder, &live.kernel) {
        _ if args.names.is_empty() => live,
        Err(RecordError::NotRecorded { .. }) => live,
        earlier => earlier?.merged(live),
    };
    Ok(Merged { recording, recorded, release })
}

/// The folder of the recordings of the checkout that this runs in, if it runs in one.
fn checkout() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().map(|above| above.join(FOLDER)).find(|folder| folder.is_dir())
}

/// The recording of a kernel: in the folder that is named, else in the checkout, else the one that the program brings.
pub(super) fn open(folder: Option<&Path>, kernel: &str) -> Result<Recording, Failure> {
    let folder = folder.map(Path::to_owned).or_else(checkout);
    let opened = match folder {
        Some(folder) => Recording::open(&folder, kernel),
        None => packed::recording(kernel),
    };
    opened.map_err(failure)
}

pub(super) fn failure(error: RecordError) -> Failure {
    match error {
        RecordError::Run(RunError::Engine(error)) => engine_failure(&error),
        RecordError::Run(error) => run_failure(error),
        RecordError::NotVerified { .. } => Failure::not_possible(error),
        RecordError::File { path, error } => Failure::file(&path.display().to_string(), &error),
        error => Failure::bad_input(error),
    }
}
