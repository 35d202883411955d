//! Lines that were wrapped on their way: by a terminal, a mail program, an author.

use knockwright_verifier::message::Read;

/// Puts wrapped lines together again.
#[derive(Debug, Default)]
pub(super) struct Joiner {
    /// The line that the next one may continue; its memory is used again and again.
    pending: String,
    is_pending: bool,
    /// Whether anything was joined to it.
    joined: bool,
    /// The columns at which a terminal has cut every longer line, if one has.
    width: Option<usize>,
    /// The line before was cut there.
    is_cut: bool,
}

/// The narrowest and the widest terminals that are looked for.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=250;

/// The columns at which lines were cut: no line is longer, and several are as long and go on in the next.
fn width<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> Option<usize> {
    let columns = |line: &str| line.chars().count();
    let longest = lines.clone().map(columns).max().filter(|longest| WIDTHS.contains(longest))?;
    let next = lines.clone().skip(1);
    let cut = lines.zip(next).filter(|(line, next)| {
        columns(line) == longest && !starts_a_line(next) && !is_message(next) && !is_whole_summary(line, next)
    });
    (cut.count() > 1).then_some(longest)
}

/// Whether a line is a summary to its last counter, so that the next line isn't of it. In short logs it's the longest line, as
/// long in each, and what a loader says follows.
fn is_whole_summary(line: &str, next: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let last = line.strip_prefix("processed ").and_then(|line| line.rsplit_once(" mark_read "));
    last.is_some_and(|(_, count)| is_number(count)) && !is_number(next)
}

/// Whether a line is a message of the verifier.
fn is_message(line: &str) -> bool {
    Read::of_any(line).is_some_and(|message| message.is_telling)
}

impl Joiner {
    /// A joiner for lines of which the first ones are known.
    pub(super) fn new<'a>(first: impl Iterator<Item = &'a str> + Clone) -> Self {
        Self { width: width(first), ..Self::default() }
    }

    /// Takes a line, and passes on those that are whole.
    pub(super) fn push(&mut self, line: &str, each: &mut impl FnMut(&str)) {
        let was_cut = std::mem::take(&mut self.is_cut);
        self.is_cut = self.width.is_some_and(|width| line.chars().count() == width);
        // Words of the kernel may go on with a register, too.
        let begins = || starts_a_line(line) && !line.starts_with('R') || is_message(line);
        let is_of_pending = || !begins() && !is_whole_summary(&self.pending, line);
        if self.is_pending && was_cut && is_of_pending() {
            // As it was: the terminal leaves nothing out.
            self.pending.push_str(line);
            if !self.is_cut && !may_be_continued(&self.pending) {
                self.finish(each);
            }
            return;
        }
        if self.is_pending {
            if let Some(rest) = self.continuation(line) {
                let glued = self.pending.ends_with([',', '(', '='])
                    || rest.starts_with([',', ')'])
                    || is_open(&self.pending) && !line.starts_with([' ', '\t']);
                self.pending.truncate(self.pending.trim_end().len());
                if !glued {
                    self.pending.push(' ');
                }
                self.pending.push_str(rest);
                self.joined = true;
                return;
            }
            self.finish(each);
        }
        if self.is_cut || may_be_continued(line) {
            self.pending.clear();
            self.pending.push_str(line);
            self.is_pending = true;
        } else {
            each(line);
        }
    }

    /// Passes on the last line.
    pub(super) fn finish(&mut self, each: &mut impl FnMut(&str)) {
        if !self.is_pending {
            return;
        }
        self.is_pending = false;
        if std::mem::take(&mut self.joined) {
            // The columns of the wrapped text mean nothing any more.
            let words: Vec<&str> = self.pending.split(' ').filter(|word| !word.is_empty()).collect();
            each(&words.join(" "));
        } else {
            each(&self.pending);
        }
    }

    /// What a line adds to the pending one, if it continues that.
    fn continuation<'a>(&self, line: &'a str) -> Option<&'a str> {
        let text = line.trim_start_matches([' ', '\t']);
        if text.is_empty() {
            return None;
        }
        let indentation = line.len() - text.len();
        let is_summary = self.pending.starts_with("processed ");
        if is_summary {
            let counters = ["max_states_per_insn ", "total_states ", "peak_states ", "mark_read "];
            return (counters.iter().any(|counter| text.starts_with(counter))
                || indentation >= 4 && text.starts_with("(limit "))
            .then_some(text);
        }
        if indentation >= 4 || line.starts_with('\t') {
            // Listings of the kernel are indented too, with instructions of their own.
            let is_listing = text.as_bytes()[0].is_ascii_digit() && text.contains(" | ");
            return (!is_listing).then(|| text.strip_prefix("; ").unwrap_or(text));
        }
        // Cut in the middle of a register's state, as terminals do.
        (indentation == 0 && !starts_a_line(text) && is_open(&self.pending)).then_some(text)
    }
}

/// Whether a line may have been too long for someone: instructions, states and the summary.
fn may_be_continued(line: &str) -> bool {
    match line.as_bytes() {
        [first, ..] if first.is_ascii_digit() => true,
        [b'f', ..] => line.starts_with("from "),
        [b'p', ..] => line.starts_with("processed "),
        _ => false,
    }
}

/// Whether a line has a state that doesn't end.
fn is_open(line: &str) -> bool {
    // The opcode's parentheses are balanced, so counting the whole line is right.
    let count = |c: u8| memchr::memchr_iter(c, line.as_bytes()).count();
    count(b'(') > count(b')')
}

/// Whether a line of the verifier starts like this.
fn starts_a_line(text: &str) -> bool {
    // By far the most lines are decided by their first byte.
    match text.as_bytes() {
        [b';', b' ', ..] => true,
        // A message, unless it's a register's state: `R1_w=`.
        [b'R', ..] => {
            let number = 1 + text.bytes().skip(1).take_while(u8::is_ascii_digit).count();
            !text[number..].starts_with(['=', '_'])
        }
        [first, ..] if first.is_ascii_digit() => {
            let number = text.bytes().take_while(u8::is_ascii_digit).count();
            text[number..].starts_with(": ")
        }
        [b'f', ..] => text.starts_with("from ") || text.starts_with("func#"),
        [b'p', ..] => text.starts_with("processed "),
        [b'm', ..] => text.starts_with("mark_precise"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut joiner = Joiner::default();
        let mut each = |line: &str| found.push(line.to_owned());
        for line in text.lines() {
            joiner.push(line, &mut each);
        }
        joiner.finish(&mut each);
        found
    }

    #[test]
    fn wrapped_states_and_summaries_are_whole_again() {
        let text = "\
69: (18) r1 = 0xffff0000c8b1f400      ; R1_w=map_ptr(map=ip_tracking_map,
                                      ; ks=4,vs=24)
72: (55) if r0 != 0x0 goto pc+37 110: R0=map_value(map=ip_tracking_map,ks=4,vs=24) R6=2
                                      R7=map_value(map=config_map,ks=4,vs=48) R8=ctx()
processed 89 insns (limit 1000000) max_states_per_insn 1 total_states 8
peak_states 8 mark_read 5";
        assert_eq!(
            joined(text),
            [
                "69: (18) r1 = 0xffff0000c8b1f400 ; R1_w=map_ptr(map=ip_tracking_map,ks=4,vs=24)",
                "72: (55) if r0 != 0x0 goto pc+37 110: R0=map_value(map=ip_tracking_map,ks=4,vs=24) R6=2 \
                 R7=map_value(map=config_map,ks=4,vs=48) R8=ctx()",
                "processed 89 insns (limit 1000000) max_states_per_insn 1 total_states 8 peak_states 8 mark_read 5",
            ]
        );
    }

    #[test]
    fn summaries_of_one_length_were_not_cut() {
        let summary = "processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0";
        let log = format!("6: (95) exit\nR0 !read_ok\n{summary}\n-- END PROG LOAD LOG --\n");
        let text = log.repeat(3);
        let mut joiner = Joiner::new(text.lines());
        assert_eq!(joiner.width, None);
        joiner.width = Some(summary.len());
        let mut found = Vec::new();
        text.lines().for_each(|line| joiner.push(line, &mut |line| found.push(line.to_owned())));
        joiner.finish(&mut |line| found.push(line.to_owned()));
        assert_eq!(found.join("\n") + "\n", text);
    }

    #[test]
    fn a_state_cut_by_a_terminal_is_whole_again() {
        let text = "7: (71) r1 = *(u8 *)(r0 +0)           ; R0=map_value(map=m,ks=4,vs=48) R1=scalar(smin=smin32=0,sma\n\
                    x=255)\nR1 !read_ok";
        assert_eq!(joined(text).len(), 2);
        assert!(joined(text)[0].ends_with("R1=scalar(smin=smin32=0,smax=255)"), "{:?}", joined(text));
    }
}
