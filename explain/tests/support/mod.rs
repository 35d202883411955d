//! Recorded logs, explained.
#![allow(dead_code)] // each test uses some of it

use knockwright_explain::{Explainer, Explanation};
use knockwright_verifier_cases::record::{Entry, Recording};
use knockwright_verifier_cases::run::Subject;
use knockwright_verifier_cases::{catalogue, packed};

/// The recording of a kernel's series.
pub(crate) fn recording(kernel: &str) -> Recording {
    packed::recording(kernel).unwrap()
}

/// What an explanation is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    LogAlone,
    LogAndProgram,
}

impl Given {
    /// With the program where the log is of level 2, so that a test over all logs sees both.
    pub(crate) fn at_level(level: u32) -> Self {
        if level == 2 { Self::LogAndProgram } else { Self::LogAlone }
    }
}

/// The explanation of an entry.
pub(crate) fn explain(entry: &Entry, given: Given) -> Option<Explanation> {
    let (_, case) = catalogue::cases()
        .find(|(class, case)| class.slug == entry.class && case.name == entry.case)
        .unwrap();
    let program = || match entry.subject {
        Subject::Case => case.build().unwrap(),
        Subject::Twin => case.build_twin().unwrap().unwrap(),
    };
    let programs = if given == Given::LogAndProgram { vec![program()] } else { Vec::new() };
    Explainer::new()
        .keeping_text()
        .programs(programs)
        .explain(entry.verdict.log.as_bytes())
        .unwrap()
        .logs
        .pop()
}

/// The explanation of a case's log on a kernel at level 2.
pub(crate) fn case(kernel: &str, name: &str, given: Given) -> Explanation {
    let recording = recording(kernel);
    let entry = recording
        .entries
        .iter()
        .find(|entry| entry.case == name && entry.subject == Subject::Case && entry.level == 2)
        .unwrap();
    explain(entry, given).unwrap()
}
