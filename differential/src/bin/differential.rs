//! Runs random programs through both verifiers and prints the rates.
//!
//! `differential record SEED` writes programs with the kernel's logs, for the verifier's tests.
//!
//! `differential SEED COUNT [STAGE 0-6, 7: all] [LEVEL]`, or `differential cases FILE.jsonl` for programs of the batch format.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use knockwright_differential::compare::{Agreement, Comparison, compare, subject};
use knockwright_differential::generate::{Stage, program};
use knockwright_differential::random::Random;
use knockwright_differential::shrink::shrink;
use knockwright_loader::batch::parse_line;
use knockwright_loader::kernel::KernelVerifier;
use knockwright_loader::raw_program::RawProgram;
use knockwright_verifier::{Options, Profile, Verifier};

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::stdout().lock();
    let mut kernel = KernelVerifier::new();
    if args.first().is_some_and(|arg| arg == "cases") {
        let text = std::fs::read_to_string(args.get(1).map_or("cases.jsonl", String::as_str))?;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match parse_line(line.as_bytes()) {
                Err(bad) => writeln!(out, "{}", bad.reason)?,
                Ok(program) => {
                    for level in [1, 2] {
                        let found = compare(&mut kernel, &program, level);
                        writeln!(
                            out,
                            "{} level {level}: {:?} {}",
                            program.name, found.agreement, found.own.message
                        )?;
                        if found.agreement != Agreement::Whole {
                            show(&mut out, &program, &found)?;
                        }
                    }
                }
            }
        }
        return Ok(());
    }
    if args.first().is_some_and(|arg| arg == "record") {
        return record(&mut out, &mut kernel, args.get(1).and_then(|arg| arg.parse().ok()).unwrap_or(1));
    }
    let number =
        |index: usize, default: u64| args.get(index).and_then(|arg| arg.parse().ok()).unwrap_or(default);
    let (seed, count) = (number(0, 1), number(1, 1000));
    let stage = Stage::ALL.get(number(2, 7) as usize).copied();
    let level = number(3, 2) as u8;
    let shown = number(4, 3) as usize;
    let mut counts: BTreeMap<Agreement, u64> = BTreeMap::new();
    let mut unsupported: BTreeMap<String, u64> = BTreeMap::new();
    let mut rejected = 0;
    let mut printed = 0;
    let (mut own_time, mut all_time) = (Duration::ZERO, Duration::ZERO);
    for index in 0..count {
        let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(index));
        // Without a stage all take turns.
        let stage = stage.unwrap_or(Stage::ALL[(index % 7) as usize]);
        let program = program(&mut random, stage);
        let begin = Instant::now();
        let found = compare(&mut kernel, &program, level);
        let taken = begin.elapsed();
        all_time += taken;
        if taken > Duration::from_secs(1) {
            writeln!(
                out,
                "slow: index {index} {taken:?} {:?} {}",
                found.agreement,
                hex::encode(&program.insns)
            )?;
        }
        if index % 16 == 0
            && let Ok(subject) = subject(&program)
        {
            let options = Options { log_level: level, ..Options::default() };
            let begin = Instant::now();
            let _ = Verifier::new(Profile::V6_18, options).verify(&subject);
            own_time += begin.elapsed() * 16;
        }
        *counts.entry(found.agreement).or_default() += 1;
        rejected += u64::from(!found.kernel_accepts);
        if found.agreement == Agreement::NoOracle {
            if !found.kernel_log.contains("names map") {
                *unsupported.entry(found.kernel_log.clone()).or_default() += 1;
            }
        } else if found.agreement == Agreement::Unsupported {
            *unsupported.entry(found.own.message.clone()).or_default() += 1;
        } else if !matches!(found.agreement, Agreement::Whole | Agreement::NoOracle) && printed < shown {
            printed += 1;
            let small = shrink(&mut kernel, &program, level, found.agreement);
            let found = compare(&mut kernel, &small, level);
            writeln!(out, "==== seed {seed} index {index}: {:?}", found.agreement)?;
            show(&mut out, &small, &found)?;
        }
    }
    writeln!(out, "{count} programs, {rejected} rejected by the kernel")?;
    for (agreement, number) in &counts {
        writeln!(out, "{agreement:?}: {number} ({:.3} %)", *number as f64 * 100.0 / count as f64)?;
    }
    for (what, number) in &unsupported {
        writeln!(out, "unsupported {what}: {number}")?;
    }
    writeln!(out, "own {own_time:?}, both {all_time:?}")?;
    Ok(())
}

/// Writes programs with the kernel's log, as the verifier's tests replay them.
fn record(out: &mut impl std::io::Write, kernel: &mut KernelVerifier, seed: u64) -> std::io::Result<()> {
    const LONGEST: usize = 3000;
    let mut written = 0;
    for index in 0.. {
        let mut random = Random::new(seed.wrapping_mul(7_000_003).wrapping_add(index));
        let program = program(&mut random, Stage::ALL[(index % 7) as usize]);
        let found = compare(kernel, &program, 2);
        if found.agreement != Agreement::Whole
            || found.kernel_log.len() > LONGEST
            || found.kernel_log.len() < 300
        {
            continue;
        }
        writeln!(out, "==== {} {}", program.prog_type, hex::encode(&program.insns))?;
        write!(out, "{}", found.kernel_log)?;
        written += 1;
        if written == 210 {
            break;
        }
    }
    Ok(())
}

fn show(out: &mut impl std::io::Write, program: &RawProgram, found: &Comparison) -> std::io::Result<()> {
    writeln!(out, "{} {}", program.prog_type, hex::encode(&program.insns))?;
    let kernel: Vec<&str> = found.kernel_log.lines().collect();
    let own: Vec<&str> = found.own_log.lines().collect();
    let first = kernel.iter().zip(&own).position(|(a, b)| a != b).unwrap_or(kernel.len().min(own.len()));
    for line in &kernel[first.saturating_sub(14)..first.min(kernel.len())] {
        writeln!(out, "  {line}")?;
    }
    for line in kernel.iter().skip(first).take(5) {
        writeln!(out, "K {line}")?;
    }
    for line in own.iter().skip(first).take(5) {
        writeln!(out, "O {line}")?;
    }
    Ok(())
}
