//! Records which helpers each program type may call on each kernel, as the table of helpers is tested against it:
//! `cargo run --release -p knockwright-differential --example helpers [-- --kernel VERSION,…] > linux/tests/data/helpers.tsv`
//!
//! A line is a program type and a caller: root under the GPL, a loader without CAP_PERFMON, and root under another licence.
//! For each kernel it has the numbers of the helpers whose call is looked into: what the kernel then says of the arguments
//! doesn't matter. Where they are as on the kernel before, that is said instead, and where the kernel doesn't look at such a
//! program at all, `?`: it has no such type, wants to know what the program is for, or doesn't let this caller load it.

use std::collections::BTreeSet;
use std::io::{BufWriter, Write as _};

use knockwright_asm::ProgType;
use knockwright_differential::sweep::{Arguments, Call, Caller, HELPERS};
use knockwright_kernels::{Wanted, engines, image};
use knockwright_linux::SERIES;
use knockwright_verifier::{Attempt, Engine, Verdict};

type Failure = Box<dyn std::error::Error>;

/// What a kernel looks into, if it looks at the program at all.
type Answer = Option<BTreeSet<i32>>;

fn main() -> Result<(), Failure> {
    let mut wanted: Vec<Wanted> = SERIES.iter().map(|&series| Wanted::Series(series)).collect();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--kernel" => {
                let list = arguments.next().ok_or("--kernel needs a version")?;
                wanted = list.split(',').map(str::parse).collect::<Result<_, _>>()?;
            }
            other => return Err(format!("no option {other}: give --kernel VERSION").into()),
        }
    }
    let mut releases = Vec::new();
    // For each kernel, by caller and program type.
    let mut answers: Vec<Vec<Vec<Answer>>> = Vec::new();
    for mut engine in engines(&wanted)? {
        let id = engine.kernel()?;
        releases.push(if id.name == "host" { plain(&id.release) } else { package(&id.release, id.version)? });
        eprintln!("{}", id.release);
        let callers = Caller::ALL.iter().map(|&caller| allowed(engine.as_mut(), caller));
        answers.push(callers.collect::<Result<_, _>>()?);
    }
    write(&releases, &answers)?;
    Ok(())
}

/// The numbers of a release, without what a distribution adds.
fn plain(release: &str) -> String {
    release.split(['-', '+']).next().unwrap_or_default().to_owned()
}

/// The version of an image's package, which the folder that it was fetched to is named by: Debian's kernels of older series
/// give only the series, and the count of their interface, as their release.
fn package(release: &str, series: knockwright_asm::KernelVersion) -> Result<String, Failure> {
    let image = image(series)?;
    let folder = image.parent().and_then(|folder| folder.file_name()).and_then(|name| name.to_str());
    let version = folder.filter(|name| name.starts_with(&format!("{series}.")));
    Ok(version.map_or_else(|| plain(release), str::to_owned))
}

fn write(releases: &[String], answers: &[Vec<Vec<Answer>>]) -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    writeln!(out, "# The helpers whose call each kernel looks into, by program type and caller: made by")?;
    writeln!(
        out,
        "# `cargo run --release -p knockwright-differential --example helpers > linux/tests/data/helpers.tsv`."
    )?;
    writeln!(
        out,
        "# A cell has all numbers, or what is more (+) and less (-) than in the cell before; `=` is the same, `none` none, `?` no answer."
    )?;
    writeln!(out, "type\tcaller\t{}", releases.join("\t"))?;
    for (index, prog_type) in ProgType::ALL.iter().enumerate() {
        for (caller, name) in ["root", "without_perfmon", "proprietary"].iter().enumerate() {
            write!(out, "{prog_type}\t{name}")?;
            let mut before = &None;
            for kernel in answers {
                let answer = &kernel[caller][index];
                write!(out, "\t{}", cell(answer.as_ref(), before.as_ref()))?;
                before = answer;
            }
            writeln!(out)?;
        }
    }
    out.flush()
}

fn cell(answer: Option<&BTreeSet<i32>>, before: Option<&BTreeSet<i32>>) -> String {
    match (answer, before) {
        (None, _) => "?".to_owned(),
        (Some(answer), _) if answer.is_empty() => "none".to_owned(),
        (Some(answer), None) => ranges(answer.iter().copied()),
        (Some(answer), Some(before)) if answer == before => "=".to_owned(),
        (Some(answer), Some(before)) => {
            let more = ranges(answer.difference(before).copied());
            let less = ranges(before.difference(answer).copied());
            let parts = [('+', more), ('-', less)].into_iter().filter(|(_, numbers)| !numbers.is_empty());
            parts.map(|(sign, numbers)| format!("{sign}{numbers}")).collect::<Vec<_>>().join(" ")
        }
    }
}

/// By program type, the helpers that a caller may call.
fn allowed(engine: &mut dyn Engine, caller: Caller) -> Result<Vec<Answer>, Failure> {
    let mut calls = Vec::new();
    for &prog_type in ProgType::ALL {
        calls.extend(HELPERS.map(|helper| Call { helper, prog_type, arguments: Arguments::AtEntry, caller }));
    }
    let attempts: Vec<Attempt> = calls.iter().map(attempt).collect();
    let answers = engine.verify(&attempts)?;
    let mut columns = Vec::new();
    for (index, _) in ProgType::ALL.iter().enumerate() {
        let mut numbers = BTreeSet::new();
        let mut seen = false;
        for (call, answer) in calls.iter().zip(&answers).skip(index * HELPERS.len()).take(HELPERS.len()) {
            match answer.outcome.accepts() {
                None => continue,
                Some(false) if answer.insn.is_none() => continue, // no word of the call
                Some(_) => {}
            }
            seen = true;
            if looked_into(answer) {
                numbers.insert(call.helper);
            }
        }
        columns.push(seen.then_some(numbers));
    }
    Ok(columns)
}

/// `BPF_F_SLEEPABLE`, which programs of type syscall must have.
const SLEEPABLE: u32 = 1 << 4;

fn attempt(call: &Call) -> Attempt {
    let sleepable = if call.prog_type == ProgType::Syscall { SLEEPABLE } else { 0 };
    call.attempt().with_flags(sleepable)
}

/// Whether the kernel got as far as the arguments of the call.
fn looked_into(answer: &Verdict) -> bool {
    const REFUSED: [&str; 5] = [
        "unknown func",
        "invalid func",
        "program of this type cannot use helper",
        "cannot call GPL-restricted function",
        "helper access to",
    ];
    answer.is_accepted() || !REFUSED.iter().any(|words| answer.message.starts_with(words))
}

/// `1-3,7`.
fn ranges(numbers: impl Iterator<Item = i32>) -> String {
    let mut parts: Vec<(i32, i32)> = Vec::new();
    for number in numbers {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => parts.push((number, number)),
        }
    }
    let texts = parts.iter().map(|&(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    texts.collect::<Vec<_>>().join(",")
}
