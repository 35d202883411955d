//! Who checks guards: a verifier, and how programs are put to it.

use std::collections::HashMap;
use std::fmt;

use knockwright_asm::{Endian, Program};
use knockwright_verifier::{Attempt, Engine, Outcome, Verdict};

/// The most bytes that remembered verdicts take, about.
const MOST_REMEMBERED: usize = 1 << 20;

/// What a verdict takes beside its program's instructions and the contents of its maps, about.
const BESIDE_CODE: usize = 512;

/// An engine that checks guards, with what it's called and how a program is put to it.
pub struct Checker<'e> {
    engine: &'e mut dyn Engine,
    name: String,
    attempt: Box<dyn Fn(&Program) -> Attempt + 'e>,
    /// Verdicts by the programs' instructions: a paste has the same fault many times, and a search comes back to the program that
    /// it began with.
    known: HashMap<Vec<u8>, Vec<Known>>,
    remembered: usize,
}

/// What came of a program, without its log.
struct Known {
    /// The program without its instructions.
    rest: Program,
    answer: Result<Verdict, String>,
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
        let code = program.bytes(Endian::Little);
        let known =
            self.known.get(&code).and_then(|all| all.iter().find(|known| is_same(&known.rest, program)));
        if let Some(known) = known {
            return known.answer.clone();
        }
        let answer = self.put(program);
        let contents = program.maps.iter().map(|map| map.data.as_ref().map_or(0, Vec::len)).sum::<usize>();
        let size = code.len() + contents + BESIDE_CODE;
        if self.remembered + size > MOST_REMEMBERED {
            (self.known, self.remembered) = (HashMap::new(), 0);
        }
        if size <= MOST_REMEMBERED {
            self.remembered += size;
            self.known.entry(code).or_default().push(Known { rest: rest(program), answer: answer.clone() });
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
