//! Cases past an engine, and what came of them.

use std::time::{Duration, Instant};

use knockwright_asm::{AsmErrors, Place, Program};
use knockwright_codegen::ReadError;
use knockwright_verifier::{Attempt, Engine, EngineError, KernelId, Outcome, Verdict};

use crate::case::Case;
use crate::expectation::{Difference, Expectation};
use crate::words::nearest;

/// A case with the class that it stands in.
#[derive(Debug, Clone, Copy)]
pub struct Selected<'a> {
    /// The slug of the class.
    pub class: &'a str,
    /// The case, with its program and its twin.
    pub case: &'a Case,
}

/// Which of a case's two programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// The case's own program.
    Case,
    /// The twin, which has the other verdict.
    Twin,
}

/// What all the cases came to on one kernel.
#[derive(Debug)]
#[non_exhaustive]
pub struct KernelReport {
    /// The kernel that was asked.
    pub kernel: KernelId,
    /// How long it took, with its boot.
    pub duration: Duration,
    /// The results, in the order of the cases; a twin follows its case.
    pub results: Vec<CaseResult>,
}

/// What one program came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct CaseResult {
    /// The slug of the class.
    pub class: String,
    /// The name of the case.
    pub case: String,
    /// The case's program or its twin's.
    pub subject: Subject,
    /// Where the program stands in the source.
    pub place: Option<Place>,
    /// What the verifier said, or why there is no verdict.
    pub verdict: Verdict,
    /// What isn't as expected; nothing if all is well.
    pub differences: Vec<Difference>,
    /// The user-space verifier doesn't model the case.
    pub unmodelled: bool,
}

impl CaseResult {
    /// Whether all is as expected.
    pub fn passed(&self) -> bool {
        match self.verdict.outcome {
            Outcome::Unsupported => self.unmodelled,
            outcome => outcome.accepts().is_some() && self.differences.is_empty(),
        }
    }

    /// What isn't as it should be, in words: the differences, or why there is no verdict.
    pub fn complaints(&self) -> Vec<String> {
        match self.verdict.why_none() {
            Some(reason) => vec![reason],
            None => self.differences.iter().map(ToString::to_string).collect(),
        }
    }

    /// The case's name, with `+twin` for the twin's program.
    pub fn label(&self) -> String {
        match self.subject {
            Subject::Case => self.case.clone(),
            Subject::Twin => format!("{}+twin", self.case),
        }
    }
}

impl KernelReport {
    /// The results that aren't as expected.
    pub fn failures(&self) -> impl Iterator<Item = &CaseResult> {
        self.results.iter().filter(|result| !result.passed())
    }

    /// Whether every result is as expected.
    pub fn passed(&self) -> bool {
        self.failures().next().is_none()
    }
}

/// Why a run didn't happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A case's program has mistakes.
    #[error("case `{case}`: {errors}")]
    Program {
        /// The case's name.
        case: String,
        /// What the assembler says of it.
        #[source]
        errors: AsmErrors,
    },
    /// The engine gave no answers.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A name that no case or class has.
    #[error("no case or class is called `{name}`{}; `knockwright cases list` shows all", suggestion(.similar))]
    UnknownCase {
        /// The name as given.
        name: String,
        /// A name that is close to it.
        similar: Option<String>,
    },
    /// An object can't be read.
    #[error(transparent)]
    Object(#[from] ReadError),
    /// An object has no program in a section.
    #[error("the object has no program in section `{section}`; it has {found}")]
    NoSuchSection {
        /// The section asked for.
        section: String,
        /// The sections that it has programs in.
        found: String,
    },
}

fn suggestion(similar: &Option<String>) -> String {
    similar.as_ref().map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}

/// How a case is loaded: its program and its twin's, each at the log levels given that aren't above the case's own.
///
/// Messages call them by the case's name.
///
/// # Errors
/// [`RunError::Program`] for a program with mistakes.
pub fn attempts(case: &Case, levels: &[u32]) -> Result<Vec<(Subject, Attempt)>, RunError> {
    let mistakes = |errors| RunError::Program { case: case.name.to_owned(), errors };
    let mut programs = vec![(Subject::Case, case.build().map_err(mistakes)?)];
    if let Some(twin) = case.build_twin() {
        programs.push((Subject::Twin, twin.map_err(mistakes)?));
    }
    let mut attempts = Vec::new();
    for (subject, program) in programs {
        let mut attempt = case.attempt(program);
        case.name.clone_into(&mut attempt.program.name);
        let wanted = levels.iter().filter(|level| **level <= case.log_level);
        attempts.extend(wanted.map(|level| (subject, attempt.clone().at_level(*level))));
    }
    Ok(attempts)
}

/// Runs cases on an engine, and compares what it says with what is expected of its kernel.
///
/// # Errors
/// [`RunError`] if a program has mistakes or the engine gives no answers; nothing half done.
pub fn run(cases: &[Selected<'_>], engine: &mut dyn Engine) -> Result<KernelReport, RunError> {
    let started = Instant::now();
    let mut batch = Vec::new();
    let mut about: Vec<(Selected<'_>, Subject, &Expectation)> = Vec::new();
    for selected in cases {
        for (subject, attempt) in attempts(selected.case, &[selected.case.log_level])? {
            let expectation = match (subject, &selected.case.twin) {
                (Subject::Twin, Some(twin)) => &twin.expectation,
                _ => &selected.case.expectation,
            };
            batch.push(attempt);
            about.push((*selected, subject, expectation));
        }
    }
    let verdicts = engine.verify(&batch)?;
    let kernel = engine.kernel()?;
    let results = verdicts.into_iter().zip(about).zip(&batch);
    let results = results.map(|((verdict, (selected, subject, expectation)), attempt)| CaseResult {
        class: selected.class.to_owned(),
        case: selected.case.name.to_owned(),
        subject,
        place: attempt.program.items.first().and_then(|item| item.place.clone()),
        differences: match verdict.outcome.accepts() {
            Some(_) => expectation.differences(kernel.version, &verdict),
            None => Vec::new(),
        },
        unmodelled: selected.case.unmodelled,
        verdict,
    });
    let results = results.collect();
    Ok(KernelReport { duration: started.elapsed(), kernel, results })
}

/// The cases of the catalogue by their names or their classes' slugs; all of them for no names.
///
/// # Errors
/// [`RunError::UnknownCase`] for a name that nothing has.
pub fn select(names: &[String]) -> Result<Vec<Selected<'static>>, RunError> {
    let all: Vec<Selected<'static>> =
        crate::catalogue::cases().map(|(class, case)| Selected { class: class.slug, case }).collect();
    if names.is_empty() {
        return Ok(all);
    }
    let mut selected = Vec::new();
    for name in names {
        let before = selected.len();
        selected.extend(all.iter().filter(|one| one.case.name == name || one.class == name));
        if selected.len() == before {
            let similar = nearest(name, all.iter().flat_map(|one| [one.case.name, one.class]));
            return Err(RunError::UnknownCase { name: name.clone(), similar: similar.map(str::to_owned) });
        }
    }
    Ok(selected)
}

/// The program of an ELF object's section: of clang, of this project, of any compiler.
///
/// # Errors
/// [`RunError::Object`] if it can't be read, [`RunError::NoSuchSection`] if no program stands in the section.
pub fn program_in(object: &[u8], section: &str) -> Result<Program, RunError> {
    let programs = knockwright_codegen::read::programs(object)?;
    let found: Vec<String> =
        programs.iter().map(|program| format!("`{}` ({})", program.name, program.prog_type)).collect();
    let wanted = knockwright_codegen::section_name::prog_type(section);
    let chosen =
        programs.into_iter().find(|program| program.name == section || Some(program.prog_type) == wanted);
    chosen.ok_or_else(|| RunError::NoSuchSection { section: section.to_owned(), found: found.join(", ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_selected_by_name_and_class() {
        let by_name = select(&["article-null".to_owned()]).unwrap();
        assert_eq!((by_name.len(), by_name[0].class), (1, "map-value-or-null"));
        assert!(select(&["map-value-or-null".to_owned()]).unwrap().len() > 3);
        let error = select(&["article".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("did you mean `article-null`?"), "{error}");
    }
}
