//! Several kernels, most of them in QEMU: what is asked of all, and batches.

use std::io::{self, BufReader, BufWriter, IsTerminal as _, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use knockwright_linux::errno::EIO;
use knockwright_verifier::batch::{BadLine, BatchCounts, Lines, Row};
use knockwright_verifier::{Attempt, Engine, EngineError, KernelId, Outcome as Verified, Verdict};
use knockwright_verifier_cases::matrix;

use super::{Input, status_of_batch};
use crate::cli::Verify;
use crate::commands::cases::kernels::wanted;
use crate::failure::{Failure, Outcome, Status};
use crate::{output, style};

pub(super) type Engines = Vec<Box<dyn Engine>>;

/// Does something on every kernel, several at once, and says how far it is where that takes time.
pub(super) fn on_each<T: Send>(
    engines: &mut Engines,
    work: impl Fn(usize, &mut dyn Engine) -> T + Sync,
) -> Vec<T> {
    let started = Instant::now();
    let count = engines.len();
    let live = count > 1 && io::stderr().is_terminal();
    let answered = AtomicUsize::new(0);
    let tell = |answered: usize| {
        let seconds = started.elapsed().as_secs();
        // Who doesn't wait needn't be told.
        if !live && seconds == 0 {
            return;
        }
        let (dim, end) = (style::DIM, format_args!("{:#}", style::DIM));
        let text = format!("{dim}{answered} of {count} kernels have answered, {seconds} s{end}");
        if live { output::say_in_passing(text) } else { output::say(text) }
    };
    if live {
        tell(0);
    }
    let results = matrix::on_each(engines, matrix::default_jobs(), |place, engine| {
        let result = work(place, engine.as_mut());
        let answered = answered.fetch_add(1, Ordering::Relaxed) + 1;
        if count > 1 {
            tell(answered);
        }
        result
    });
    if live {
        output::say_in_passing("");
    }
    results
}

/// How many programs of a batch share a boot, and how many bytes of lines they may have.
const PART: usize = 500;
const PART_BYTES: usize = 4 << 20;

/// What of a log a verdict is read from, in bytes: its last lines.
const END_OF_LOG: usize = 64 << 10;

/// A batch: for each line a row for each kernel, which says the kernel's name and release.
pub(super) fn batch(path: &Path, args: &Verify) -> Outcome {
    let level = args.log_level.unwrap_or(2);
    let mut input = Input::open(path)?;
    let mut engines = wanted(&args.kernels)?;
    if !args.log {
        engines.iter_mut().for_each(|engine| engine.limit_logs(END_OF_LOG));
    }
    let mut lines = Lines::new(BufReader::new(&mut input));
    let mut out = BufWriter::new(output::plain_stdout());
    let mut counts = BatchCounts::default();
    let mut unanswered = false;
    loop {
        let part = match next_part(&mut lines) {
            Ok(part) if part.is_empty() => break,
            Ok(part) => part,
            Err(error) => {
                drop(lines);
                return Err(input.failure(path, error));
            }
        };
        let mut kernels = ask(&mut engines, &part, level).map_err(Failure::not_possible)?;
        for line in &part {
            for (kernel, answers) in &mut kernels {
                let (name, verdict) = match line {
                    Ok(attempt) => {
                        let verdict = answers.next().unwrap_or_else(Verdict::no_answer);
                        // The kernel hung or crashed at it.
                        if verdict.errno == EIO && verdict.outcome == Verified::Error {
                            unanswered = true;
                        } else {
                            counts.count(&verdict);
                        }
                        (Some(attempt.program.name.as_str()), verdict)
                    }
                    Err(bad) => {
                        counts.count(&bad.verdict());
                        (bad.name.as_deref(), bad.verdict())
                    }
                };
                let row = Row::new(name, &verdict, args.log);
                let row = OfKernel { row, kernel: &kernel.name, release: &kernel.release };
                serde_json::to_writer(&mut out, &row).map_err(io::Error::from)?;
                writeln!(out)?;
            }
        }
        out.flush()?;
    }
    let failures = unanswered.then_some(Status::NotPossible);
    Ok(Status::of_all([status_of_batch(&counts)].into_iter().chain(failures)))
}

/// A line of output, named by the kernel.
#[derive(serde::Serialize)]
struct OfKernel<'a> {
    #[serde(flatten)]
    row: Row<'a>,
    kernel: &'a str,
    release: &'a str,
}

/// The next lines: as many as one boot takes.
fn next_part(lines: &mut Lines<impl io::BufRead>) -> io::Result<Vec<Result<Attempt, BadLine>>> {
    let (mut part, mut bytes) = (Vec::new(), 0);
    while part.len() < PART && bytes < PART_BYTES {
        let Some(line) = lines.next_program()? else { break };
        bytes += lines.last_length();
        part.push(line);
    }
    Ok(part)
}

/// Each kernel with its answers to the programs of a part.
fn ask(
    engines: &mut Engines,
    part: &[Result<Attempt, BadLine>],
    level: u32,
) -> Result<Vec<(KernelId, std::vec::IntoIter<Verdict>)>, EngineError> {
    let programs = part.iter().filter_map(|line| line.as_ref().ok());
    let attempts: Vec<Attempt> = programs.map(|attempt| attempt.clone().at_level(level)).collect();
    let asked = matrix::on_each(engines, matrix::default_jobs(), |_, engine| {
        let verdicts = engine.verify(&attempts)?;
        Ok((engine.kernel()?, verdicts.into_iter()))
    });
    asked.into_iter().collect()
}
