//! `run-in-guest`: a user's program in kernels in QEMU.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use knockwright_kernels::qemu::{GuestCommand, GuestError, GuestRun, GuestStatus, Stream};
use knockwright_kernels::{Wanted, images};
use knockwright_verifier_cases::matrix;
use serde::Serialize;

use crate::cli::{RunInGuest, VerdictFormat};
use crate::failure::{Failure, Outcome, Status};
use crate::output;
use crate::style::{ERROR, HEADING};

/// What came of a program on one kernel.
#[derive(Debug)]
struct Ran {
    kernel: String,
    result: Result<GuestRun, GuestError>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// One line of `--format jsonl`.
#[derive(Debug, Serialize)]
struct Row<'a> {
    kernel: &'a str,
    release: Option<&'a str>,
    exit: Option<i32>,
    signal: Option<i32>,
    /// Why there is no status.
    error: Option<String>,
    stdout: String,
    stderr: String,
}

pub(crate) fn run(args: &RunInGuest) -> Outcome {
    let mut kernels = kernels(args)?;
    let command = GuestCommand::new(&args.binary, &args.arguments, Duration::from_secs(args.timeout))
        .map_err(|error| failure(&error))?;
    let alone = kernels.len() == 1 && args.format == VerdictFormat::Text;
    let ran = matrix::on_each(&mut kernels, matrix::default_jobs(), |_, (kernel, image)| {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let result = command.run(image, |stream, bytes| match stream {
            // Of one kernel alone the output is shown as it comes. That nobody reads it any more ends nothing.
            Stream::Stdout if alone => {
                drop(io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()))
            }
            Stream::Stderr if alone => drop(io::stderr().write_all(bytes)),
            Stream::Stdout => stdout.extend_from_slice(bytes),
            Stream::Stderr => stderr.extend_from_slice(bytes),
        });
        Ran { kernel: kernel.clone(), result, stdout, stderr }
    });
    for ran in &ran {
        match args.format {
            VerdictFormat::Jsonl => json(ran)?,
            VerdictFormat::Text => text(ran, alone)?,
        }
    }
    Ok(Status::of_all(ran.iter().map(status)))
}

/// The kernels that are asked for, by the name that is shown.
fn kernels(args: &RunInGuest) -> Result<Vec<(String, PathBuf)>, Failure> {
    if args.kernel.contains(&Wanted::Host) {
        return Err(Failure::new(Status::Usage, "`host` is no guest: start the program yourself"));
    }
    let mut kernels = images(&args.kernel).map_err(Failure::not_possible)?;
    for image in &args.kernel_image {
        let name = image.file_name().unwrap_or(image.as_os_str()).to_string_lossy().into_owned();
        kernels.push((name, image.clone()));
    }
    if kernels.is_empty() {
        return Err(Failure::new(Status::Usage, "name a kernel: --kernel 6.12"));
    }
    Ok(kernels)
}

/// The name of a kernel as its own release has it, if it came so far.
fn name(ran: &Ran) -> &str {
    ran.result.as_ref().map_or(ran.kernel.as_str(), |run| run.release.as_str())
}

/// Shows the output of one kernel of several below its name, and says how the program ended if not well.
fn text(ran: &Ran, alone: bool) -> Result<(), Failure> {
    if !alone {
        let mut out = output::stdout();
        writeln!(out, "{HEADING}Linux {}{HEADING:#}", name(ran))?;
        out.flush()?;
        drop(out);
        io::stdout().write_all(&ran.stdout)?;
        io::stdout().flush()?;
        io::stderr().write_all(&ran.stderr)?;
    }
    let how = match &ran.result {
        Ok(GuestRun { status: GuestStatus::Exit(0), .. }) => return Ok(()),
        Ok(GuestRun { status: GuestStatus::Exit(status), .. }) => format!("ended with status {status}"),
        Ok(GuestRun { status: GuestStatus::Signal(signal), .. }) => format!("was ended by signal {signal}"),
        Err(error) => error.to_string(),
    };
    output::say(format_args!("{ERROR}Linux {}:{ERROR:#} {how}", name(ran)));
    Ok(())
}

fn json(ran: &Ran) -> Result<(), Failure> {
    let run = ran.result.as_ref().ok();
    let row = Row {
        kernel: &ran.kernel,
        release: run.map(|run| run.release.as_str()),
        exit: run.and_then(|run| match run.status {
            GuestStatus::Exit(status) => Some(status),
            GuestStatus::Signal(_) => None,
        }),
        signal: run.and_then(|run| match run.status {
            GuestStatus::Exit(_) => None,
            GuestStatus::Signal(signal) => Some(signal),
        }),
        error: ran.result.as_ref().err().map(ToString::to_string),
        stdout: String::from_utf8_lossy(&ran.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&ran.stderr).into_owned(),
    };
    let mut out = output::plain_stdout();
    serde_json::to_writer(&mut out, &row).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

/// The status of one run: a program that fails is no mistake of the command's.
fn status(ran: &Ran) -> Status {
    match &ran.result {
        Ok(run) if run.status == GuestStatus::Exit(0) => Status::Done,
        Ok(_) => Status::Rejected,
        Err(error) => status_of(error),
    }
}

fn status_of(error: &GuestError) -> Status {
    match error {
        GuestError::NotStarted(_) | GuestError::TooLarge { .. } | GuestError::File { .. } => Status::BadInput,
        _ => Status::NotPossible,
    }
}

fn failure(error: &GuestError) -> Failure {
    Failure::new(status_of(error), error)
}
