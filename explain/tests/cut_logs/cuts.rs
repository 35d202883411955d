//! Cuts of logs, drawn by a seed.

use knockwright_asm::opcode;

/// A small generator of numbers (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `limit`; 0 if there is none.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { (self.next() % limit as u64) as usize }
    }
}

/// A log from which something is cut.
pub(crate) struct Cut {
    pub(crate) what: String,
    pub(crate) text: String,
}

/// The slot and the opcode of a line `N: (op) …`.
fn insn(line: &str) -> Option<(usize, u8)> {
    let (slot, rest) = line.split_once(": (")?;
    Some((slot.parse().ok()?, u8::from_str_radix(rest.get(..2)?, 16).ok()?))
}

fn is_state(line: &str) -> bool {
    let named = line.split_once(": ").filter(|(at, _)| {
        at.starts_with("from ") || !at.is_empty() && at.bytes().all(|byte| byte.is_ascii_digit())
    });
    let text = named.map_or(line, |(_, rest)| rest).trim_start();
    let text =
        text.strip_prefix("frame").and_then(|rest| rest.split_once(": ")).map_or(text, |(_, rest)| rest);
    text.starts_with('R') && text[1..].starts_with(|c: char| c.is_ascii_digit()) && text.contains('=') && {
        // `R2 invalid mem access …` is a message.
        let word = text.split(' ').next().unwrap_or("");
        word.contains('=')
    }
}

/// An instruction without the states on its line.
fn without_state(line: &str) -> &str {
    match line.find("; R").or_else(|| line.find("; frame")) {
        Some(at) if insn(line).is_some() => line[..at].trim_end(),
        _ => line,
    }
}

/// Whether an instruction may come right after another, so that nobody could see that something was cut out between.
fn may_follow(before: &str, after: usize) -> bool {
    let Some((slot, opcode)) = insn(before) else { return false };
    let text = without_state(before);
    let target = text.rsplit_once(" pc").and_then(|(_, distance)| {
        let distance: isize = distance.split(' ').next()?.parse().ok()?;
        slot.checked_add_signed(distance + 1)
    });
    let next = slot + opcode::slots(opcode);
    opcode::falls_through(opcode) && next == after || target == Some(after)
}

fn hide_states(lines: &[&str], random: &mut Random) -> (String, Vec<String>) {
    let keep = [0, 0, 50, 90][random.below(4)];
    let mut kept = Vec::new();
    for line in lines {
        let hidden = random.below(100) >= keep;
        if hidden && is_state(line) {
            continue;
        }
        kept.push(if hidden { without_state(line) } else { line }.to_owned());
    }
    (format!("{} % of the states hidden", 100 - keep), kept)
}

/// A cut of a log; none if it's one that leaves what could as well be whole.
pub(crate) fn cut(log: &str, random: &mut Random) -> Option<Cut> {
    let lines: Vec<&str> = log.lines().collect();
    let most = lines.len();
    let (what, kept): (String, Vec<String>) = match random.below(6) {
        0 | 1 => hide_states(&lines, random),
        2 => {
            let from = 1 + random.below(most);
            (
                format!("from line {from} on"),
                lines[from.min(most)..].iter().map(|&line| line.to_owned()).collect(),
            )
        }
        3 => {
            let limit = if random.below(2) == 0 { 4 } else { most };
            let gone = 1 + random.below(limit);
            let to = most.saturating_sub(gone);
            (format!("up to line {to}"), lines[..to].iter().map(|&line| line.to_owned()).collect())
        }
        4 => middle(&lines, random)?,
        _ => {
            let (_, hidden) = hide_states(&lines, random);
            let hidden: Vec<&str> = hidden.iter().map(String::as_str).collect();
            let (what, kept) = middle(&hidden, random)?;
            (format!("states hidden, {what}"), kept)
        }
    };
    let says_something = kept.iter().any(|line| {
        insn(line).is_some() || !line.starts_with("processed ") && !is_state(line) && line.contains(' ')
    });
    // The summary alone is all that an accepted program's log has at level 1.
    (says_something && kept.len() < most || kept.len() == most)
        .then(|| Cut { what, text: kept.join("\n") + "\n" })
}

/// The line of the last instruction of a log.
pub(crate) fn last_insn(log: &str) -> Option<&str> {
    log.lines().rev().map(without_state).find(|line| insn(line).is_some())
}

/// Whether both logs end with the same `exit`.
pub(crate) fn ends_with_the_same_exit(cut: &str, log: &str) -> bool {
    last_insn(cut).is_some_and(|line| line.ends_with("(95) exit")) && last_insn(cut) == last_insn(log)
}

fn middle(lines: &[&str], random: &mut Random) -> Option<(String, Vec<String>)> {
    let from = random.below(lines.len());
    let to = (from + 1 + random.below(lines.len() - from)).min(lines.len().saturating_sub(1)).max(from);
    let before = lines[..from].iter().rev().find(|line| insn(line).is_some());
    let after = lines[to..].iter().find_map(|line| insn(line));
    let loses_insns = lines[from..to].iter().any(|line| insn(line).is_some());
    if let (Some(before), Some((after, _)), true) = (before, after, loses_insns)
        && may_follow(before, after)
    {
        return None;
    }
    let kept = lines[..from].iter().chain(&lines[to..]).map(|&line| line.to_owned()).collect();
    Some((format!("without lines {from} to {to}"), kept))
}
