//! The user-space verifier beside `BPF_PROG_LOAD`, on the same programs at the same log level, by size.
//!
//! `cargo bench --bench verifier`, as root. Each program is verified in turn by both, so that noise hits both; the medians of
//! the rounds are printed, and of random programs the median over the programs. The kernel's time is that of the whole system
//! call: it makes machine code of what it accepts.

#![allow(clippy::print_stdout)] // figures are what it is for

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use knockwright_asm::{Asm, ProgType, Reg::*, Size::*};
use knockwright_codegen::kernel_records;
use knockwright_differential::fuzz::{Answers, Plan};
use knockwright_kernels::HostEngine;
use knockwright_programs::{article, examples, knock};
use knockwright_verifier::{Attempt, Engine, Profile, Verifier};

const ROUNDS: usize = 15;
/// A program that has taken this long and three rounds has taken enough.
const ENOUGH: Duration = Duration::from_secs(1);

/// Programs whose figures are put together.
struct Group {
    name: String,
    programs: Vec<Attempt>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut kernel = HostEngine::new();
    println!("{:34}{:>6}{:>12}{:>12}{:>9}", "programs", "level", "kernel ms", "own ms", "ratio");
    for group in groups()? {
        for level in [0, 1, 2] {
            let (theirs, own) = measure(&mut kernel, &group.programs, level)?;
            let ratio = theirs.as_secs_f64() / own.as_secs_f64();
            println!("{:34}{level:>6}{:>12.4}{:>12.4}{ratio:>9.1}", group.name, ms(theirs), ms(own));
        }
    }
    Ok(())
}

fn groups() -> Result<Vec<Group>, Box<dyn Error>> {
    let mut groups = Vec::new();
    let random: Vec<Attempt> =
        (0..1500).map(|index| Plan::new(99, 0, Answers::AtOnce).attempt(index)).collect();
    for slots in [1..=8, 9..=16, 17..=32, 33..=64, 65..=200] {
        let programs: Vec<Attempt> = random
            .iter()
            .filter(|program| slots.contains(&program.program.slot_count()) && walked(program) < 2000)
            .take(60)
            .cloned()
            .collect();
        let name = format!("{} random, {} to {} slots", programs.len(), slots.start(), slots.end());
        groups.push(Group { name, programs });
    }
    let plan = Plan::new(99, 0, Answers::AtOnce);
    let long = (0..20_000).map(|index| plan.attempt(index));
    let long: Vec<Attempt> = long.filter(|program| walked(program) > 20_000).take(8).collect();
    groups.push(Group { name: format!("{} random, over 20,000 steps", long.len()), programs: long });
    for program in [examples::pass(), article::null_fixed(), knock::program()] {
        let records = kernel_records(&program);
        let name = format!("{}, {} slots", program.name, program.slot_count());
        groups.push(Group { name, programs: vec![Attempt::new(program).with_btf(records)] });
    }
    for branches in [10, 100, 1000] {
        groups.push(Group { name: format!("{branches} branches"), programs: vec![diamonds(branches)?] });
    }
    for rounds in [100, 1000, 10_000] {
        groups.push(Group { name: format!("{rounds} rounds of a loop"), programs: vec![a_loop(rounds)?] });
    }
    Ok(groups)
}

/// How many instructions are walked.
fn walked(attempt: &Attempt) -> u64 {
    Verifier::new(Profile::NEWEST).run(&attempt.clone().at_level(0)).processed.unwrap_or_default()
}

/// Branches on bytes of a map's value, each with a store to the stack on one side.
fn diamonds(branches: i32) -> Result<Attempt, Box<dyn Error>> {
    let mut a = Asm::new("diamonds", ProgType::Xdp);
    a.load(U32, R6, R1 + 16);
    a.store(U64, R10 - 8, 0);
    for round in 0..branches {
        let next = a.label("next");
        a.mov(R7, R6);
        a.and(R7, 0xff);
        a.goto_if(R7.gt(round & 0xff), next);
        a.store(U64, R10 - 8, R7);
        a.bind(next);
        a.add(R6, 1);
    }
    a.mov(R0, 2);
    a.exit();
    Ok(Attempt::new(a.finish()?))
}

/// A loop that the verifier walks round by round.
fn a_loop(rounds: i32) -> Result<Attempt, Box<dyn Error>> {
    let mut a = Asm::new("loop", ProgType::Xdp);
    a.mov(R6, 0);
    let again = a.label("again");
    a.bind(again);
    a.add(R6, 1);
    a.goto_if(R6.lt(rounds), again);
    a.mov(R0, 2);
    a.exit();
    Ok(Attempt::new(a.finish()?))
}

/// The medians of both.
fn measure(
    kernel: &mut HostEngine,
    programs: &[Attempt],
    level: u32,
) -> Result<(Duration, Duration), Box<dyn Error>> {
    let verifier = Verifier::new(Profile::NEWEST);
    let (mut theirs, mut own) = (Vec::new(), Vec::new());
    for program in programs {
        let attempt = program.clone().at_level(level);
        let (mut kernel_times, mut own_times) = (Vec::new(), Vec::new());
        let begin = Instant::now();
        for round in 0..ROUNDS {
            if round >= 3 && begin.elapsed() > ENOUGH {
                break;
            }
            let start = Instant::now();
            let _ = black_box(kernel.verdict(&attempt));
            kernel_times.push(start.elapsed());
            let start = Instant::now();
            black_box(verifier.run(black_box(&attempt)));
            own_times.push(start.elapsed());
        }
        theirs.push(median(kernel_times));
        own.push(median(own_times));
    }
    Ok((median(theirs), median(own)))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
