//! The part of a verifier's log that tells of the failure.

/// A line of the excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    /// Whether it's the failing instruction or the verifier's message.
    pub(super) key: bool,
}

/// The lines from the source line of slot `from`, or else of the failing one, to the summary. The last instruction and what is said of it are the
/// key lines. Where a line is too wide it goes on in the next.
pub(super) fn excerpt(log: &str, from: usize, width: usize) -> Vec<Line> {
    let lines: Vec<&str> = log.lines().collect();
    let is_instruction = |line: &&str, slot: Option<usize>| match line.split_once(": (") {
        Some((number, _)) => number.parse().is_ok_and(|number: usize| slot.is_none_or(|slot| slot == number)),
        None => false,
    };
    let failing = lines.iter().rposition(|line| is_instruction(line, None)).unwrap_or(0);
    let first = lines.iter().rposition(|line| is_instruction(line, Some(from))).unwrap_or(failing);
    let first = if first > 0 && lines[first - 1].starts_with(';') { first - 1 } else { first };
    let mut excerpt = Vec::new();
    for (index, line) in lines.iter().enumerate().skip(first) {
        let key = index >= failing && !line.starts_with("processed ");
        excerpt.extend(fold(line, width).into_iter().map(|text| Line { text, key }));
    }
    excerpt
}

/// Breaks a line after blanks and commas, so that no part is wider than `width` if it can be helped. The parts after the
/// first are indented.
fn fold(line: &str, width: usize) -> Vec<String> {
    const INDENT: &str = "      ";
    let mut parts = Vec::new();
    let mut part = String::new();
    for word in line.split_inclusive([' ', ',']) {
        if part.len() + word.trim_end().len() > width && !part.trim().is_empty() {
            parts.push(part.trim_end().to_owned());
            part = INDENT.to_owned();
        }
        part.push_str(word);
    }
    parts.push(part.trim_end().to_owned());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "0: R1=ctx() R10=fp0\n0: (b7) r0 = 0                 ; R0=0\n; x = *p; @ a.c:7\n\
        1: (bf) r1 = r0                 ; R0=0 R1=0\n2: (71) r1 = *(u8 *)(r0 +0)\nR0 invalid mem access 'scalar'\n\
        processed 3 insns (limit 1000000)\n";

    #[test]
    fn the_source_line_comes_along_and_the_end_is_marked() {
        let lines = excerpt(LOG, 1, 100);
        let texts: Vec<(&str, bool)> = lines.iter().map(|line| (line.text.as_str(), line.key)).collect();
        assert_eq!(
            texts,
            [
                ("; x = *p; @ a.c:7", false),
                ("1: (bf) r1 = r0                 ; R0=0 R1=0", false),
                ("2: (71) r1 = *(u8 *)(r0 +0)", true),
                ("R0 invalid mem access 'scalar'", true),
                ("processed 3 insns (limit 1000000)", false),
            ]
        );
        assert_eq!(excerpt(LOG, 9, 100), lines[2..], "without that slot, the end alone");
        assert!(excerpt("", 0, 100).is_empty());
    }

    #[test]
    fn long_lines_go_on() {
        assert_eq!(
            fold("1: (bf) r1 = r0 ; R0=scalar(umax=255,var_off=(0x0; 0xff)) R1=0", 40),
            ["1: (bf) r1 = r0 ; R0=scalar(umax=255,", "      var_off=(0x0; 0xff)) R1=0"]
        );
        assert_eq!(fold("unbreakable", 3), ["unbreakable"]);
    }
}
