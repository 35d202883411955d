//! Logs of programs that were written to provoke messages: class, instruction, register and remedy are those that stand before
//! each program of `own/`, written down before anything answered.
//!
//! `own/record` records the logs anew.

use std::collections::{BTreeMap, BTreeSet};

use knockwright_explain::{Class, Diagnosis, Explainer};
use knockwright_verifier_cases::kernel_range::SERIES;
use knockwright_verifier_cases::packed;

const PROGRAMS: [&str; 4] = [
    include_str!("own/objects.c"),
    include_str!("own/programs.c"),
    include_str!("own/rules.c"),
    include_str!("own/places.c"),
];
const LOGS: &str = include_str!("own/logs.jsonl");

/// A recorded log.
#[derive(serde::Deserialize)]
struct Recorded {
    name: String,
    kernel: String,
    insn: Option<usize>,
    message: String,
    log: String,
}

/// What has to be said of a program's log.
#[derive(Debug, Clone)]
struct Expected<'a> {
    class: &'a str,
    register: Option<&'a str>,
    /// A word that what helps has.
    word: &'a str,
}

/// What stands before each program: by its name and the kernel, which is empty for all others.
fn expectations() -> BTreeMap<(&'static str, &'static str), Expected<'static>> {
    let mut expectations = BTreeMap::new();
    for text in PROGRAMS {
        let mut pending = Vec::new();
        for line in text.lines() {
            if let Some((kernel, rest)) = line.strip_prefix("//").and_then(|line| line.split_once("= ")) {
                let mut words = rest.split(' ');
                let mut next = || words.next().expect("class, register and word");
                let (class, register, word) = (next(), next(), next());
                pending.push((
                    kernel,
                    Expected { class, register: Some(register).filter(|register| *register != "-"), word },
                ));
            } else if let Some((_, rest)) =
                line.strip_prefix("SEC(").and_then(|line| line.split_once(" int "))
            {
                let name = rest.split('(').next().expect("a name");
                expectations.extend(pending.drain(..).map(|(kernel, expected)| ((name, kernel), expected)));
            }
        }
    }
    expectations
}

fn logs() -> Vec<Recorded> {
    LOGS.lines().map(|line| serde_json::from_str(line).expect("a recorded log")).collect()
}

fn explain(log: &str) -> Diagnosis {
    let mut logs = Explainer::new().explain(log.as_bytes()).unwrap().logs;
    assert_eq!(logs.len(), 1, "{log}");
    logs.remove(0).diagnosis
}

/// All that is said of what helps.
fn help(found: &Diagnosis) -> String {
    let remedy = found
        .remedy
        .map_or_else(String::new, |remedy| format!("{} {} {}", remedy.c, remedy.rust, remedy.asm));
    let guard =
        found.guard.as_ref().map_or_else(String::new, |guard| format!("{} {}", guard.condition, guard.asm));
    format!("{} {remedy} {guard} {}", found.fix, found.notes.join(" "))
}

#[test]
fn every_own_log_is_explained_as_expected() {
    let expectations = expectations();
    let mut wrong = Vec::new();
    for log in logs() {
        let expected = expectations
            .get(&(log.name.as_str(), log.kernel.as_str()))
            .or_else(|| expectations.get(&(log.name.as_str(), "")))
            .unwrap_or_else(|| panic!("nothing is expected of {}", log.name));
        let found = explain(&log.log);
        let register = found.register.as_deref();
        let is_right = found.class.slug() == expected.class
            && found.insn == log.insn
            && expected.register.is_none_or(|expected| register == Some(expected))
            && help(&found).to_lowercase().contains(&expected.word.to_lowercase());
        if !is_right {
            wrong.push(format!(
                "{} on {}: {} at {:?} in {register:?} instead of {expected:?} at {:?}: `{}`: {}",
                log.name,
                log.kernel,
                found.class,
                found.insn,
                log.insn,
                log.message,
                help(&found)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} logs are explained otherwise:\n{}",
        wrong.len(),
        logs().len(),
        wrong.join("\n")
    );
}

#[test]
fn own_and_recorded_logs_are_many_and_of_most_classes() {
    let mut classes: BTreeSet<Class> = logs().iter().map(|log| explain(&log.log).class).collect();
    let mut count = logs().len();
    for kernel in SERIES {
        for entry in packed::recording(&kernel.to_string()).unwrap().entries {
            if entry.verdict.is_rejected() && entry.level == 1 {
                count += 1;
                classes.insert(explain(&entry.verdict.log).class);
            }
        }
    }
    assert!(count >= 1_500 && classes.len() >= 118, "{count} logs in {} classes", classes.len());
}
