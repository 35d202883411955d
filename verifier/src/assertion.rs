//! The verifier as an assertion, in tests of those who write or generate programs.

use knockwright_asm::Program;

use crate::attempt::Attempt;
use crate::profile::Profile;
use crate::verdict::{Outcome, Verdict};
use crate::verifier::Verifier;

/// How many lines at the log's end a failed assertion shows.
const SHOWN: usize = 40;

/// What an accepted program cost.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Accepted {
    /// How many instructions the verifier walked; the kernel's limit is a million.
    pub processed: u64,
    /// The log of every path, as the kernel writes it.
    pub log: String,
}

/// Asserts that the newest kernel that's imitated accepts a program, without root and on any machine, and says what that cost.
///
/// ```
/// use knockwright_asm::{Asm, ProgType, Reg::*};
/// use knockwright_verifier::assert_accepted;
///
/// let mut a = Asm::new("pass", ProgType::Xdp);
/// a.mov(R0, 2);
/// a.exit();
/// let accepted = assert_accepted(&a.finish().unwrap());
/// assert_eq!(accepted.processed, 2);
/// assert!(accepted.log.contains("0: (b7) r0 = 2"));
/// ```
///
/// # Panics
/// If it's rejected, with the end of the log; and if there is no verdict, since it uses something that isn't modelled, with
/// the name of that.
#[track_caller]
pub fn assert_accepted(program: &Program) -> Accepted {
    assert_accepted_by(&Verifier::new(Profile::NEWEST), &Attempt::new(program.clone()))
}

/// The same of an attempt, with its BTF and flags, by the verifier of any kernel that's imitated. At log level 1 or 0 large
/// programs go faster.
///
/// # Panics
/// As [`assert_accepted`].
#[track_caller]
pub fn assert_accepted_by(verifier: &Verifier, attempt: &Attempt) -> Accepted {
    // Without a log nothing tells the count: the verifier writes its summary from level 1 on.
    let attempt = Attempt { level: attempt.level.max(1), ..attempt.clone() };
    let verdict = verifier.run(&attempt);
    let (name, kernel) = (&attempt.program.name, verifier.profile().name());
    match verdict {
        Verdict { outcome: Outcome::Accept, processed, log, .. } => {
            Accepted { processed: processed.unwrap_or_default(), log }
        }
        Verdict { log, .. } if verdict.outcome == Outcome::Reject => {
            let lines: Vec<&str> = log.lines().collect();
            let shown = &lines[lines.len().saturating_sub(SHOWN)..];
            panic!(
                "the verifier of Linux {kernel} rejects `{name}`; the end of its log:\n{}",
                shown.join("\n")
            )
        }
        verdict => {
            let why = verdict.why_none().unwrap_or(verdict.message);
            panic!("the verifier of Linux {kernel} has no verdict on `{name}`: {why}")
        }
    }
}

#[cfg(test)]
mod tests {
    use knockwright_asm::{Asm, ProgType, Reg::*, Size::*};

    use super::*;

    fn program(prog_type: ProgType, write: impl FnOnce(&mut Asm)) -> Program {
        let mut a = Asm::new("p", prog_type);
        write(&mut a);
        a.exit();
        a.finish().unwrap()
    }

    #[test]
    fn counts_are_those_of_the_log() {
        let program = program(ProgType::Xdp, |a| {
            for _ in 0..100 {
                a.mov(R0, 2);
            }
        });
        for level in 0..3 {
            let attempt = Attempt { level, ..Attempt::new(program.clone()) };
            let accepted = assert_accepted_by(&Verifier::new(Profile::NEWEST), &attempt);
            assert_eq!(accepted.processed, 101);
            assert!(accepted.log.contains("processed 101 insns"));
        }
    }

    #[test]
    #[should_panic(expected = "R0 !read_ok")]
    fn a_rejected_program_shows_its_log() {
        assert_accepted(&program(ProgType::Xdp, |_| {}));
    }

    #[test]
    #[should_panic(expected = "has no verdict on `p`: unsupported: ")]
    fn what_is_not_modelled_is_no_verdict() {
        assert_accepted(&program(ProgType::Kprobe, |a| a.load(U64, R0, R1 + 0)));
    }
}
