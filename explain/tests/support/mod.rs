//! Recorded logs, explained.
#![allow(dead_code)] // each test uses some of it

use std::path::Path;

use knockwright_explain::{Explainer, Explanation};
use knockwright_verifier_cases::catalogue;
use knockwright_verifier_cases::record::{Entry, Recording};
use knockwright_verifier_cases::run::Subject;

/// The recording of a kernel's series.
pub(crate) fn recording(kernel: &str) -> Recording {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../verifier-cases/logs"));
    Recording::open(folder, kernel).unwrap()
}

/// The explanation of an entry, with its program at hand or with nothing but the log.
pub(crate) fn explain(entry: &Entry, with_program: bool) -> Option<Explanation> {
    let (_, case) = catalogue::cases()
        .find(|(class, case)| class.slug == entry.class && case.name == entry.case)
        .unwrap();
    let program = || match entry.subject {
        Subject::Case => case.build().unwrap(),
        Subject::Twin => case.build_twin().unwrap().unwrap(),
    };
    let programs = if with_program { vec![program()] } else { Vec::new() };
    Explainer::new().programs(programs).explain(entry.verdict.log.as_bytes()).unwrap().logs.pop()
}

/// The explanation of a case's log on a kernel at level 2.
pub(crate) fn case(kernel: &str, name: &str, with_program: bool) -> Explanation {
    let recording = recording(kernel);
    let entry = recording
        .entries
        .iter()
        .find(|entry| entry.case == name && entry.subject == Subject::Case && entry.level == 2)
        .unwrap();
    explain(entry, with_program).unwrap()
}
