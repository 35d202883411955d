//! Who checks guards: a verifier, and how programs are put to it.

use std::fmt;

use knockwright_asm::Program;
use knockwright_verifier::{Attempt, Engine, Outcome, Verdict};

/// An engine that checks guards, with what it's called and how a program is put to it.
pub struct Checker<'e> {
    engine: &'e mut dyn Engine,
    name: String,
    attempt: Box<dyn Fn(&Program) -> Attempt + 'e>,
}

impl fmt::Debug for Checker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checker").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<'e> Checker<'e> {
    /// A checker. `name` is what an explanation calls the engine, such as `the running kernel, Linux 6.18`; `attempt` says
    /// how a program is loaded, which is as its loader would load it.
    pub fn new(
        engine: &'e mut dyn Engine,
        name: impl Into<String>,
        attempt: impl Fn(&Program) -> Attempt + 'e,
    ) -> Self {
        Self { engine, name: name.into(), attempt: Box::new(attempt) }
    }

    /// What the engine is called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The verdict on a program: accepted or rejected.
    ///
    /// # Errors
    /// Why there is none: no permission, or something that the engine doesn't model.
    pub(crate) fn ask(&mut self, program: &Program) -> Result<Verdict, String> {
        let verdict = self.engine.verdict(&(self.attempt)(program));
        match verdict.outcome {
            Outcome::Accept | Outcome::Reject => Ok(verdict),
            Outcome::Unsupported => Err(format!("{} doesn't model {}", self.name, verdict.message)),
            Outcome::Refuse | Outcome::Error => Err(verdict.message),
        }
    }
}
