//! `cases`: what the verifier accepts and rejects, to the instruction.

mod diff;
pub(crate) mod kernels;
mod record;

use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use knockwright_verifier::EngineError;
use knockwright_verifier_cases::article::{self, Comparison};
use knockwright_verifier_cases::list;
use knockwright_verifier_cases::matrix;
use knockwright_verifier_cases::run::{KernelReport, RunError, Selected, select};
use knockwright_verifier_cases::{recorded, report};

use crate::cli::{Cases, CasesCommand, CasesFormat, CasesList, CasesRun, CasesShow, VerdictFormat};
use crate::engine;
use crate::failure::{Failure, Outcome, Status};
use crate::{output, style};

pub(crate) fn run(args: &Cases) -> Outcome {
    match &args.command {
        CasesCommand::List(args) => list(args),
        CasesCommand::Run(args) => run_cases(args),
        CasesCommand::Show(args) => show(args),
        CasesCommand::Record(args) => record::run(args),
        CasesCommand::Diff(args) => diff::run(args),
        CasesCommand::Kernels(args) => kernels::run(args),
    }
}

fn list(args: &CasesList) -> Outcome {
    let cases = select(&args.names).map_err(run_failure)?;
    match args.format {
        VerdictFormat::Text => list::text(&mut output::stdout(), &cases)?,
        VerdictFormat::Jsonl => list::jsonl(&mut output::plain_stdout(), &cases)?,
    }
    Ok(Status::Done)
}

fn run_cases(args: &CasesRun) -> Outcome {
    let started = Instant::now();
    let cases = select(&args.names).map_err(run_failure)?;
    let engines = engine::of_cases(args.engine, &args.kernels)?;
    // Each kernel's report is written as soon as it's there; the first failure to write is told at the end.
    let written = Mutex::new(Ok(()));
    let results = matrix::run_all(&cases, engines, matrix::default_jobs(), |result| {
        let (Ok(report), Ok(mut written)) = (result, written.lock()) else { return };
        if written.is_ok() {
            *written = write_report(&mut output::plain_stdout(), args.format, report);
        }
    });
    if let Ok(written) = written.into_inner() {
        written?;
    }
    let (mut reports, mut statuses) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(report) => reports.push(report),
            Err(error) => {
                let failure = run_failure(error);
                output::say(format_args!("{}error:{:#} {failure}", style::ERROR, style::ERROR));
                statuses.push(failure.status);
            }
        }
    }
    let mut out = output::plain_stdout();
    if let Some(folder) = &args.logs {
        statuses.push(write_differences(&mut out, args, folder.as_deref(), &reports)?);
    }
    match args.format {
        CasesFormat::Text if reports.is_empty() => {}
        CasesFormat::Text => {
            report::text::write_summary(&mut out, &reports, started.elapsed().as_secs_f64())?;
        }
        CasesFormat::Jsonl | CasesFormat::Github => {}
        CasesFormat::Junit => report::junit::write(&mut out, &reports)?,
    }
    out.flush()?;
    statuses.extend(reports.iter().filter(|report| !report.passed()).map(|_| Status::Rejected));
    Ok(Status::of_all(statuses))
}

/// Holds the logs against the recorded ones, and says whether they are the same.
fn write_differences(
    out: &mut impl Write,
    args: &CasesRun,
    folder: Option<&Path>,
    reports: &[KernelReport],
) -> Outcome {
    let mut as_recorded = true;
    for report in reports {
        let recording = record::open(folder, &report.kernel.version.to_string())?;
        let found = recorded::differences(&recording, report);
        as_recorded &= found.is_empty();
        if args.format == CasesFormat::Text {
            recorded::write(out, &recording, report, &found)?;
        }
    }
    Ok(if as_recorded { Status::Done } else { Status::Rejected })
}

fn write_report(out: &mut impl Write, format: CasesFormat, report: &KernelReport) -> io::Result<()> {
    match format {
        CasesFormat::Text => report::text::write(out, report)?,
        CasesFormat::Jsonl => report::jsonl::write(out, report)?,
        CasesFormat::Github => report::annotations::write(out, report)?,
        CasesFormat::Junit => {} // one document about all kernels
    }
    out.flush()
}

fn show(args: &CasesShow) -> Outcome {
    let cases = select(&args.names).map_err(run_failure)?;
    let comparisons = if cases.iter().any(is_article) { compare(args)? } else { Vec::new() };
    let mut out = output::stdout();
    for (index, case) in cases.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        if args.program || !is_article(case) {
            list::show(&mut out, case)?;
        }
        for comparison in comparisons.iter().filter(|comparison| comparison.case == case.case.name) {
            comparison.write(&mut out)?;
        }
    }
    let complete = |comparison: &Comparison| {
        let wanted = cases.iter().any(|case| case.case.name == comparison.case);
        !wanted || comparison.found() == comparison.pairs.len()
    };
    Ok(if comparisons.iter().all(complete) { Status::Done } else { Status::Rejected })
}

/// Whether a case reproduces one of the article's logs.
fn is_article(case: &Selected<'_>) -> bool {
    article::CASES.iter().any(|(name, _)| *name == case.case.name)
}

/// The article's logs beside those of each kernel.
fn compare(args: &CasesShow) -> Result<Vec<Comparison>, Failure> {
    let mut comparisons = Vec::new();
    for mut engine in engine::of_cases(args.engine, &args.kernels)? {
        comparisons.extend(article::compare(engine.as_mut()).map_err(|error| engine_failure(&error))?);
    }
    Ok(comparisons)
}

fn run_failure(error: RunError) -> Failure {
    match &error {
        RunError::Engine(engine) => engine_failure(engine),
        RunError::Program { .. } => Failure::internal(error),
        _ => Failure::bad_input(error),
    }
}

fn engine_failure(error: &EngineError) -> Failure {
    Failure::not_possible(error)
}
