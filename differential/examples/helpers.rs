//! Records which helpers each program type may call on each kernel, a line a kernel, type and licence:
//! `cargo run --release -p knockwright-differential --example helpers -- [--kernel all|VERSION,…]`
//!
//! A line has the release, the program type and, for root under the GPL, for a user without CAP_PERFMON and for another
//! licence, the helpers whose call is looked into: what the kernel then says of its arguments doesn't matter. `?` stands
//! where the kernel wants to know what such a program is attached to before it looks at it.

use std::io::{BufWriter, Write as _};

use knockwright_asm::ProgType;
use knockwright_differential::compare::Question;
use knockwright_differential::sweep::{Arguments, Call, Caller, HELPERS};
use knockwright_verifier_cases::engine::Engine;
use knockwright_verifier_cases::kernels::engines;
use knockwright_verifier_cases::observation::{Observation, Verdict};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut kernels = vec!["all".to_owned()];
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--kernel" => {
                let list = arguments.next().ok_or("--kernel needs a version")?;
                kernels = list.split(',').map(str::to_owned).collect();
            }
            other => return Err(format!("no option {other}: give --kernel VERSION").into()),
        }
    }
    let wanted = kernels.iter().map(|kernel| kernel.parse()).collect::<Result<Vec<_>, _>>()?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for mut engine in engines(&wanted)? {
        let (id, _) = engine.verify(&[])?;
        let release = id.release.split(['-', '+']).next().unwrap_or_default();
        let mut columns = Vec::new();
        for caller in Caller::ALL {
            columns.push(allowed(engine.as_mut(), caller)?);
        }
        for (index, &prog_type) in ProgType::ALL.iter().enumerate() {
            write!(out, "{release}\t{prog_type}")?;
            for column in &columns {
                write!(out, "\t{}", column[index].as_deref().unwrap_or("?"))?;
            }
            writeln!(out)?;
        }
        out.flush()?;
    }
    Ok(())
}

/// By program type, the helpers that a caller may call, as ranges; nothing where the kernel wants to know what such a
/// program is attached to before it looks at it.
fn allowed(
    engine: &mut dyn Engine,
    caller: Caller,
) -> Result<Vec<Option<String>>, Box<dyn std::error::Error>> {
    let mut calls = Vec::new();
    for &prog_type in ProgType::ALL {
        calls.extend(HELPERS.map(|helper| Call { helper, prog_type, arguments: Arguments::AtEntry, caller }));
    }
    let loads: Vec<_> = calls.iter().map(|call| question(call).load(2)).collect();
    let (_, answers) = engine.verify(&loads)?;
    let mut columns = Vec::new();
    for (index, _) in ProgType::ALL.iter().enumerate() {
        let mut numbers = Vec::new();
        let mut seen = false;
        for (call, answer) in calls.iter().zip(&answers).skip(index * HELPERS.len()).take(HELPERS.len()) {
            let Ok(answer) = &answer.attempt else { continue };
            if answer.verdict == Verdict::Reject && answer.insn.is_none() {
                continue; // no word of the call
            }
            seen = true;
            if looked_into(answer) {
                numbers.push(call.helper);
            }
        }
        columns.push(seen.then(|| ranges(&numbers)));
    }
    Ok(columns)
}

/// `BPF_F_SLEEPABLE`, which programs of type syscall must have.
const SLEEPABLE: u32 = 1 << 4;

fn question(call: &Call) -> Question {
    let mut question = call.question();
    if call.prog_type == ProgType::Syscall {
        question.program.flags |= SLEEPABLE;
    }
    question
}

/// Whether the kernel got as far as the arguments of the call.
fn looked_into(answer: &Observation) -> bool {
    const REFUSED: [&str; 5] = [
        "unknown func",
        "invalid func",
        "program of this type cannot use helper",
        "cannot call GPL-restricted function",
        "helper access to",
    ];
    answer.verdict == Verdict::Accept || !REFUSED.iter().any(|words| answer.message.starts_with(words))
}

/// `1-3,7`, or `-` for none.
fn ranges(numbers: &[i32]) -> String {
    let mut parts: Vec<(i32, i32)> = Vec::new();
    for &number in numbers {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => parts.push((number, number)),
        }
    }
    if parts.is_empty() {
        return "-".to_owned();
    }
    let texts = parts.iter().map(|&(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    texts.collect::<Vec<_>>().join(",")
}
