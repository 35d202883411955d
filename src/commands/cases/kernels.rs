//! `cases kernels`, and the kernels that options ask for.

use std::io::{self, IsTerminal as _, Write as _};

use knockwright_asm::KernelVersion;
use knockwright_kernels::fetch::{FetchError, Progress, fetch};
use knockwright_kernels::{Cache, KernelsError, QemuEngine, Wanted, engines};
use knockwright_verifier::Engine;
use knockwright_verifier_cases::kernel_range::SERIES;

use crate::cli::{CasesKernels, Kernels, KernelsCommand, KernelsFetch};
use crate::failure::{Failure, Outcome, Status};
use crate::output::{self, ERASE_REST};
use crate::style::{DIM, GOOD};

/// The engines that the options ask for; the running kernel's if they ask for none.
pub(crate) fn wanted(options: &Kernels) -> Result<Vec<Box<dyn Engine>>, Failure> {
    let none = options.kernel.is_empty() && options.kernel_image.is_empty();
    let kernels: &[Wanted] = if none { &[Wanted::Host] } else { &options.kernel };
    let mut wanted = engines(kernels).map_err(failure)?;
    for image in &options.kernel_image {
        if !image.is_file() {
            return Err(Failure::bad_input(format!("{}: no kernel image", image.display())));
        }
        let name = image.file_name().unwrap_or(image.as_os_str()).to_string_lossy();
        wanted.push(Box::new(QemuEngine::new(name, image)));
    }
    Ok(wanted)
}

pub(super) fn run(args: &CasesKernels) -> Outcome {
    match &args.command {
        KernelsCommand::Fetch(args) => fetch_kernels(args),
        KernelsCommand::List => list(),
    }
}

fn list() -> Outcome {
    let cache = Cache::of_user().map_err(failure)?;
    let mut out = output::plain_stdout();
    let kernels = cache.kernels().map_err(failure)?;
    if kernels.is_empty() {
        output::say("no kernels are at hand; `knockwright cases kernels fetch` gets those of the catalogue");
    }
    for kernel in kernels {
        let version = kernel.version.to_string();
        writeln!(out, "{version:6} {:12} {}", kernel.release, kernel.image.display())?;
    }
    Ok(Status::Done)
}

fn fetch_kernels(args: &KernelsFetch) -> Outcome {
    let series = if args.series.is_empty() { SERIES.to_vec() } else { versions(&args.series)? };
    let cache = Cache::of_user().map_err(failure)?;
    let live = io::stderr().is_terminal();
    let mut gone = Vec::new();
    let mut step = 0;
    let fetched = fetch(&cache, &series, |progress| {
        let count = format!("{DIM}[{}/{}]{DIM:#}", step + 1, series.len());
        match progress {
            Progress::Indexes => output::say("reading the package indexes"),
            Progress::Present(release) => output::say(format_args!("{count} {release} is there already")),
            Progress::Downloading(package) if live => {
                output::say_in_passing(format_args!("{count} {package} …"))
            }
            Progress::Downloading(package) => output::say(format_args!("{count} {package}")),
            Progress::Done(release) => {
                output::say(format_args!("{count} {GOOD}{release}{GOOD:#}{ERASE_REST}"))
            }
            Progress::Gone(series) => {
                output::say(format_args!("{count} {series} is gone from the suites"));
                gone.push(series);
            }
            // A step without words.
            _ => {}
        }
        step += usize::from(matches!(progress, Progress::Present(_) | Progress::Done(_) | Progress::Gone(_)));
    });
    let fetched = fetched.map_err(|error| match error {
        FetchError::Cache(error) => failure(error),
        error => Failure::not_possible(error),
    })?;
    let mut out = output::plain_stdout();
    for kernel in &fetched {
        writeln!(out, "{} {} {}", kernel.version, kernel.release, kernel.package)?;
    }
    Ok(if gone.is_empty() { Status::Done } else { Status::NotPossible })
}

fn versions(names: &[String]) -> Result<Vec<KernelVersion>, Failure> {
    let version = |name: &String| match name.parse() {
        Ok(Wanted::Series(version) | Wanted::Release(version, _)) => Ok(version),
        _ => Err(Failure::bad_input(format!("`{name}` is no version: give one such as 6.12"))),
    };
    names.iter().map(version).collect()
}

pub(super) fn failure(error: KernelsError) -> Failure {
    match error {
        KernelsError::NotAKernel { .. } => Failure::bad_input(error),
        error => Failure::not_possible(error),
    }
}
