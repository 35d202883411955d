//! Finds a program that tells the sides of each rule apart and asks the kernels:
//! `cargo run -p knockwright-differential --example witness -- [--count N] [--kernel VERSION]… RULE… >> witnesses.jsonl`
//!
//! The lines are of the kind of `tests/data/mismatches.jsonl`. Programs are tried until one tells all sides apart: those
//! of `--programs FILE` (lines of the batch format), then `--count` random ones, then those of the catalogue. `--level` is
//! the log's.

use std::io::Write as _;

use knockwright_differential::compare::compare;
use knockwright_differential::fuzz::{Answers, Plan, imitation};
use knockwright_differential::kept::Kept;
use knockwright_differential::witness::{Turned, shrink, told_apart};
use knockwright_kernels::engines;
use knockwright_verifier::batch::parse_line;
use knockwright_verifier::{Attempt, Privilege};
use knockwright_verifier_cases::run::{attempts, select};

type Failure = Box<dyn std::error::Error>;

/// The processors of the machine that programs are looked for on.
const CPUS: u32 = 2;

fn main() -> Result<(), Failure> {
    let mut count = 3000;
    let mut kernels = Vec::new();
    let mut given: Vec<Attempt> = Vec::new();
    let mut level = 2;
    let mut rules = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--count" => count = value()?.parse()?,
            "--kernel" => kernels.push(value()?),
            "--level" => level = value()?.parse()?,
            "--programs" => given.extend(lines(&std::fs::read_to_string(value()?)?)?),
            _ => rules.push(argument),
        }
    }
    let mut attempts = Vec::new();
    for rule in &rules {
        let turned = Turned::all(rule);
        let given = given.iter().map(|attempt| attempt.clone().at_level(level));
        match find(&turned, given.chain(random(count)).chain(cases()?)) {
            Some((told, mut attempt)) => {
                eprintln!("{rule}: {told} of {} turns, {} slots", turned.len(), attempt.program.slot_count());
                attempt.program.name.clone_from(rule);
                attempts.push(attempt);
            }
            None => eprintln!("{rule}: no program tells its sides apart"),
        }
    }
    for kernel in
        engines(&kernels.iter().map(|kernel| kernel.parse()).collect::<Result<Vec<_>, _>>()?)?.iter_mut()
    {
        let id = kernel.kernel()?;
        let own = imitation(&id).ok_or_else(|| format!("{} isn't imitated", id.release))?;
        let comparisons = compare(kernel.as_mut(), &own, &attempts, None)?;
        for (attempt, comparison) in attempts.iter().zip(comparisons) {
            let rule = &attempt.program.name;
            eprintln!("{rule} on {}: {}", id.release, comparison.agreement.name());
            if let Some(error) = comparison.theirs.why_none() {
                return Err(format!("{rule}: {error}").into());
            }
            let kept = Kept {
                attempt: attempt.clone(),
                release: id.release.clone(),
                cpus: id.cpus,
                answer: comparison.theirs,
            };
            writeln!(std::io::stdout(), "{}", kept.line())?;
        }
    }
    Ok(())
}

/// The programs of a batch.
fn lines(text: &str) -> Result<Vec<Attempt>, Failure> {
    text.lines().map(|line| Ok(parse_line(line.as_bytes())?)).collect()
}

/// The programs of the catalogue.
fn cases() -> Result<Vec<Attempt>, Failure> {
    let mut found = Vec::new();
    for selected in select(&[])? {
        let attempts = attempts(selected.case, &[selected.case.log_level])?;
        found.extend(attempts.into_iter().map(|(_, attempt)| attempt.at_level(2)));
    }
    Ok(found)
}

/// Random programs, by root and without CAP_PERFMON.
fn random(count: u64) -> impl Iterator<Item = Attempt> {
    let plans = [Privilege::Full, Privilege::WithoutPerfmon].map(|privilege| {
        let mut plan = Plan::new(77, count, Answers::AtOnce);
        (plan.privilege, plan.level) = (privilege, Some(2));
        plan
    });
    (0..count).flat_map(move |index| plans.clone().map(|plan| plan.attempt(index)))
}

/// The first program that tells all sides apart, else the one that tells most, made small.
fn find(turned: &[Turned], candidates: impl Iterator<Item = Attempt>) -> Option<(usize, Attempt)> {
    let mut best: Option<(usize, Attempt)> = None;
    for attempt in candidates {
        let Some(told) = told_apart(&attempt, turned, CPUS) else { continue };
        if told > best.as_ref().map_or(0, |(told, _)| *told) {
            best = Some((told, attempt));
        }
        if told == turned.len() {
            break;
        }
    }
    best.map(|(told, attempt)| (told, shrink(attempt, turned, CPUS)))
}
