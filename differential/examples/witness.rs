//! Finds a program that tells the sides of each rule apart and asks the kernels:
//! `cargo run -p knockwright-differential --example witness -- [--count N] [--kernel VERSION]… RULE… >> witnesses.jsonl`
//!
//! The lines are of the kind of `tests/data/mismatches.jsonl`. Programs are tried until one tells all sides apart: those
//! of `--programs FILE` (lines of the batch format), then `--count` random ones, then those of the catalogue. `--level` is
//! the log's.

use std::io::Write as _;

use knockwright_differential::compare::Question;
use knockwright_differential::compare::compare;
use knockwright_differential::fuzz::{Plan, imitation};
use knockwright_differential::kept::Kept;
use knockwright_differential::witness::{Turned, shrink, told_apart};
use knockwright_loader::batch::parse_line;
use knockwright_loader::raw_program::{BtfBlobs, RawProgram};
use knockwright_verifier_cases::Privilege;
use knockwright_verifier_cases::kernels::engines;
use knockwright_verifier_cases::run::{loads, select};

type Failure = Box<dyn std::error::Error>;

/// The processors of the machine that programs are looked for on.
const CPUS: u32 = 2;

fn main() -> Result<(), Failure> {
    let mut count = 3000;
    let mut kernels = Vec::new();
    let mut given: Vec<Question> = Vec::new();
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
    let mut questions = Vec::new();
    for rule in &rules {
        let turned = Turned::all(rule);
        let given = given.iter().map(|question| Question { level, ..question.clone() });
        match find(&turned, given.chain(random(count)).chain(cases()?)) {
            Some((told, mut question)) => {
                eprintln!(
                    "{rule}: {told} of {} turns, {} slots",
                    turned.len(),
                    question.program.insns.len() / 8
                );
                question.program.name.clone_from(rule);
                questions.push(question);
            }
            None => eprintln!("{rule}: no program tells its sides apart"),
        }
    }
    for kernel in
        engines(&kernels.iter().map(|kernel| kernel.parse()).collect::<Result<Vec<_>, _>>()?)?.iter_mut()
    {
        let (id, _) = kernel.verify(&[])?;
        let mut own = imitation(&id).ok_or_else(|| format!("{} isn't imitated", id.release))?;
        let (_, comparisons) = compare(kernel.as_mut(), &mut own, &questions, u64::MAX)?;
        for (question, comparison) in questions.iter().zip(comparisons) {
            let rule = &question.program.name;
            eprintln!("{rule} on {}: {}", id.release, comparison.agreement.name());
            let kept = Kept {
                question: question.clone(),
                release: id.release.clone(),
                cpus: own.cpus(),
                answer: comparison.theirs.map_err(|error| format!("{rule}: {error}"))?,
            };
            writeln!(std::io::stdout(), "{}", kept.line())?;
        }
    }
    Ok(())
}

/// The programs of a batch.
fn lines(text: &str) -> Result<Vec<Question>, Failure> {
    let question = |line: &str| {
        Ok(Question { program: parse_line(line.as_bytes())?, level: 2, privilege: Privilege::Full })
    };
    text.lines().map(question).collect()
}

/// The programs of the catalogue.
fn cases() -> Result<Vec<Question>, Failure> {
    let mut questions = Vec::new();
    for selected in select(&[])? {
        for (_, load) in loads(selected.case, None)? {
            let btf = load.btf.map(|records| BtfBlobs {
                btf: records.btf,
                func_info: records.func_info,
                line_info: records.line_info,
            });
            let program = RawProgram { flags: load.flags, ..RawProgram::new(&load.program, btf) };
            questions.push(Question { program, level: 2, privilege: load.privilege });
        }
    }
    Ok(questions)
}

/// Random programs, by root and without CAP_PERFMON.
fn random(count: u64) -> impl Iterator<Item = Question> {
    let plans = [Privilege::Full, Privilege::WithoutPerfmon].map(|privilege| Plan {
        privilege,
        level: Some(2),
        ..Plan::new(77, count, false)
    });
    (0..count).flat_map(move |index| plans.clone().map(|plan| plan.question(index)))
}

/// The first program that tells all sides apart, else the one that tells most, made small.
fn find(turned: &[Turned], candidates: impl Iterator<Item = Question>) -> Option<(usize, Question)> {
    let mut best: Option<(usize, Question)> = None;
    for question in candidates {
        let Some(told) = told_apart(&question, turned, CPUS) else { continue };
        if told > best.as_ref().map_or(0, |(told, _)| *told) {
            best = Some((told, question));
        }
        if told == turned.len() {
            break;
        }
    }
    best.map(|(told, question)| (told, shrink(question, turned, CPUS)))
}
