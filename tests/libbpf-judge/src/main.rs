//! What libbpf and the running kernel say of BPF objects: one JSON object a line, for each program alone, so that one that
//! fails hides no other.
//!
//! ```text
//! libbpf-judge [--level 0|1|2] [--log FOLDER] [--program NAME] [--kconfig FILE] OBJECT|FOLDER…
//! ```
//!
//! `verdict` is `accept`, `reject` (the verifier's, with its log) or `error`: then libbpf refused the object or the kernel the
//! load before any verifier saw the program, and `reason` says why in libbpf's words. Needs root.
//!
//! # Sources
//!
//! libbpf, through the crate `libbpf-sys`; what a log's last lines are, by reading logs. This program shares no code with what
//! it judges.

mod libbpf;
mod log_tail;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libbpf::{Judged, Request};
use log_tail::LogTail;
use serde::Serialize;

/// One line of output.
#[derive(Serialize)]
struct Row<'a> {
    /// The file, as it was given.
    object: &'a Path,
    /// The program; null where the whole object is refused.
    program: Option<&'a str>,
    section: Option<&'a str>,
    /// The kernel's name of the type, in lower case.
    prog_type: Option<&'a str>,
    /// The running kernel's release.
    kernel: &'a str,
    verdict: &'static str,
    errno: i32,
    /// The slot of the last instruction in the log of a rejection.
    insn: Option<usize>,
    /// The last line of a rejection's log before its summary.
    message: &'a str,
    processed: Option<u64>,
    total_states: Option<u64>,
    peak_states: Option<u64>,
    /// The level that the log has, lower than asked for where it was too long.
    level: u32,
    /// libbpf's own words, where it failed in anything.
    reason: Option<&'a str>,
}

/// What the command line asks for.
struct Arguments {
    request: Request,
    logs: Option<PathBuf>,
    objects: Vec<PathBuf>,
}

const USAGE: &str =
    "usage: libbpf-judge [--level 0|1|2] [--log FOLDER] [--program NAME] [--kconfig FILE] OBJECT|FOLDER…";

fn main() -> ExitCode {
    let arguments = match arguments(std::env::args_os().skip(1).map(PathBuf::from)) {
        Ok(arguments) => arguments,
        Err(wrong) => {
            eprintln!("{wrong}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match judge_all(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(3)
        }
    }
}

fn arguments(mut given: impl Iterator<Item = PathBuf>) -> Result<Arguments, String> {
    let mut arguments = Arguments { request: Request::default(), logs: None, objects: Vec::new() };
    while let Some(argument) = given.next() {
        let option = argument.to_str().filter(|text| text.starts_with("--"));
        let Some(option) = option else {
            arguments.objects.push(argument);
            continue;
        };
        let value = given.next().ok_or_else(|| format!("{option} takes a value"))?;
        let text = value.to_string_lossy().into_owned();
        match option {
            "--level" => {
                let level = text.parse().ok().filter(|level| *level <= 2);
                arguments.request.level = level.ok_or_else(|| format!("`{text}` is no level"))?;
            }
            "--log" => arguments.logs = Some(value),
            "--program" => arguments.request.program = Some(text),
            "--kconfig" => {
                let read = std::fs::read_to_string(&value);
                arguments.request.kconfig = Some(read.map_err(|error| format!("{text}: {error}"))?);
            }
            _ => return Err(format!("there is no option `{option}`")),
        }
    }
    if arguments.objects.is_empty() { Err("no object".to_owned()) } else { Ok(arguments) }
}

/// Judges each object; a folder stands for the objects in it, in the order of their names.
fn judge_all(arguments: &Arguments) -> io::Result<()> {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    libbpf::listen();
    if let Some(folder) = &arguments.logs {
        std::fs::create_dir_all(folder)?;
    }
    let mut objects = Vec::new();
    for path in &arguments.objects {
        if path.is_dir() {
            let entries = std::fs::read_dir(path)?.map(|entry| Ok(entry?.path()));
            let mut inside = entries.collect::<io::Result<Vec<_>>>()?;
            inside.retain(|file| file.extension().is_some_and(|extension| extension == "o"));
            inside.sort();
            objects.extend(inside);
        } else {
            objects.push(path.clone());
        }
    }
    let mut out = io::stdout().lock();
    for object in objects {
        libbpf::judge(&object, &arguments.request, |judged| {
            write_row(&mut out, &object, kernel.trim(), &judged)?;
            out.flush()?;
            if let (Some(folder), Some(program)) = (&arguments.logs, &judged.program) {
                let stem = object.file_stem().unwrap_or_default().to_string_lossy();
                std::fs::write(folder.join(format!("{stem}.{}.log", program.name)), &judged.log)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn write_row(out: &mut impl io::Write, object: &Path, kernel: &str, judged: &Judged) -> io::Result<()> {
    let tail = LogTail::read(&judged.log);
    let program = judged.program.as_ref();
    let rejected = judged.verdict == libbpf::Verdict::Reject;
    let row = Row {
        object,
        program: program.map(|program| program.name.as_str()),
        section: program.map(|program| program.section.as_str()),
        prog_type: program.map(|program| program.prog_type.as_str()),
        kernel,
        verdict: judged.verdict.word(),
        errno: judged.errno,
        insn: tail.insn.filter(|_| rejected),
        message: if rejected { tail.message } else { "" },
        processed: tail.processed,
        total_states: tail.total_states,
        peak_states: tail.peak_states,
        level: judged.level,
        reason: judged.reason.as_deref(),
    };
    serde_json::to_writer(&mut *out, &row)?;
    writeln!(out)
}
