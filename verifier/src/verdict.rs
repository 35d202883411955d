//! What a verifier says of a program.

use std::fmt;

use crate::log_tail::LogTail;

/// What became of a program.
///
/// Exhaustive by design: who acts on a verdict has to act on each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The verifier takes it.
    Accept,
    /// The verifier doesn't, for the reason in the log.
    Reject,
    /// The load was refused before the verifier looked at the program: for its type, its flags, what it's attached to.
    Refuse,
    /// The engine doesn't model something that the program uses, or has no place for something that it needs.
    Unsupported,
    /// The input is bad, or the engine failed for a reason that isn't the program's.
    Error,
}

impl Outcome {
    /// Whether the program may run, if that is known.
    pub const fn accepts(self) -> Option<bool> {
        match self {
            Self::Accept => Some(true),
            Self::Reject | Self::Refuse => Some(false),
            Self::Unsupported | Self::Error => None,
        }
    }
}

impl fmt::Display for Outcome {
    /// The two words of verdicts; a refused load has the same as a rejected program.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Accept => "accept",
            Self::Reject | Self::Refuse => "reject",
            Self::Unsupported => "unsupported",
            Self::Error => "error",
        })
    }
}

/// What a verifier says of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// Accepted, rejected, or why neither.
    pub outcome: Outcome,
    /// The error number of a rejection or of a failed system call; 0 if there is none.
    pub errno: i32,
    /// The slot of the last instruction in the log, if the program isn't accepted.
    pub insn: Option<usize>,
    /// The log's last line before its summary, of a rejection; else what isn't modelled or what failed, and nothing for an
    /// accepted program.
    pub message: String,
    /// How many instructions were walked, if that is known.
    pub processed: Option<u64>,
    /// The log as the kernel writes it.
    pub log: String,
    /// The level that the log really has, lower than asked for where it didn't fit.
    pub level: u32,
    /// Whether a part of the log is missing, or its level is lower, because it's longer than there is room for.
    pub log_cut: bool,
}

impl Verdict {
    /// The verdict of a load that ended with an error number, 0 for success, from its log.
    pub fn of_log(errno: i32, log: String, level: u32) -> Self {
        let log = if level == 0 { String::new() } else { log };
        let LogTail { insn, message, processed, .. } = LogTail::read(&log);
        let (outcome, insn, message) = match errno {
            0 => (Outcome::Accept, None, String::new()),
            _ => (Outcome::Reject, insn, message),
        };
        Self { outcome, errno, insn, message, processed, log, level, log_cut: false }
    }

    /// No verdict: the input is bad, or something failed that isn't the program's.
    pub fn error(errno: i32, message: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Error,
            errno,
            insn: None,
            message: message.into(),
            processed: None,
            log: String::new(),
            level: 0,
            log_cut: false,
        }
    }

    /// No verdict: something isn't modelled, or can't be carried to the engine.
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self { outcome: Outcome::Unsupported, ..Self::error(0, what) }
    }

    /// A load that was refused before the verifier looked at the program, so that the log of the level asked for is empty.
    /// `why` is what to say of it.
    pub fn refused(errno: i32, why: impl Into<String>, level: u32) -> Self {
        Self { outcome: Outcome::Refuse, level, ..Self::error(errno, why) }
    }

    /// No verdict, for the engine gave fewer than there were programs.
    pub fn no_answer() -> Self {
        Self::error(0, "no answer")
    }

    /// Whether the program is accepted.
    pub fn is_accepted(&self) -> bool {
        self.outcome == Outcome::Accept
    }

    /// Whether the program is rejected, by the verifier or before it.
    pub fn is_rejected(&self) -> bool {
        self.outcome.accepts() == Some(false)
    }

    /// The verifier's own words on a rejected program; nothing where it has said nothing.
    pub fn said(&self) -> &str {
        if self.outcome == Outcome::Reject { &self.message } else { "" }
    }

    /// Why there is no verdict, if there is none.
    pub fn why_none(&self) -> Option<String> {
        match self.outcome {
            Outcome::Accept | Outcome::Reject | Outcome::Refuse => None,
            Outcome::Unsupported => Some(format!("unsupported: {}", self.message)),
            Outcome::Error => Some(self.message.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_is_read_from_the_end() {
        let log = "func#0 @0\n0: R1=ctx() R10=fp0\n0: (61) r0 = *(u32 *)(r1 +0)\n\
                   mark_precise: frame0: regs=r2 stack= before 1: (b7) r2 = 4\n1: (95) exit\nR0 !read_ok\n\
                   processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0\n";
        let seen = Verdict::of_log(13, log.to_owned(), 2);
        assert_eq!((seen.outcome, seen.insn, seen.processed), (Outcome::Reject, Some(1), Some(2)));
        assert_eq!((seen.message.as_str(), seen.said()), ("R0 !read_ok", "R0 !read_ok"));
    }

    #[test]
    fn the_diagnostics_of_7_3_are_not_the_message() {
        let log = "4: (71) r1 = *(u8 *)(r0 +0)\nR0 invalid mem access 'map_value_or_null'\n\n\
                   Verification failed: Register Type Safety: Invalid dereference\nReason: R0 may be NULL\n\
                   9: (71) inside\n\nprocessed 5 insns (limit 1000000)\n";
        let seen = Verdict::of_log(13, log.to_owned(), 2);
        assert_eq!(
            (seen.insn, seen.message.as_str()),
            (Some(4), "R0 invalid mem access 'map_value_or_null'")
        );
    }

    #[test]
    fn messages_without_newline_and_logs_without_end() {
        let log = "2: (85) call bpf_tail_call#12\nexpected map for tail callprocessed 3 insns (limit 1)\n";
        assert_eq!(Verdict::of_log(22, log.to_owned(), 2).message, "expected map for tail call");
        let seen = Verdict::of_log(7, String::new(), 2);
        assert_eq!((seen.insn, seen.message.as_str(), seen.processed), (None, "", None));
        assert_eq!(Verdict::of_log(0, "x\nprocessed 1 insns (limit 1)".to_owned(), 1).message, "");
    }

    #[test]
    fn what_is_no_verdict_says_why() {
        assert_eq!(Verdict::unsupported("kfunc").why_none().as_deref(), Some("unsupported: kfunc"));
        assert_eq!(Verdict::error(5, "broken").why_none().as_deref(), Some("broken"));
        let refused = Verdict::refused(22, "refused", 2);
        assert_eq!((refused.why_none(), refused.said(), refused.is_rejected()), (None, "", true));
        assert_eq!(refused.outcome.to_string(), "reject");
    }
}
