//! The catalogue past the user-space verifier: what it says is what the recorded kernels said.

#![allow(clippy::print_stdout)] // the figures

use std::path::Path;

use knockwright_verifier::log::without_addresses;
use knockwright_verifier::{Profile, Verifier};
use knockwright_verifier_cases::article;
use knockwright_verifier_cases::record::Recording;
use knockwright_verifier_cases::run::{Subject, attempts, select};

/// How the answers compare with a recording.
#[derive(Debug, Default)]
struct Figures {
    answers: usize,
    verdicts: usize,
    messages: usize,
    processed: usize,
    logs: usize,
    unsupported: Vec<String>,
    /// Those of them whose cases say so.
    excused: usize,
    different: Vec<String>,
}

fn compare(profile: Profile, kernel: &str) -> Figures {
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("logs");
    let recording = Recording::open(&logs, kernel).expect("a whole recording");
    let mut figures = Figures::default();
    // The guests of the recordings have one processor.
    let verifier = Verifier::new(profile).with_cpus(1);
    for selected in select(&[]).expect("all cases") {
        for (subject, attempt) in attempts(selected.case, &[1, 2]).expect("correct programs") {
            let entry = recording.entries.iter().find(|entry| {
                entry.case == selected.case.name && entry.subject == subject && entry.level == attempt.level
            });
            let unrecorded = || panic!("record {}: cases record {0} --kernel all", selected.case.name);
            let expected = &entry.unwrap_or_else(unrecorded).verdict;
            let twin = if subject == Subject::Twin { "+twin" } else { "" };
            let name = format!("{}{twin} level {}", selected.case.name, attempt.level);
            figures.answers += 1;
            let found = verifier.run(&attempt);
            if let Some(what) = found.why_none() {
                figures.excused += usize::from(selected.case.unmodelled);
                figures.unsupported.push(format!("{name}: {what}"));
                continue;
            }
            let verdict = (found.is_accepted(), found.errno) == (expected.is_accepted(), expected.errno);
            let message = verdict && (found.insn, found.said()) == (expected.insn, expected.said());
            let processed = message && found.processed == expected.processed;
            let log = without_addresses(&found.log);
            let whole = processed && log == expected.log;
            figures.verdicts += usize::from(verdict);
            figures.messages += usize::from(message);
            figures.processed += usize::from(processed);
            figures.logs += usize::from(whole);
            if !whole {
                let first = expected.log.lines().zip(log.lines()).find(|(a, b)| a != b);
                let grade = match (verdict, message, processed) {
                    (false, ..) => "verdict",
                    (true, false, _) => "message",
                    (true, true, false) => "processed",
                    _ => "log",
                };
                figures.different.push(format!(
                    "{name}: {grade}: {} {:?} {:?} {:?} not {} {:?} {:?} {:?}; {first:?}",
                    found.errno,
                    found.insn,
                    found.message,
                    found.processed,
                    expected.errno,
                    expected.insn,
                    expected.message,
                    expected.processed
                ));
            }
        }
    }
    println!(
        "{kernel}: {} answers; verdict {}, message {}, processed {}, whole log {}; unsupported {}",
        figures.answers,
        figures.verdicts,
        figures.messages,
        figures.processed,
        figures.logs,
        figures.unsupported.len()
    );
    for line in figures.unsupported.iter().chain(&figures.different) {
        println!("  {line}");
    }
    figures
}

#[test]
fn linux_6_18_is_imitated() {
    let figures = compare(Profile::V6_18_15, "6.18");
    assert_eq!(figures.messages + figures.excused, figures.answers);
}

#[test]
fn linux_6_12_is_imitated() {
    let figures = compare(Profile::V6_12, "6.12");
    assert_eq!(figures.messages + figures.excused, figures.answers);
}

/// The author's kernel, which is in no distribution any more: every line with its marks, comment and summary.
#[test]
fn the_articles_logs_are_those_of_linux_6_8() {
    let comparisons = article::compare(&mut Verifier::new(Profile::V6_8)).expect("it always answers");
    let counts: Vec<(&str, usize, usize)> =
        comparisons.iter().map(|both| (both.case, both.found(), both.pairs.len())).collect();
    assert_eq!(counts, [("article-null", 11, 11), ("article-bounds", 20, 20)]);
    for pair in comparisons.iter().flat_map(|both| &both.pairs) {
        println!("{}\n{}", pair.article, pair.obtained.as_deref().unwrap_or_default());
        // 6.8 doesn't name the place of a source line yet.
        let obtained = pair.obtained.as_deref().unwrap_or_default();
        assert!(!obtained.starts_with("; ") || !obtained.contains(" @ "), "{obtained}");
    }
}
