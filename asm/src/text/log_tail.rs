//! The end of a verifier log: the last instruction, the last message, the count of instructions.
//!
//! Reads what the kernel's printers in `kernel/bpf/verifier.c` and `kernel/bpf/disasm.c` put there: `N: (op) …` before
//! each instruction and `processed N insns (limit …) …` at the very end.

/// What the end of a log says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LogTail {
    /// The slot of the last instruction that was walked: the last line `N: (op) …`.
    pub insn: Option<usize>,
    /// The last line before the statistics; for kernel 7.3's diagnostics the one before the blank line that starts them.
    pub message: String,
    /// The number after `processed`.
    pub processed: Option<u64>,
    /// The number after `total_states`: how many states the verifier kept.
    pub total_states: Option<u64>,
    /// The number after `peak_states`: how many it kept at once, at most.
    pub peak_states: Option<u64>,
}

impl LogTail {
    /// Reads the end of a log of level 1 or 2, with or without statistics.
    pub fn read(log: &str) -> Self {
        let (body, processed) = cut_processed(log);
        // Nothing but the summary stands after `processed`.
        let summary = if processed.is_some() { &log[body.len()..] } else { "" };
        let body = cut_diagnostics(body);
        let mut lines = body.lines().rev().filter(|line| !line.trim().is_empty());
        let message = lines.find(|line| !is_statistics(line)).unwrap_or_default();
        Self {
            insn: body.lines().rev().find_map(instruction_slot),
            message: message.trim().to_owned(),
            processed,
            total_states: number_after(summary, "total_states "),
            peak_states: number_after(summary, "peak_states "),
        }
    }
}

/// The number that stands after a word.
fn number_after(text: &str, word: &str) -> Option<u64> {
    let (_, rest) = text.split_once(word)?;
    rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

/// Cuts the log at the last `processed N insns`. There may be no newline before it
/// (`expected prog array map for tail callprocessed 3 insns`).
fn cut_processed(log: &str) -> (&str, Option<u64>) {
    for (at, word) in log.rmatch_indices("processed ") {
        let rest = &log[at + word.len()..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if !rest[digits..].starts_with(" insns (limit ") {
            continue;
        }
        if let Ok(count) = rest[..digits].parse() {
            return (&log[..at], Some(count));
        }
    }
    (log, None)
}

/// Cuts the diagnostics that kernel 7.3 adds: a blank line, then `Verification failed: CATEGORY: PROBLEM`.
fn cut_diagnostics(body: &str) -> &str {
    body.find("\n\nVerification failed: ").map_or(body, |at| &body[..at])
}

/// Lines of log level 4, which stand between the message and `processed`.
fn is_statistics(line: &str) -> bool {
    line.starts_with("verification time ") || line.starts_with("stack depth ")
}

/// The number in front of `N: (op) …`, where `op` is two hexadecimal digits.
///
/// Linux 7.1 and later begin with a listing of stack uses, which has a tab after the instruction: that is no walk.
pub fn instruction_slot(line: &str) -> Option<usize> {
    if line.contains('\t') {
        return None;
    }
    let (number, rest) = line.split_once(": (")?;
    let op = rest.as_bytes();
    if op.len() < 3 || op[2] != b')' || !op[..2].iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail(log: &str) -> (Option<usize>, String, Option<u64>) {
        let tail = LogTail::read(log);
        (tail.insn, tail.message, tail.processed)
    }

    #[test]
    fn reads_a_rejection() {
        let log = "Live regs before insn:\n      0: .......... (b7) r0 = 2\nfunc#0 @0\n0: R1=ctx() R10=fp0\n\
                   0: (61) r0 = *(u32 *)(r1 +0)\n1: (95) exit\nR0 !read_ok\n\
                   processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n";
        assert_eq!(tail(log), (Some(1), "R0 !read_ok".to_owned(), Some(2)));
    }

    #[test]
    fn the_summary_counts_states() {
        let log = "0: (95) exit\nprocessed 89 insns (limit 1000000) max_states_per_insn 1 total_states 8 peak_states 7 mark_read 0\n";
        let tail = LogTail::read(log);
        assert_eq!((tail.total_states, tail.peak_states), (Some(8), Some(7)));
        let tail = LogTail::read("total_states 3 peak_states 3\nunknown opcode ff");
        assert_eq!((tail.total_states, tail.peak_states), (None, None));
    }

    #[test]
    fn precision_lines_are_no_instructions() {
        let log = "3: (0f) r1 += r2\nmark_precise: frame0: regs=r2 stack= before 1: (b7) r2 = 4\n\
                   regs=2 stack=0 before 0: (b7) r2 = 4\ninvalid\nprocessed 4 insns (limit 1000000)\n";
        assert_eq!(tail(log), (Some(3), "invalid".to_owned(), Some(4)));
    }

    #[test]
    fn a_message_without_its_newline() {
        let log = "2: (85) call bpf_tail_call#12\nexpected prog array map for tail callprocessed 3 insns (limit 1000000)\n";
        assert_eq!(tail(log), (Some(2), "expected prog array map for tail call".to_owned(), Some(3)));
    }

    #[test]
    fn diagnostics_and_statistics_are_left_out() {
        let log = "4: (71) r1 = *(u8 *)(r0 +0)\nR0 invalid mem access 'map_value_or_null'\n\n\
                   Verification failed: Register Type Safety: Invalid dereference\nReason: R0 may be NULL\nAt:\n\
                   9: (71) inside the diagnostics\n\nverification time 12 usec\nstack depth 8\n\
                   processed 5 insns (limit 1000000)\n";
        assert_eq!(tail(log), (Some(4), "R0 invalid mem access 'map_value_or_null'".to_owned(), Some(5)));
        let log = "unreachable insn 1\nverification time 12 usec\nstack depth 0\nprocessed 0 insns (limit 1000000)\n";
        assert_eq!(tail(log), (None, "unreachable insn 1".to_owned(), Some(0)));
    }

    #[test]
    fn empty_and_cut_logs() {
        assert_eq!(tail(""), (None, String::new(), None));
        assert_eq!(tail("unknown opcode ff"), (None, "unknown opcode ff".to_owned(), None));
        assert_eq!(tail("processed many insns"), (None, "processed many insns".to_owned(), None));
        assert_eq!(tail("12: (b7) r0 = 0\n: (95) x\n7: (9"), (Some(12), "7: (9".to_owned(), None));
    }
}
