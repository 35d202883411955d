//! Who checks guards: a verifier, and how programs are put to it.

use std::collections::HashMap;
use std::fmt;

use knockwright_asm::{Endian, Program};
use knockwright_verifier::{Attempt, Engine, Outcome};

/// The most bytes that remembered verdicts take, about.
const MOST_REMEMBERED: usize = 1 << 19;

/// What a verdict takes beside its program's instructions, about.
const BESIDE_CODE: usize = 256;

/// So many programs are told apart beside their instructions: by their maps, mostly.
const MOST_RESTS: u16 = 64;

/// An engine that checks guards, with what it's called and how a program is put to it.
pub struct Checker<'e> {
    engine: &'e mut dyn Engine,
    name: String,
    attempt: Box<dyn Fn(&Program) -> Attempt + 'e>,
    /// What was said of programs, by their instructions with the number of the rest: a paste has the same fault many times, and a
    /// search comes back to the program that it began with.
    known: HashMap<Box<[u8]>, Result<Said, Box<str>>>,
    remembered: usize,
    /// Programs without their instructions.
    rests: Vec<Program>,
}

/// What an engine says of a program: a verdict without its log and its figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) is_accepted: bool,
    /// The slot of the instruction that is refused.
    pub(crate) insn: Option<usize>,
    pub(crate) message: Box<str>,
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
        let (known, rests) = (HashMap::new(), Vec::new());
        Self { engine, name: name.into(), attempt: Box::new(attempt), known, remembered: 0, rests }
    }

    /// What the engine is called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What the engine says of a program: accepted or rejected.
    ///
    /// # Errors
    /// Why there is none: no permission, or something that the engine doesn't model.
    pub(crate) fn ask(&mut self, program: &Program) -> Result<Said, Box<str>> {
        let mut key = program.bytes(Endian::Little);
        let size = key.len() + BESIDE_CODE;
        if self.remembered + size > MOST_REMEMBERED || self.rests.len() > MOST_RESTS.into() {
            (self.known, self.remembered, self.rests) = (HashMap::new(), 0, Vec::new());
        }
        key.extend(self.number(program).to_ne_bytes());
        let key = key.into_boxed_slice();
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let said = self.put(program);
        if size <= MOST_REMEMBERED {
            self.remembered += size;
            self.known.insert(key, said.clone());
        }
        said
    }

    /// The number of what a program is beside its instructions.
    fn number(&mut self, program: &Program) -> u16 {
        let known = (0..).zip(&self.rests).find(|(_, rest)| is_same(rest, program));
        known.map(|(number, _)| number).unwrap_or_else(|| {
            self.remembered +=
                program.maps.iter().filter_map(|map| Some(map.data.as_ref()?.len())).sum::<usize>();
            self.rests.push(rest(program));
            (self.rests.len() - 1) as u16
        })
    }

    fn put(&mut self, program: &Program) -> Result<Said, Box<str>> {
        let verdict = self.engine.verdict(&(self.attempt)(program));
        let is_accepted = verdict.is_accepted();
        let message = verdict.message.into_boxed_str();
        match verdict.outcome {
            Outcome::Accept | Outcome::Reject => Ok(Said { is_accepted, insn: verdict.insn, message }),
            Outcome::Unsupported => Err(format!("{} doesn't model {message}", self.name).into()),
            Outcome::Refuse | Outcome::Error => Err(message),
        }
    }
}

/// A program without its instructions.
fn rest(program: &Program) -> Program {
    let mut rest = Program::new(program.name.clone(), program.prog_type);
    rest.license.clone_from(&program.license);
    rest.maps.clone_from(&program.maps);
    rest.functions.clone_from(&program.functions);
    rest.externs.clone_from(&program.externs);
    rest
}

/// Whether two programs of the same instructions are one to an engine, wherever those come from.
fn is_same(one: &Program, other: &Program) -> bool {
    let Program { name, prog_type, license, maps, functions, externs, .. } = one;
    (name, prog_type, license) == (&other.name, &other.prog_type, &other.license)
        && (maps, functions, externs) == (&other.maps, &other.functions, &other.externs)
}
