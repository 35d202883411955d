//! `fuzz`: random programs through the user-space verifier and a kernel's.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;
use std::time::Instant;

use knockwright_differential::compare::Agreement;
use knockwright_differential::feature::Feature;
use knockwright_differential::fuzz::{Answers, Mismatch, Plan, Summary, imitation, run as run_plan};
use knockwright_differential::kept::Kept;
use knockwright_kernels::{Wanted, engines};
use knockwright_verifier::{Attempt, EngineError, KernelId, Privilege, Verdict};
use knockwright_verifier_cases::words::counted;

use crate::cli::{Fuzz, FuzzCommand, FuzzVerifier};
use crate::failure::{Failure, Outcome, Status};
use crate::style::{DIM, ERROR, GOOD};
use crate::{files, output};

pub(crate) fn run(args: &Fuzz) -> Outcome {
    match &args.command {
        FuzzCommand::Verifier(args) => verifier(args),
    }
}

fn verifier(args: &FuzzVerifier) -> Outcome {
    let mut kernels = engines(&[args.kernel]).map_err(Failure::not_possible)?;
    let [kernel] = kernels.as_mut_slice() else {
        return Err(Failure::new(Status::Usage, "one kernel at a time: --kernel host or --kernel 6.12"));
    };
    let kernel = kernel.as_mut();
    let id = kernel.kernel().map_err(Failure::not_possible)?;
    let own = imitation(&id).ok_or_else(|| {
        Failure::not_possible(format!("the user-space verifier doesn't imitate Linux {}", id.release))
    })?;
    let plan = plan(args);
    let mut keeper = args.keep.as_deref().map(Keeper::create).transpose()?;
    let mut report = Report { path: &args.output, file: None, failed: None };
    let started = Instant::now();
    let live = io::stderr().is_terminal();
    let result = run_plan(&plan, kernel, &own, |summary, attempts, mismatches| {
        if live {
            say_how_far(summary, &plan, started);
        }
        if let Some(keeper) = &mut keeper {
            attempts
                .iter()
                .for_each(|(attempt, comparison)| keeper.keep(kept(&id, attempt, &comparison.theirs)));
        }
        mismatches.iter().for_each(|mismatch| report.take(mismatch, &id));
    });
    if live {
        output::say_in_passing("");
    }
    let finished = keeper.map_or(Ok(()), Keeper::finish);
    let summary = result.map_err(|error| match error {
        error @ EngineError::NotPermitted(_) => Failure::not_possible(error),
        error => Failure::internal(error),
    })?;
    finished?;
    let mut out = output::stdout();
    write_summary(&mut out, &summary, &id, started.elapsed().as_secs_f64())?;
    if summary.mismatches() == 0 {
        return Ok(Status::Done);
    }
    report.finish()?;
    writeln!(out, "the programs that differ are in {}", args.output.display())?;
    Ok(Status::Rejected)
}

fn plan(args: &FuzzVerifier) -> Plan {
    let answers = if args.kernel == Wanted::Host { Answers::AtOnce } else { Answers::AfterBooting };
    let mut plan = Plan::new(args.seed, args.count, answers);
    plan.first = args.first;
    plan.level = args.level;
    if args.without_perfmon {
        plan.privilege = Privilege::WithoutPerfmon;
    }
    plan
}

fn say_how_far(summary: &Summary, plan: &Plan, started: Instant) {
    let (done, found) = (summary.programs, summary.mismatches());
    let seconds = started.elapsed().as_secs();
    output::say_in_passing(format_args!(
        "{DIM}{done} of {} programs, {found} differ, {seconds} s{DIM:#}",
        plan.count
    ));
}

fn create(path: &Path) -> Result<BufWriter<File>, Failure> {
    files::create(path).map(BufWriter::new)
}

/// A program with what the kernel said of it, if it came to a verdict.
fn kept(id: &KernelId, attempt: &Attempt, answer: &Verdict) -> Option<Kept> {
    answer.outcome.accepts()?;
    Some(Kept {
        attempt: attempt.clone(),
        release: id.release.clone(),
        cpus: id.cpus,
        answer: answer.clone(),
    })
}

/// The file that all programs with a verdict are kept in.
struct Keeper<'a> {
    path: &'a Path,
    file: BufWriter<File>,
    failed: Option<io::Error>,
}

impl<'a> Keeper<'a> {
    fn create(path: &'a Path) -> Result<Self, Failure> {
        create(path).map(|file| Self { path, file, failed: None })
    }

    fn keep(&mut self, kept: Option<Kept>) {
        let written = kept.map_or(Ok(()), |kept| writeln!(self.file, "{}", kept.line()));
        if let Err(error) = written {
            self.failed.get_or_insert(error);
        }
    }

    fn finish(mut self) -> Result<(), Failure> {
        let ended = self.failed.map_or_else(|| self.file.flush(), Err);
        ended.map_err(|error| Failure::file(&files::name(self.path), &error))
    }
}

/// What is told of mismatches while the programs run.
struct Report<'a> {
    path: &'a Path,
    file: Option<BufWriter<File>>,
    failed: Option<Failure>,
}

impl Report<'_> {
    fn take(&mut self, mismatch: &Mismatch, id: &KernelId) {
        if self.failed.is_none()
            && let Err(failure) = self.write(mismatch, id)
        {
            self.failed = Some(failure);
        }
    }

    fn write(&mut self, mismatch: &Mismatch, id: &KernelId) -> Result<(), Failure> {
        show(&mut output::stdout(), mismatch)?;
        let Some(kept) = kept(id, &mismatch.attempt, &mismatch.comparison.theirs) else { return Ok(()) };
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(create(self.path)?),
        };
        let written = writeln!(file, "{}", kept.line()).and_then(|()| file.flush());
        written.map_err(|error| Failure::file(&files::name(self.path), &error))
    }

    fn finish(self) -> Result<(), Failure> {
        self.failed.map_or(Ok(()), Err)
    }
}

/// The first place where the two logs part, with the lines before it.
fn show(out: &mut impl Write, mismatch: &Mismatch) -> io::Result<()> {
    let Mismatch { index, attempt, comparison, .. } = mismatch;
    writeln!(
        out,
        "{ERROR}{}{ERROR:#}: program {index}, level {}, {}",
        comparison.agreement.name(),
        attempt.level,
        counted(attempt.program.slot_count(), "slot")
    )?;
    let log = |verdict: &Verdict| match verdict.why_none() {
        Some(reason) => format!("{reason}\n"),
        None if verdict.log.is_empty() => format!("errno {}\n", verdict.errno),
        None => verdict.log.clone(),
    };
    let (theirs, own) = (log(&comparison.theirs), log(&comparison.own));
    let (theirs, own): (Vec<&str>, Vec<&str>) = (theirs.lines().collect(), own.lines().collect());
    let parting = theirs.iter().zip(&own).position(|(a, b)| a != b).unwrap_or(theirs.len().min(own.len()));
    for line in &theirs[parting.saturating_sub(8)..parting] {
        writeln!(out, "  {DIM}{line}{DIM:#}")?;
    }
    for (who, lines) in [("kernel", &theirs), ("own   ", &own)] {
        for line in lines.iter().skip(parting).take(3) {
            writeln!(out, "  {who} {line}")?;
        }
    }
    Ok(())
}

fn write_summary(out: &mut impl Write, summary: &Summary, id: &KernelId, seconds: f64) -> io::Result<()> {
    let percent = |count: u64, of: u64| if of == 0 { 100.0 } else { count as f64 * 100.0 / of as f64 };
    let compared = summary.compared();
    writeln!(
        out,
        "{} on Linux {} in {seconds:.1} s; {compared} compared, {} of them rejected",
        counted(summary.programs, "program"),
        id.release,
        summary.rejected
    )?;
    let verdicts = compared - summary.count(Agreement::FalseAccept) - summary.count(Agreement::FalseReject);
    let style = if verdicts == compared { GOOD } else { ERROR };
    let rows = [
        ("same verdict", verdicts, compared),
        ("same message and instruction of the rejected", summary.same_message, summary.rejected),
        ("same log in every byte", summary.count(Agreement::Whole), compared),
        ("not modelled", summary.count(Agreement::Unsupported), summary.programs),
    ];
    for (name, count, of) in rows {
        let style = if name == "same verdict" { style } else { anstyle::Style::new() };
        writeln!(out, "  {style}{name:46}{count:>9} {:>8.3} %{style:#}", percent(count, of))?;
    }
    for agreement in [Agreement::FalseAccept, Agreement::FalseReject] {
        writeln!(out, "  {:46}{:>9}", agreement.name(), summary.count(agreement))?;
    }
    for feature in Feature::ALL {
        let count = summary.features.get(&feature).copied().unwrap_or_default();
        writeln!(
            out,
            "  with {:41}{:>9} compared, {} differ",
            feature.name(),
            count.compared,
            count.mismatches
        )?;
    }
    for (what, counts) in [("not modelled", &summary.unsupported), ("no verdict", &summary.no_oracle)] {
        for (name, count) in counts {
            writeln!(out, "  {what}: {name}: {count}")?;
        }
    }
    Ok(())
}
