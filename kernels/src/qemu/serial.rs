//! What comes over the serial port: lines of JSON with a checksum, among whatever else the kernel prints.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What stands at the start of the guest's lines.
const MARK: &str = "@kw ";

/// One line of the guest's.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    /// The first: which kernel runs.
    Kernel {
        kernel: String,
    },
    /// A load that the verifier answered.
    Result {
        load: usize,
        errno: i32,
        log_level: u32,
        /// 1 if the log's beginning is missing, or its level is lower than asked for.
        log_cut: u32,
        log: String,
    },
    /// A load that the verifier never saw.
    Failed {
        load: usize,
        /// The kernel's error number, or 0.
        errno: i32,
        error: String,
    },
    /// The last: how many lines of results there were.
    End {
        end: usize,
    },
    Fatal {
        fatal: String,
    },
}

/// A line of the guest's that can't be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damaged;

/// Reads a line: none if it isn't the guest's.
pub(super) fn read<T: DeserializeOwned>(line: &str) -> Option<Result<T, Damaged>> {
    let text = line.trim_end_matches(['\r', '\n']);
    let (checksum, json) = text.strip_prefix(MARK)?.split_once(' ').unwrap_or_default();
    let right = u32::from_str_radix(checksum, 16) == Ok(crc32fast::hash(json.as_bytes()));
    Some(if right { serde_json::from_str(json).map_err(|_| Damaged) } else { Err(Damaged) })
}

/// How many of the kernel's last lines an error tells.
const TAIL_LINES: usize = 8;

/// Keeps the last lines that weren't the guest's: messages of the kernel.
pub(super) fn keep_tail(tail: &mut Vec<String>, line: &str) {
    if !line.trim().is_empty() {
        tail.push(line.trim().to_owned());
    }
    if tail.len() > TAIL_LINES {
        tail.remove(0);
    }
}

/// What was kept, for a message.
pub(super) fn joined(tail: &[String]) -> String {
    if tail.is_empty() { "none".to_owned() } else { tail.join(" | ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Result<Line, Damaged>> {
        super::read(line)
    }

    fn line(json: &str) -> String {
        format!("@kw {:08x} {json}\r\n", crc32fast::hash(json.as_bytes()))
    }

    #[test]
    fn lines_are_read() {
        assert_eq!(read(&line(r#"{"end":3}"#)), Some(Ok(Line::End { end: 3 })));
        let json = r#"{"load":1,"errno":0,"log_level":2,"log_cut":0,"log":"a\nb"}"#;
        let result = Line::Result { load: 1, errno: 0, log_level: 2, log_cut: 0, log: "a\nb".to_owned() };
        assert_eq!(read(&line(json)), Some(Ok(result)));
    }

    #[test]
    fn damaged_lines_are_no_results() {
        assert_eq!(read("[    1.0] a message of the kernel"), None);
        let whole = line(r#"{"end":3}"#);
        assert_eq!(read(&whole[..whole.len() - 3]), Some(Err(Damaged)));
        assert_eq!(read("@kw "), Some(Err(Damaged)));
        assert_eq!(read(&line(r#"{"what":3}"#)), Some(Err(Damaged)));
    }
}
