//! Live logs held against recorded ones, with a readable diff.

use std::io::{self, Write};

use similar::TextDiff;

use knockwright_verifier::log::without_addresses;

use crate::record::Recording;
use crate::run::KernelReport;

/// A program whose live log isn't the recorded one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogDifference {
    /// The slug of the class.
    pub class: String,
    /// The case's name, with `+twin` for the twin's program.
    pub label: String,
    /// The release that the recorded log is of.
    pub recorded: String,
    /// The lines that differ with their neighbours, as a unified diff from the recorded log to the live one.
    pub diff: String,
}

/// The programs of a report whose logs differ from a recording's. Programs that the recording lacks, at the level that they
/// were run with, don't count.
pub fn differences(recording: &Recording, report: &KernelReport) -> Vec<LogDifference> {
    let mut found = Vec::new();
    for result in &report.results {
        let seen = &result.verdict;
        if seen.outcome.accepts().is_none() {
            continue;
        }
        let recorded = recording.entries.iter().find(|entry| {
            entry.level == seen.level
                && entry.subject == result.subject
                && entry.case == result.case
                && entry.class == result.class
        });
        let Some(recorded) = recorded else { continue };
        let (log, live) = (recorded.verdict.log.as_str(), without_addresses(&seen.log));
        if log != live {
            let diff = TextDiff::from_lines(log, &live);
            let diff = diff.unified_diff().context_radius(2).header("recorded", "live").to_string();
            let recorded = recorded.release.as_ref().unwrap_or(&recording.release).clone();
            found.push(LogDifference { class: result.class.clone(), label: result.label(), recorded, diff });
        }
    }
    found
}

/// Writes how the logs compare, each difference with its diff.
///
/// # Errors
/// What the writer says.
pub fn write(
    out: &mut impl Write,
    recording: &Recording,
    report: &KernelReport,
    differences: &[LogDifference],
) -> io::Result<()> {
    let (recorded, live) = (&recording.release, &report.kernel.release);
    for difference in differences {
        writeln!(
            out,
            "\nlog of {} / {} on {live}, recorded on {}:",
            difference.class, difference.label, difference.recorded
        )?;
        write!(out, "{}", difference.diff)?;
    }
    let count = differences.len();
    match count {
        0 => writeln!(out, "       logs as recorded on {recorded}"),
        1 => writeln!(out, "\n       1 log differs from that recorded on {recorded}"),
        _ => writeln!(out, "\n       {count} logs differ from those recorded on {recorded}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Entry;
    use crate::run::{CaseResult, Subject};
    use knockwright_verifier::KernelId;
    use knockwright_verifier::Verdict;

    fn verdict(log: &str) -> Verdict {
        Verdict::of_log(0, log.to_owned(), 2)
    }

    fn report(log: &str) -> KernelReport {
        let result = CaseResult {
            class: "class".to_owned(),
            case: "case".to_owned(),
            subject: Subject::Twin,
            place: None,
            verdict: verdict(log),
            differences: Vec::new(),
            unmodelled: false,
        };
        let kernel = KernelId::of_release("host", "6.18.44", 1).expect("a version");
        KernelReport { kernel, duration: std::time::Duration::ZERO, results: vec![result] }
    }

    #[test]
    fn a_changed_line_shows_with_its_neighbours() {
        let entry = Entry {
            class: "class".to_owned(),
            case: "case".to_owned(),
            subject: Subject::Twin,
            level: 2,
            verdict: verdict("0: (b7) r0 = 2\n1: (18) r1 = 0x<address>\n3: (95) exit\nprocessed 3 insns\n"),
            release: None,
        };
        let recording = Recording { kernel: "6.18".into(), release: "6.18.15".into(), entries: vec![entry] };
        let same =
            report("0: (b7) r0 = 2\n1: (18) r1 = 0xffff888100000000\n3: (95) exit\nprocessed 3 insns\n");
        assert_eq!(differences(&recording, &same), []);
        let other =
            report("0: (b7) r0 = 2\n1: (18) r1 = 0xffff888100000000\n3: (95) exit\nprocessed 4 insns\n");
        let found = differences(&recording, &other);
        assert_eq!(found[0].label, "case+twin");
        assert!(found[0].diff.contains("\n-processed 3 insns\n+processed 4 insns\n"), "{}", found[0].diff);
        let mut text = Vec::new();
        write(&mut text, &recording, &other, &found).unwrap();
        assert!(String::from_utf8(text).unwrap().contains("1 log differs from that recorded on 6.18.15"));
    }
}
