//! Programs with what a kernel said of them, a JSON object a line: those that were once a mismatch, and samples.
//!
//! A line is one of the batch format (so that `knockwright verify --batch` takes it) with the fields `release`, `level`,
//! `without_perfmon`, `cpus`, `errno` and `log` besides.

use knockwright_verifier::batch::{format_line, parse_line};
use knockwright_verifier::{Attempt, Privilege, Verdict};
use serde::Deserialize;

/// A program with a kernel's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// The program, its level, and who loads it.
    pub attempt: Attempt,
    /// The release of the kernel that was asked, as `uname -r` gives it.
    pub release: String,
    /// The processors that the kernel counts.
    pub cpus: u32,
    /// What the kernel said, addresses of maps replaced.
    pub answer: Verdict,
}

#[derive(Deserialize)]
struct Answer {
    release: String,
    level: u32,
    without_perfmon: bool,
    cpus: u32,
    errno: i32,
    log: String,
}

/// A line that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
#[non_exhaustive]
pub struct BadLine {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl Kept {
    /// The line, without a newline.
    pub fn line(&self) -> String {
        let line = format_line(&self.attempt);
        let answer = serde_json::json!({
            "release": self.release, "level": self.attempt.level,
            "without_perfmon": self.attempt.privilege == Privilege::WithoutPerfmon, "cpus": self.cpus,
            "errno": self.answer.errno, "log": self.answer.log,
        });
        let answer = answer.to_string();
        format!("{},{}", line.trim_end_matches('}'), answer.trim_start_matches('{'))
    }
}

/// Reads a file of such lines; blank ones are skipped.
///
/// # Errors
/// [`BadLine`] for the first that isn't one.
pub fn read(text: &str) -> Result<Vec<Kept>, BadLine> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = lines.map(|(index, line)| {
        let bad = |reason: String| BadLine { line: index + 1, reason };
        let attempt = parse_line(line.as_bytes()).map_err(|error| bad(error.reason))?;
        let answer: Answer = serde_json::from_str(line).map_err(|error| bad(error.to_string()))?;
        let privilege = if answer.without_perfmon { Privilege::WithoutPerfmon } else { Privilege::Full };
        Ok(Kept {
            attempt: attempt.at_level(answer.level).by(privilege),
            release: answer.release,
            cpus: answer.cpus,
            answer: Verdict::of_log(answer.errno, answer.log, answer.level),
        })
    });
    read.collect()
}
