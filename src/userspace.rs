//! The user-space verifier as an engine of batches: no kernel, no privilege, any program of the batch format.

use knockwright_differential::compare::subject;
use knockwright_loader::batch::{BatchOutcome, BatchVerdict, Engine};
use knockwright_loader::raw_program::RawProgram;
use knockwright_verifier::{Options, Outcome, Profile, Verifier};

/// A kernel version as our verifier imitates it.
pub(crate) struct UserspaceEngine {
    verifier: Verifier,
    with_log: bool,
}

impl UserspaceEngine {
    pub(crate) fn new(profile: Profile, log_level: u8, with_log: bool) -> Self {
        Self { verifier: Verifier::new(profile, Options { log_level, ..Options::default() }), with_log }
    }
}

impl Engine for UserspaceEngine {
    fn verify(&mut self, program: &RawProgram) -> BatchVerdict {
        let subject = match subject(program) {
            Ok(subject) => subject,
            Err(error) => return BatchVerdict::error(Some(program.name.clone()), 0, error.to_string()),
        };
        let verdict = self.verifier.verify(&subject);
        let outcome = match verdict.outcome {
            Outcome::Accept => BatchOutcome::Accept,
            Outcome::Reject => BatchOutcome::Reject,
            Outcome::Unsupported => BatchOutcome::Unsupported,
        };
        BatchVerdict {
            name: Some(program.name.clone()),
            verdict: outcome,
            errno: verdict.errno,
            insn: verdict.insn,
            message: verdict.message,
            processed: (outcome != BatchOutcome::Unsupported).then_some(verdict.processed),
            log: self.with_log.then_some(verdict.log),
        }
    }
}
