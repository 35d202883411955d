//! A program that the verifier accepts.

use std::io::Write;
use std::time::Instant;

use knockwright_asm::Program;
use knockwright_kernels::HostEngine;
use knockwright_verifier::{Engine, Outcome, Verdict};

use super::page::Page;
use crate::engine::{attempt, profile_of_host, userspace};
use crate::failure::Failure;
use crate::style;

/// Who verifies the demo's programs, with the log of the failing path.
pub(super) struct Verifier {
    engine: Box<dyn Engine>,
    name: String,
    /// The kernel whose verdicts these are.
    kernel: String,
}

impl Verifier {
    /// The running kernel's.
    pub(super) fn kernel() -> Self {
        Self {
            engine: Box::new(HostEngine::new()),
            name: "kernel".to_owned(),
            kernel: "this kernel".to_owned(),
        }
    }

    /// Our own.
    pub(super) fn userspace() -> Self {
        let profile = profile_of_host();
        let kernel = format!("Linux {}", profile.release());
        let name = format!("userspace: our own verifier, which says what {kernel} would");
        Self { engine: Box::new(userspace(profile)), name, kernel }
    }

    /// Its verdict.
    pub(super) fn ask(&mut self, program: &Program) -> Result<Verdict, Failure> {
        let verdict = self.engine.verdict(&attempt(program).at_level(1));
        match verdict.outcome {
            Outcome::Accept | Outcome::Reject => Ok(verdict),
            Outcome::Refuse | Outcome::Unsupported | Outcome::Error => {
                Err(Failure::not_possible(verdict.message))
            }
        }
    }

    /// What it's called where its verdict isn't the expected one.
    pub(super) fn kernel_name(&self) -> &str {
        &self.kernel
    }
}

pub(super) fn show(
    page: &mut Page<impl Write>,
    verifier: &mut Verifier,
    program: &Program,
) -> Result<(), Failure> {
    let start = Instant::now();
    let verdict = verifier.ask(program)?;
    let took = start.elapsed();
    if verdict.is_rejected() {
        page.end_of(&program.name, "", "rejected", style::ERROR)?;
        page.marked(&verdict.message)?;
        return Err(Failure::not_possible(format!(
            "{} rejects `{}`, which needs Linux 5.12 or newer",
            verifier.kernel_name(),
            program.name
        )));
    }
    page.end_of(&program.name, "", &accepted(&verdict), style::GOOD)?;
    page.item("engine", &format!("{}, {:.1} ms", verifier.name, took.as_secs_f64() * 1e3))?;
    Ok(())
}

/// What to say of an accepted program.
pub(super) fn accepted(verdict: &Verdict) -> String {
    format!("accepted, {} instructions processed", verdict.processed.unwrap_or_default())
}
