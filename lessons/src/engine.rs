//! A verifier of the catalogue as the explainer asks it.

use knockwright_asm::Program;
use knockwright_explain::{Engine, Verdict};
use knockwright_verifier_cases::case::{Case, Privilege};
use knockwright_verifier_cases::engine::{Engine as CaseEngine, Load};
use knockwright_verifier_cases::observation::{Observation, Verdict as Outcome};

/// An engine that verifies changed programs of one case as the case is loaded: with its privilege and its flags.
pub struct CaseVerifier<'e> {
    engine: &'e mut dyn CaseEngine,
    case: &'static Case,
    /// What the engine is called, if it isn't to be called by its kernel.
    given_name: Option<&'static str>,
    name: String,
}

impl std::fmt::Debug for CaseVerifier<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CaseVerifier").field("case", &self.case.name).finish_non_exhaustive()
    }
}

impl<'e> CaseVerifier<'e> {
    /// An engine for the programs of a case.
    pub fn new(engine: &'e mut dyn CaseEngine, case: &'static Case) -> Self {
        Self { engine, case, given_name: None, name: "the kernel".to_owned() }
    }

    /// The same under another name than its kernel's.
    pub fn called(mut self, name: &'static str) -> Self {
        self.given_name = Some(name);
        self
    }

    /// Verifies a program of the case at a log level.
    ///
    /// # Errors
    /// Why the engine gives no answer.
    pub fn observe(&mut self, program: &Program, level: u32) -> Result<Observation, String> {
        let load = Load {
            name: self.case.name.to_owned(),
            program: program.clone(),
            btf: self.case.btf_of(program),
            flags: self.case.flags,
            privilege: self.case.privilege,
            levels: vec![level],
        };
        let (kernel, answers) = self.engine.verify(&[load]).map_err(|error| error.to_string())?;
        let rights =
            if self.case.privilege == Privilege::WithoutPerfmon { " without CAP_PERFMON" } else { "" };
        self.name = format!("Linux {}{rights}", kernel.version);
        let answer = answers.into_iter().next().ok_or("the engine gave no answer")?;
        answer.attempt.map_err(|error| error.to_string())
    }
}

impl Engine for CaseVerifier<'_> {
    fn verify(&mut self, program: &Program) -> Result<Verdict, String> {
        let seen = self.observe(program, 2)?;
        Ok(Verdict { accepted: seen.verdict == Outcome::Accept, insn: seen.insn, message: seen.message })
    }

    fn name(&self) -> String {
        self.given_name.map_or_else(|| self.name.clone(), str::to_owned)
    }
}
