//! What a verifier said of a program once.

use std::fmt;

use knockwright_loader::log_tail::LogTail;
use serde::{Deserialize, Serialize};

/// Whether a program may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It may.
    Accept,
    /// It may not.
    Reject,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
        })
    }
}

/// A verdict with the log that it came with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Accepted or rejected.
    pub verdict: Verdict,
    /// The error number, 0 for an accepted program.
    pub errno: i32,
    /// The slot of the last instruction in the log; only for a rejection.
    pub insn: Option<usize>,
    /// The log's last line before its statistics; only for a rejection, else empty.
    pub message: String,
    /// How many instructions were walked; none if the log doesn't say.
    pub processed: Option<u64>,
    /// The log as the kernel wrote it.
    pub log: String,
    /// The level that the log really has, lower than asked for where it didn't fit.
    pub log_level: u32,
}

impl Observation {
    /// Reads the log of a load that ended with `errno`, 0 for success.
    pub fn new(errno: i32, log: String, log_level: u32) -> Self {
        let log = if log_level == 0 { String::new() } else { log };
        let LogTail { insn, message, processed } = LogTail::read(&log);
        let (verdict, insn, message) = match errno {
            0 => (Verdict::Accept, None, String::new()),
            _ => (Verdict::Reject, insn, message),
        };
        Self { verdict, errno, insn, message, processed, log_level, log }
    }
}

/// The number in front of `N: (op) …`, where `op` is two hexadecimal digits.
///
/// Linux 7.1 and later begin with a listing of stack uses, which has a tab behind the instruction: that is no walk.
pub(crate) fn instruction_slot(line: &str) -> Option<usize> {
    if line.contains('\t') {
        return None;
    }
    let (number, rest) = line.split_once(": (")?;
    let op = rest.as_bytes();
    let is_instruction = op.len() > 2 && op[2] == b')' && op[..2].iter().all(u8::is_ascii_hexdigit);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_instruction && is_number).then(|| number.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_is_read_from_the_end() {
        let log = "func#0 @0\n0: R1=ctx() R10=fp0\n0: (61) r0 = *(u32 *)(r1 +0)\n\
                   mark_precise: frame0: regs=r2 stack= before 1: (b7) r2 = 4\n1: (95) exit\nR0 !read_ok\n\
                   processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0\n";
        let seen = Observation::new(13, log.to_owned(), 2);
        assert_eq!((seen.verdict, seen.insn, seen.processed), (Verdict::Reject, Some(1), Some(2)));
        assert_eq!(seen.message, "R0 !read_ok");
    }

    #[test]
    fn the_diagnostics_of_7_3_are_not_the_message() {
        let log = "4: (71) r1 = *(u8 *)(r0 +0)\nR0 invalid mem access 'map_value_or_null'\n\n\
                   Verification failed: Register Type Safety: Invalid dereference\nReason: R0 may be NULL\n\
                   9: (71) inside\n\nprocessed 5 insns (limit 1000000)\n";
        let seen = Observation::new(13, log.to_owned(), 2);
        assert_eq!(
            (seen.insn, seen.message.as_str()),
            (Some(4), "R0 invalid mem access 'map_value_or_null'")
        );
    }

    #[test]
    fn messages_without_newline_and_logs_without_end() {
        let log = "2: (85) call bpf_tail_call#12\nexpected map for tail callprocessed 3 insns (limit 1)\n";
        assert_eq!(Observation::new(22, log.to_owned(), 2).message, "expected map for tail call");
        let seen = Observation::new(7, String::new(), 2);
        assert_eq!((seen.insn, seen.message.as_str(), seen.processed), (None, "", None));
        assert_eq!(Observation::new(0, "x\nprocessed 1 insns (limit 1)".to_owned(), 1).message, "");
    }
}
