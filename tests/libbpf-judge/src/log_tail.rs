//! The end of a verifier's log: what it says of a program in short.

/// What stands at the end of a log.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct LogTail<'a> {
    /// The slot of the last instruction line.
    pub(crate) insn: Option<usize>,
    /// The last line before the summary.
    pub(crate) message: &'a str,
    pub(crate) processed: Option<u64>,
    pub(crate) total_states: Option<u64>,
    pub(crate) peak_states: Option<u64>,
}

impl<'a> LogTail<'a> {
    /// Reads a log from its end.
    pub(crate) fn read(log: &'a str) -> Self {
        let (body, summary) = match log.rfind("processed ") {
            Some(at) => (&log[..at], &log[at..]),
            None => (log, ""),
        };
        let body = without_diagnostics(body).trim_end();
        let message = body.lines().next_back().unwrap_or("");
        Self {
            insn: body.lines().rev().find_map(slot),
            message,
            processed: number_after(summary, "processed "),
            total_states: number_after(summary, " total_states "),
            peak_states: number_after(summary, " peak_states "),
        }
    }
}

/// The log without what kernels since 7.3 add after the message: a blank line, then paragraphs with headings.
fn without_diagnostics(body: &str) -> &str {
    body.rfind("\n\nVerification failed: ").map_or(body, |at| &body[..at])
}

/// The slot of a line `N: (op) …`, or of what libbpf writes over one, `N: <invalid kfunc call>`.
fn slot(line: &str) -> Option<usize> {
    if let Some((number, _)) = line.split_once(": <invalid ") {
        return number.parse().ok();
    }
    let (number, rest) = line.split_once(": (")?;
    let op = rest.split_once(')')?.0;
    let is_opcode = op.len() == 2 && op.bytes().all(|byte| byte.is_ascii_hexdigit());
    number.parse().ok().filter(|_| is_opcode)
}

fn number_after(text: &str, words: &str) -> Option<u64> {
    let rest = &text[text.find(words)? + words.len()..];
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection() {
        let log = "0: R1=ctx() R10=fp0\n0: (61) r0 = *(u32 *)(r1 +0)\n1: (95) exit\nR0 !read_ok\n\
                   processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 3 peak_states 4 mark_read 5\n";
        let read = LogTail {
            insn: Some(1),
            message: "R0 !read_ok",
            processed: Some(2),
            total_states: Some(3),
            peak_states: Some(4),
        };
        assert_eq!(LogTail::read(log), read);
    }

    #[test]
    fn the_diagnostics_of_7_3() {
        let log = "4: (71) r1 = *(u8 *)(r0 +0)\nR0 is bad\n\nVerification failed: A: b\n9: (71) inside\n\nprocessed 5 insns\n";
        let read = LogTail::read(log);
        assert_eq!((read.insn, read.message, read.processed), (Some(4), "R0 is bad", Some(5)));
    }

    #[test]
    fn logs_without_a_summary() {
        assert_eq!(LogTail::read(""), LogTail::default());
        let reworded =
            "0: (b7) r0 = 0\n1: <invalid kfunc call>\nkfunc 'x' is referenced but wasn't resolved\n";
        assert_eq!(LogTail::read(reworded).insn, Some(1));
        assert_eq!(LogTail::read("unreachable insn 3\n").message, "unreachable insn 3");
        assert_eq!(LogTail::read("expected mapprocessed 3 insns").message, "expected map");
    }
}
