//! Programs that are made when a test runs, out of objects or by a generator, with what is expected of them.
//!
//! A [`Case`](crate::Case) is a constant that states everything of a verdict. A [`Trial`] owns its program and states what
//! its author cares about: that it's accepted, with how many instructions at most, or that it's rejected and why.
//!
//! ```
//! use knockwright_asm::text::parse_program;
//! use knockwright_verifier::{Profile, Verifier};
//! use knockwright_verifier_cases::trial::{self, Trial, accept, reject};
//!
//! let trial = |size: u32| {
//!     let text = format!(".program fill xdp\n*(u64 *)(r10 -{size}) = 0\nr0 = 2\nexit\n");
//!     Trial::new(format!("{size} bytes of stack"), parse_program("fill", &text).unwrap())
//! };
//! let trials = [
//!     trial(512).expect(accept().at_most(3)),
//!     trial(520).expect(reject().because("invalid write to stack")),
//! ];
//! let report = trial::run(&trials, &mut Verifier::new(Profile::from_version("6.18").unwrap())).unwrap();
//! report.assert_passed();
//! ```

use std::time::Instant;

use knockwright_asm::Program;

use knockwright_codegen::read::{Choice, KernelFacts, Reading, readings_on};
use knockwright_verifier::{Attempt, Engine, Verdict};

use crate::errno;
use crate::expectation::{Aspect, Difference};
use crate::objects;
use crate::run::{CaseResult, KernelReport, RunError, Subject};

/// What is expected of a program: [`accept`] or [`reject`], with what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wish {
    /// That it's accepted.
    Accept(Acceptance),
    /// That it's rejected.
    Reject(Rejection),
}

/// That a program is accepted, with any number of instructions if none is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acceptance {
    at_most: Option<u64>,
}

/// That a program is rejected, for any reason if none is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rejection {
    errno: Option<i32>,
    message: Option<String>,
}

/// The program is accepted, with any number of instructions.
pub fn accept() -> Acceptance {
    Acceptance::default()
}

/// The program is rejected, for any reason.
pub fn reject() -> Rejection {
    Rejection::default()
}

impl Acceptance {
    /// The verifier walks so many instructions at most.
    #[must_use]
    pub fn at_most(self, processed: u64) -> Self {
        Self { at_most: Some(processed) }
    }
}

impl Rejection {
    /// The message has this in it.
    #[must_use]
    pub fn because(self, part: impl Into<String>) -> Self {
        Self { message: Some(part.into()), ..self }
    }

    /// The error number, positive.
    #[must_use]
    pub fn with_errno(self, number: i32) -> Self {
        Self { errno: Some(number), ..self }
    }
}

impl From<Acceptance> for Wish {
    fn from(wish: Acceptance) -> Self {
        Self::Accept(wish)
    }
}

impl From<Rejection> for Wish {
    fn from(wish: Rejection) -> Self {
        Self::Reject(wish)
    }
}

impl Wish {
    /// What a verdict has that isn't wished for.
    fn differences(&self, seen: &Verdict) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut differs = |what, expected: String, found: String| {
            differences.push(Difference { what, expected, found });
        };
        match self {
            Self::Accept(_) if !seen.is_accepted() => {
                differs(Aspect::Verdict, "accept".to_owned(), seen.outcome.to_string());
                differs(Aspect::Message, String::new(), seen.said().to_owned());
            }
            Self::Accept(Acceptance { at_most: Some(most) })
                if seen.processed.is_none_or(|count| count > *most) =>
            {
                let found = seen.processed.map_or_else(|| "none".to_owned(), |count| count.to_string());
                differs(Aspect::Processed, format!("at most {most}"), found);
            }
            Self::Accept(_) => {}
            Self::Reject(_) if !seen.is_rejected() => {
                differs(Aspect::Verdict, "reject".to_owned(), seen.outcome.to_string());
            }
            Self::Reject(Rejection { errno, message }) => {
                if let Some(number) = errno.filter(|number| *number != seen.errno) {
                    differs(Aspect::Errno, errno::name(number), errno::name(seen.errno));
                }
                if let Some(part) = message.as_ref().filter(|part| !seen.said().contains(part.as_str())) {
                    differs(Aspect::Message, format!("…{part}…"), seen.said().to_owned());
                }
            }
        }
        differences
    }
}

/// A program with what is expected of it.
#[derive(Debug, Clone)]
pub struct Trial {
    name: String,
    group: String,
    /// The program as it's loaded, or why no verifier can be asked.
    attempt: Result<Attempt, String>,
    wish: Wish,
    may_be_unmodelled: bool,
}

impl Trial {
    /// A program that is to be accepted, loaded by root without BTF, with the log of the path that fails.
    pub fn new(name: impl Into<String>, program: Program) -> Self {
        Self::of_attempt(name, Attempt::new(program).at_level(1))
    }

    /// The same of a program with all that it's loaded with. At level 0 there is no count and no message.
    pub fn of_attempt(name: impl Into<String>, attempt: Attempt) -> Self {
        Self {
            name: name.into(),
            group: "trial".to_owned(),
            attempt: Ok(attempt),
            wish: accept().into(),
            may_be_unmodelled: false,
        }
    }

    /// Every program of an object of any compiler, as libbpf loads it, to be accepted. `kernel` is what is known of the kernel
    /// that CO-RE relocations and kernel functions go by (`knockwright_kernels::types` has the types of the running kernel and
    /// of images); without it programs that need it have no verdict.
    ///
    /// # Errors
    /// [`RunError::Object`] if the object can't be read.
    pub fn of_object(
        name: impl Into<String>,
        object: &[u8],
        kernel: Option<&KernelFacts>,
    ) -> Result<Vec<Self>, RunError> {
        let group = name.into();
        let trial = |reading: Reading| Self {
            attempt: objects::attempt(&reading).map(|attempt| attempt.at_level(1)),
            name: reading.name,
            group: group.clone(),
            wish: accept().into(),
            may_be_unmodelled: false,
        };
        Ok(readings_on(object, &Choice::default(), kernel)?.into_iter().map(trial).collect())
    }

    /// What is expected instead of acceptance.
    #[must_use]
    pub fn expect(self, wish: impl Into<Wish>) -> Self {
        Self { wish: wish.into(), ..self }
    }

    /// Under which name reports gather it; `trial`, or the object's name, if nothing is said.
    #[must_use]
    pub fn in_group(self, group: impl Into<String>) -> Self {
        Self { group: group.into(), ..self }
    }

    /// An engine that doesn't model it, or has no place for what it needs, is no failure.
    #[must_use]
    pub fn or_unsupported(self) -> Self {
        Self { may_be_unmodelled: true, ..self }
    }

    /// Its name: of an object's program, the program's.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Runs trials on an engine, and compares what it says with what is expected. A report's rows are in their order.
///
/// # Errors
/// [`RunError::Engine`] if the engine gives no answers.
pub fn run(trials: &[Trial], engine: &mut dyn Engine) -> Result<KernelReport, RunError> {
    let started = Instant::now();
    let attempts: Vec<Attempt> = trials.iter().filter_map(|trial| trial.attempt.clone().ok()).collect();
    let mut verdicts = engine.verify(&attempts)?.into_iter();
    let kernel = engine.kernel()?;
    let result = |trial: &Trial| {
        let verdict = match &trial.attempt {
            Ok(_) => verdicts.next().unwrap_or_else(Verdict::no_answer),
            Err(why) => Verdict::unsupported(why.as_str()),
        };
        let attempt = trial.attempt.as_ref().ok();
        CaseResult {
            class: trial.group.clone(),
            case: trial.name.clone(),
            subject: Subject::Case,
            place: attempt.and_then(|attempt| attempt.program.items.first()?.place.clone()),
            differences: match verdict.outcome.accepts() {
                Some(_) => trial.wish.differences(&verdict),
                None => Vec::new(),
            },
            unmodelled: trial.may_be_unmodelled,
            verdict,
        }
    };
    let results = trials.iter().map(result).collect();
    Ok(KernelReport { duration: started.elapsed(), kernel, results })
}

#[cfg(test)]
mod tests {
    use knockwright_asm::text::parse_program;
    use knockwright_codegen::Object;
    use knockwright_verifier::{Profile, Verifier};

    use super::*;
    use crate::errno::{EACCES, EINVAL};

    fn trial(text: &str) -> Trial {
        Trial::new("p", parse_program("p", &format!(".program p xdp\n{text}")).unwrap())
    }

    /// What a report says of trials, each in one line.
    fn complaints(trials: &[Trial]) -> Vec<String> {
        let report = run(trials, &mut Verifier::new(Profile::NEWEST)).unwrap();
        report.results.iter().map(|result| result.complaints().join("; ")).collect()
    }

    #[test]
    fn wishes_come_true_or_the_difference_is_told() {
        let accepted = || trial("r0 = 2\nexit\n");
        let rejected = || trial("exit\n");
        let trials = [
            accepted(),
            accepted().expect(accept().at_most(2)),
            accepted().expect(accept().at_most(1)),
            accepted().expect(reject()),
            rejected(),
            rejected().expect(reject().with_errno(EACCES).because("!read_ok")),
            rejected().expect(reject().with_errno(EINVAL).because("no such reason")),
        ];
        let expected = [
            "",
            "",
            "processed: expected `at most 1`, found `2`",
            "verdict: expected `reject`, found `accept`",
            "verdict: expected `accept`, found `reject`; message: expected ``, found `R0 !read_ok`",
            "",
            "errno: expected `EINVAL`, found `EACCES`; message: expected `…no such reason…`, found `R0 !read_ok`",
        ];
        assert_eq!(complaints(&trials), expected);
    }

    #[test]
    fn an_object_is_a_trial_for_each_program() {
        let program = |name: &str, text: &str| parse_program(name, text).unwrap();
        let object = Object::new()
            .program(&program("good", ".program good xdp\nr0 = 2\nexit\n"))
            .program_in(&program("bad", ".program bad tracing\nexit\n"), "fentry/nothing")
            .finish();
        let object = object.unwrap_or_else(|error| panic!("{error}"));
        let trials = Trial::of_object("two", &object, None).unwrap();
        assert_eq!(trials.iter().map(Trial::name).collect::<Vec<_>>(), ["good", "bad"]);
        let said = complaints(&trials);
        assert!(said[0].is_empty() && !said[1].is_empty(), "{said:?}");
        let spared: Vec<Trial> = trials.into_iter().map(Trial::or_unsupported).collect();
        run(&spared, &mut Verifier::new(Profile::NEWEST)).unwrap().assert_passed();
    }
}
