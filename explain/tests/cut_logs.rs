//! Recorded logs, and those of programs that our verifier refuses, with their states, their start, their middle or their end cut out: what is said of a cut log is what is said
//! of the whole one, or nothing; and every number that is printed is calculated again.
//!
//! `KNOCKWRIGHT_SEED` starts from another seed, `KNOCKWRIGHT_CUTS` makes so many cuts of each log.

#![allow(clippy::print_stdout)] // figures, for who runs it with --nocapture

#[path = "cut_logs/arithmetic.rs"]
mod arithmetic;
#[path = "cut_logs/cuts.rs"]
mod cuts;
#[path = "cut_logs/programs.rs"]
mod programs;
#[path = "cut_logs/rulers.rs"]
mod rulers;
#[path = "cut_logs/same.rs"]
mod same;

use std::collections::BTreeMap;

use knockwright_explain::{Class, Explainer, Explanation};
use knockwright_verifier_cases::kernel_range::SERIES;
use knockwright_verifier_cases::packed;

use cuts::Random;

/// The first explanation of a log, if there's any.
fn explain(log: &str) -> Vec<Explanation> {
    Explainer::new().explain(log.as_bytes()).unwrap().logs
}

/// Every recorded rejection, with the kernel and the case or program that it is of.
fn rejections() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for kernel in SERIES {
        for entry in packed::recording(&kernel.to_string()).unwrap().entries {
            if entry.verdict.is_rejected() && entry.verdict.log.len() < 60_000 {
                let name = format!("{kernel} {} {:?} {}", entry.case, entry.subject, entry.level);
                found.push((name, entry.verdict.log));
            }
        }
    }
    for line in include_str!("own/logs.jsonl").lines() {
        let log: serde_json::Value = serde_json::from_str(line).expect("a recorded log");
        let text = |key: &str| log[key].as_str().expect("a text").to_owned();
        found.push((format!("{} {}", text("kernel"), text("name")), text("log")));
    }
    found.extend(programs::logs());
    found
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn every_number_of_every_recorded_log_is_right() {
    let mut wrong = Vec::new();
    let mut derivations = 0;
    for (name, log) in rejections() {
        for whole in explain(&log).into_iter().map(|whole| whole.diagnosis) {
            derivations += usize::from(whole.derivation.is_some());
            wrong.extend(
                arithmetic::mistakes(&whole, &log).into_iter().map(|mistake| format!("{name}: {mistake}")),
            );
        }
    }
    println!("{derivations} derivations are calculated again");
    assert!(derivations > 1_000, "{derivations}");
    assert!(wrong.is_empty(), "{} mistakes:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}

#[test]
fn what_is_said_of_a_cut_log_is_what_is_said_of_the_whole() {
    let seed = number("KNOCKWRIGHT_SEED", 1);
    let cuts_each = number("KNOCKWRIGHT_CUTS", 2);
    let mut random = Random::new(seed);
    let (mut cut_logs, mut with_derivation, mut with_guard, mut unknown) = (0_u32, 0_u32, 0_u32, 0_u32);
    let mut rulers_drawn = 0_u32;
    // Cut logs that are, to the letter, those of accepted programs.
    let mut exits = 0_u32;
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, log) in rejections() {
        let whole = explain(&log);
        let [whole] = whole.as_slice() else { panic!("{name}: {} logs", whole.len()) };
        for _ in 0..cuts_each {
            let Some(cut) = cuts::cut(&log, &mut random) else { continue };
            cut_logs += 1;
            for explained in explain(&cut.text) {
                let found = &explained.diagnosis;
                // The exit of the whole program, and no message after it: so ends the log of an accepted one.
                if found.class == Class::Accepted && cuts::ends_with_the_same_exit(&cut.text, &log) {
                    exits += 1;
                    continue;
                }
                with_derivation += u32::from(found.derivation.is_some());
                with_guard += u32::from(found.guard.is_some());
                unknown += u32::from(found.class == Class::Unknown);
                let mut mistakes = arithmetic::mistakes(found, &cut.text);
                // A message without its instruction reads as one of the instruction before.
                if cuts::last_insn(&cut.text) == cuts::last_insn(&log) || found.cause.is_empty() {
                    mistakes.extend(same::differences(found, &whole.diagnosis, &log));
                    mistakes.extend(rulers::differences(&explained, whole));
                    rulers_drawn += u32::from(explained.trace.ruler.is_some());
                }
                for mistake in mistakes {
                    wrong.entry(mistake).or_default().push(format!("{name}, {}:\n{}", cut.what, cut.text));
                }
            }
        }
    }
    println!(
        "seed {seed}: {cut_logs} cut logs, {with_derivation} with a derivation, {with_guard} with a guard, {rulers_drawn} with a ruler, {unknown} unknown, {exits} as of an accepted program"
    );
    for (what, of) in &wrong {
        println!("{} times: {what}\n    first of {}", of.len(), of[0].lines().next().unwrap_or_default());
        if std::env::var_os("KNOCKWRIGHT_SHOW").is_some() {
            println!("{}\n----", of[0]);
        }
    }
    assert!(
        cut_logs > 1_000 && with_derivation > 300 && with_guard > 100 && rulers_drawn > 300,
        "the cuts leave too little to say"
    );
    assert!(wrong.is_empty(), "seed {seed}: {} kinds of wrong statements", wrong.len());
}
