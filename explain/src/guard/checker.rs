//! Who checks guards: a verifier, and how programs are put to it.

use std::collections::HashMap;
use std::fmt;

use knockwright_asm::{Endian, Program};
use knockwright_verifier::{Attempt, Engine, Outcome, Verdict};

/// The most bytes of programs whose verdicts are remembered.
const MOST_REMEMBERED: usize = 1 << 20;

/// An engine that checks guards, with what it's called and how a program is put to it.
pub struct Checker<'e> {
    engine: &'e mut dyn Engine,
    name: String,
    attempt: Box<dyn Fn(&Program) -> Attempt + 'e>,
    /// Verdicts, without their logs, by all that an engine sees of the program: a paste has the same fault many times, and a search
    /// comes back to the program that it began with.
    known: HashMap<Vec<u8>, Result<Verdict, String>>,
    remembered: usize,
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
        let known = HashMap::new();
        Self { engine, name: name.into(), attempt: Box::new(attempt), known, remembered: 0 }
    }

    /// What the engine is called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The verdict on a program, without its log: accepted or rejected.
    ///
    /// # Errors
    /// Why there is none: no permission, or something that the engine doesn't model.
    pub(crate) fn ask(&mut self, program: &Program) -> Result<Verdict, String> {
        let key = key(program);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let answer = self.put(program);
        if self.remembered + key.len() > MOST_REMEMBERED {
            (self.known, self.remembered) = (HashMap::new(), 0);
        }
        if key.len() <= MOST_REMEMBERED {
            self.remembered += key.len();
            self.known.insert(key, answer.clone());
        }
        answer
    }

    fn put(&mut self, program: &Program) -> Result<Verdict, String> {
        let mut verdict = self.engine.verdict(&(self.attempt)(program));
        verdict.log = String::new();
        match verdict.outcome {
            Outcome::Accept | Outcome::Reject => Ok(verdict),
            Outcome::Unsupported => Err(format!("{} doesn't model {}", self.name, verdict.message)),
            Outcome::Refuse | Outcome::Error => Err(verdict.message),
        }
    }
}

/// All of a program that an engine's verdict depends on: not the places that its instructions come from.
fn key(program: &Program) -> Vec<u8> {
    let Program { name, prog_type, license, maps, functions, externs, .. } = program;
    let mut key = program.bytes(Endian::Little);
    key.extend(format!("{name:?} {prog_type:?} {license:?} {maps:?} {functions:?} {externs:?}").into_bytes());
    key
}
