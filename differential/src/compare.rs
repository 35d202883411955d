//! Programs through a kernel's verifier and ours, and how far the two agree.

use knockwright_verifier::log::without_addresses;
use knockwright_verifier::{Attempt, Engine, EngineError, Verdict, Verifier};

/// How far the two agree. Later is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Agreement {
    /// In every byte of the log, addresses of maps aside.
    Whole,
    /// In verdict, error number, instruction, message and count of instructions.
    Processed,
    /// In verdict, error number, instruction and message.
    Message,
    /// In verdict only.
    Verdict,
    /// The user-space verifier doesn't model the program.
    Unsupported,
    /// Not even in the verdict: it rejects what the kernel takes.
    FalseReject,
    /// Not even in the verdict: it takes what the kernel rejects.
    FalseAccept,
    /// The kernel came to no verdict.
    NoOracle,
}

impl Agreement {
    /// The words that a summary has for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole log",
            Self::Processed => "all but the log",
            Self::Message => "all but the count",
            Self::Verdict => "verdict only",
            Self::Unsupported => "unsupported",
            Self::FalseReject => "false reject",
            Self::FalseAccept => "false accept",
            Self::NoOracle => "no verdict of the kernel",
        }
    }

    /// Whether it shows a mistake of the user-space verifier.
    pub const fn is_mismatch(self) -> bool {
        matches!(
            self,
            Self::Processed | Self::Message | Self::Verdict | Self::FalseReject | Self::FalseAccept
        )
    }
}

/// What both said of a program.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Comparison {
    /// How far they agree.
    pub agreement: Agreement,
    /// The kernel's answer, addresses of maps replaced.
    pub theirs: Verdict,
    /// The user-space verifier's answer, addresses of maps replaced.
    pub own: Verdict,
}

/// Logs longer than this aren't compared: the kernel would write them several times until the buffer fits.
const LONGEST_LOG: usize = 2 << 20;

/// Asks both. The kernel isn't asked about programs of which ours walks more than `longest` instructions: an emulated one
/// would need minutes.
///
/// # Errors
/// What keeps the kernel from answering at all.
pub fn compare(
    kernel: &mut dyn Engine,
    own: &Verifier,
    attempts: &[Attempt],
    longest: Option<u64>,
) -> Result<Vec<Comparison>, EngineError> {
    let mut ours = Vec::with_capacity(attempts.len());
    let mut asked = Vec::with_capacity(attempts.len());
    let mut about = Vec::with_capacity(attempts.len());
    for attempt in attempts {
        let mut attempt = attempt.clone();
        let mut verdict = own_answer(own, &attempt);
        let is_decided = verdict.outcome.accepts().is_some();
        if is_decided && verdict.log.len() > LONGEST_LOG {
            attempt.level = 0;
            verdict.log.clear();
            verdict.level = 0;
        }
        if !is_decided || longest.is_none_or(|longest| verdict.processed.unwrap_or(0) <= longest) {
            about.push(ours.len());
            asked.push(attempt);
        }
        ours.push(verdict);
    }
    let verdicts = kernel.verify(&asked)?;
    let left_out = || Verdict::error(0, "too long for an emulated kernel");
    let mut theirs: Vec<Verdict> = ours.iter().map(|_| left_out()).collect();
    for (at, verdict) in about.into_iter().zip(verdicts) {
        theirs[at] = verdict;
    }
    let comparisons = theirs.into_iter().zip(ours).map(|(mut theirs, own)| {
        theirs.log = without_addresses(&theirs.log);
        Comparison { agreement: judge(&theirs, &own), theirs, own }
    });
    Ok(comparisons.collect())
}

/// The user-space verifier's answer, addresses of maps replaced.
pub fn own_answer(own: &Verifier, attempt: &Attempt) -> Verdict {
    let mut verdict = own.run(attempt);
    verdict.log = without_addresses(&verdict.log);
    verdict
}

/// How far two answers agree; addresses in their logs must be replaced.
pub fn judge(theirs: &Verdict, own: &Verdict) -> Agreement {
    match (theirs.outcome.accepts(), own.outcome.accepts()) {
        (None, _) => return Agreement::NoOracle,
        (_, None) => return Agreement::Unsupported,
        (Some(false), Some(true)) => return Agreement::FalseAccept,
        (Some(true), Some(false)) => return Agreement::FalseReject,
        _ => {}
    }
    if theirs.errno != own.errno {
        return Agreement::Verdict;
    }
    // Without a log there is nothing else to compare.
    if own.level == 0 || theirs.level < own.level {
        return Agreement::Whole;
    }
    if (theirs.insn, theirs.said()) != (own.insn, own.said()) {
        Agreement::Verdict
    } else if theirs.processed != own.processed {
        Agreement::Message
    } else if theirs.log != own.log {
        Agreement::Processed
    } else {
        Agreement::Whole
    }
}
