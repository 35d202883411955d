//! Every recorded log of eleven kernels, explained: class, instruction and register are the case's.

#![allow(clippy::print_stdout)] // figures, for who runs it with --nocapture

use std::collections::BTreeMap;

use knockwright_asm::{KernelVersion, Program};
use knockwright_explain::{Class, Diagnosis, Explainer};
use knockwright_verifier_cases::case::{Case, Class as CaseClass};
use knockwright_verifier_cases::kernel_range::{ALL, Kernels, SERIES, until};
use knockwright_verifier_cases::record::{Entry, Recording};
use knockwright_verifier_cases::run::Subject;
use knockwright_verifier_cases::{catalogue, packed};

/// Cases whose log is, to the letter, also that of a program of another class: the kind of map, the length of the program
/// or the newer instruction behind an old kernel's message aren't in it. With the program they are told apart.
const NEED_THE_PROGRAM: &[(&str, Kernels)] = &[
    ("array-constant-key-unchecked", ALL),
    ("array-wide-constant-key-unchecked", ALL),
    ("jump-into-callee", ALL),
    ("function-calls-itself", until(6, 1)),
    ("load-acquire", until(5, 10)),
    ("callback-without-btf", until(5, 10)),
];

fn recordings() -> Vec<Recording> {
    SERIES.iter().map(|kernel| packed::recording(&kernel.to_string()).unwrap()).collect()
}

fn case_of(entry: &Entry) -> (&'static CaseClass, &'static Case) {
    catalogue::cases().find(|(class, case)| class.slug == entry.class && case.name == entry.case).unwrap()
}

fn program_of(case: &Case, subject: Subject) -> Program {
    match subject {
        Subject::Case => case.build().unwrap(),
        Subject::Twin => case.build_twin().unwrap().unwrap(),
    }
}

fn explain(log: &str, programs: Vec<Program>) -> Option<Diagnosis> {
    let explained = Explainer::new().programs(programs).explain(log.as_bytes()).unwrap();
    assert!(explained.logs.len() <= 1, "{} logs in\n{log}", explained.logs.len());
    explained.logs.into_iter().next().map(|log| log.diagnosis)
}

/// The register that a message names.
fn named_register(message: &str) -> Option<String> {
    let digits: String = message.strip_prefix('R')?.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty() && digits.parse::<u8>().ok()? <= 10).then(|| format!("r{digits}"))
}

#[test]
fn every_recorded_rejection_gets_its_class_instruction_and_register() {
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut all, mut with_program) = (0, 0);
    for recording in recordings() {
        let kernel = KernelVersion::of_release(&recording.release).unwrap();
        for entry in recording.entries.iter().filter(|entry| entry.verdict.is_rejected()) {
            let seen = &entry.verdict;
            all += 1;
            let (class, case) = case_of(entry);
            let expectation = match entry.subject {
                Subject::Case => &case.expectation,
                Subject::Twin => &case.twin.as_ref().unwrap().expectation,
            };
            let wanted = expectation.fault(kernel, class.slug);
            let needs_program =
                NEED_THE_PROGRAM.iter().any(|(name, on)| *name == case.name && on.contains(kernel));
            with_program += usize::from(needs_program);
            let alone = (!needs_program).then(Vec::new);
            for programs in [alone, Some(vec![program_of(case, entry.subject)])].into_iter().flatten() {
                let found = explain(&seen.log, programs);
                let summary =
                    found.as_ref().map(|found| (found.class.slug(), found.insn, found.register.clone()));
                let register = named_register(&seen.message);
                let good = summary.as_ref().is_some_and(|(slug, insn, found)| {
                    *slug == wanted && *insn == seen.insn && (register.is_none() || register == *found)
                });
                if !good {
                    let what = format!(
                        "{wanted} {} {:?} at {:?} `{}`: {summary:?}",
                        entry.case, entry.subject, seen.insn, seen.message
                    );
                    wrong.entry(what).or_default().push(format!("{}/{}", recording.kernel, entry.level));
                }
            }
        }
    }
    for (what, on) in &wrong {
        println!("{what}: {} logs, {} to {}", on.len(), on[0], on[on.len() - 1]);
    }
    println!("{all} rejections, {with_program} of them with the program at hand");
    assert!(all > 3_000 && wrong.is_empty(), "{} kinds of logs are explained wrongly", wrong.len());
}

#[test]
fn accepted_programs_are_said_to_be_accepted() {
    for recording in recordings() {
        for entry in recording.entries.iter().filter(|entry| entry.verdict.is_accepted()) {
            // Level 0 has no log.
            if entry.verdict.log.is_empty() {
                continue;
            }
            let found = explain(&entry.verdict.log, Vec::new()).unwrap();
            assert_eq!(found.class, Class::Accepted, "{} on {}", entry.case, recording.kernel);
        }
    }
}

#[test]
fn every_class_of_the_catalogue_has_its_words() {
    for class in catalogue::CLASSES {
        let known = Class::ALL.iter().find(|known| known.slug() == class.slug);
        let known = known.unwrap_or_else(|| panic!("no class is called `{}`", class.slug));
        assert_eq!(known.title(), class.title);
    }
}
