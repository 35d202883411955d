//! What changed from one kernel to another, case by case: verdict flips first, then outcomes, then logs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use knockwright_verifier::Verdict;
use serde::Serialize;

use crate::record::{Entry, Recording};
use crate::run::Subject;
use crate::words::counted;

/// How much a program's treatment changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// Accepted by one kernel, rejected by the other.
    Verdict,
    /// Another error, instruction, message or count.
    Outcome,
    /// Only the log's text.
    Log,
    /// Only one of the recordings has it.
    Missing,
}

/// What changed for one program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// How much.
    pub kind: Kind,
    /// The slug of the class.
    pub class: String,
    /// The name of the case.
    pub case: String,
    /// The case's program or its twin's.
    pub subject: Subject,
    /// What the first kernel says.
    pub before: String,
    /// What the second says.
    pub after: String,
    /// The first line in which the two logs differ: the first's, and the second's.
    pub first_line: Option<(String, String)>,
}

/// The differences of two recordings at level 2, flips first.
pub fn diff(before: &Recording, after: &Recording) -> Vec<Change> {
    let key = |entry: &Entry| (entry.class.clone(), entry.case.clone(), entry.subject);
    let level_2 = |recording: &'_ Recording| -> BTreeMap<_, Verdict> {
        let entries = recording.entries.iter().filter(|entry| entry.level == 2);
        entries.map(|entry| (key(entry), entry.verdict.clone())).collect()
    };
    let (old, new) = (level_2(before), level_2(after));
    let mut changes = Vec::new();
    for (key, before) in &old {
        let change = |kind, after: &str, first_line| Change {
            kind,
            class: key.0.clone(),
            case: key.1.clone(),
            subject: key.2,
            before: summary(before),
            after: after.to_owned(),
            first_line,
        };
        let Some(after) = new.get(key) else {
            changes.push(change(Kind::Missing, "not recorded", None));
            continue;
        };
        let same = (before.errno, before.insn, before.said(), before.processed)
            == (after.errno, after.insn, after.said(), after.processed);
        let kind = match (before.is_accepted() == after.is_accepted(), same, before.log == after.log) {
            (false, ..) => Kind::Verdict,
            (true, false, _) => Kind::Outcome,
            (true, true, false) => Kind::Log,
            (true, true, true) => continue,
        };
        changes.push(change(kind, &summary(after), first_difference(&before.log, &after.log)));
    }
    changes
        .sort_by(|a, b| (a.kind, &a.class, &a.case, a.subject).cmp(&(b.kind, &b.class, &b.case, b.subject)));
    changes
}

fn summary(seen: &Verdict) -> String {
    let processed = seen.processed.map_or_else(String::new, |processed| format!(" ({processed} processed)"));
    match (seen.is_accepted(), seen.insn) {
        (true, _) => format!("accept{processed}"),
        (false, Some(insn)) => format!("reject at {insn}: {}{processed}", seen.said()),
        (false, None) => format!("reject: {}", seen.said()),
    }
}

/// The first lines that differ.
fn first_difference(before: &str, after: &str) -> Option<(String, String)> {
    let (mut before, mut after) = (before.lines(), after.lines());
    loop {
        match (before.next(), after.next()) {
            (None, None) => return None,
            (old, new) if old == new => {}
            (old, new) => {
                return Some((old.unwrap_or_default().to_owned(), new.unwrap_or_default().to_owned()));
            }
        }
    }
}

fn label(change: &Change) -> String {
    match change.subject {
        Subject::Case => change.case.clone(),
        Subject::Twin => format!("{}+twin", change.case),
    }
}

/// Writes the changes as text.
///
/// # Errors
/// What the writer says.
pub fn text(
    out: &mut impl Write,
    before: &Recording,
    after: &Recording,
    changes: &[Change],
) -> io::Result<()> {
    writeln!(out, "{} to {}: {}", before.release, after.release, figures(changes))?;
    for change in changes {
        if change.kind == Kind::Log {
            if let Some((old, new)) = &change.first_line {
                writeln!(out, "\nlog      {} / {}\n  - {old}\n  + {new}", change.class, label(change))?;
            }
            continue;
        }
        let kind = match change.kind {
            Kind::Verdict => "verdict ",
            Kind::Outcome => "outcome ",
            Kind::Log | Kind::Missing => "missing ",
        };
        writeln!(out, "\n{kind} {} / {}", change.class, label(change))?;
        writeln!(out, "  - {}\n  + {}", change.before, change.after)?;
    }
    Ok(())
}

fn figures(changes: &[Change]) -> String {
    let count = |kind| changes.iter().filter(|change| change.kind == kind).count();
    format!(
        "{}, {} and {} differ",
        counted(count(Kind::Verdict), "verdict"),
        counted(count(Kind::Outcome), "outcome"),
        counted(count(Kind::Log), "log")
    )
}

/// Writes the changes as one JSON document.
///
/// # Errors
/// What the writer says.
pub fn json(
    out: &mut impl Write,
    before: &Recording,
    after: &Recording,
    changes: &[Change],
) -> io::Result<()> {
    let document = serde_json::json!({ "from": before.release, "to": after.release, "changes": changes });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// Writes flips and outcomes as a table in Markdown.
///
/// # Errors
/// What the writer says.
pub fn markdown(
    out: &mut impl Write,
    before: &Recording,
    after: &Recording,
    changes: &[Change],
) -> io::Result<()> {
    writeln!(out, "## {} to {}\n\n{}.\n", before.release, after.release, figures(changes))?;
    writeln!(out, "| class | case | {} | {} |\n|---|---|---|---|", before.kernel, after.kernel)?;
    let cell = |text: &str| text.replace('|', "\\|");
    for change in changes.iter().filter(|change| change.kind != Kind::Log) {
        let bold = |text: &str| match change.kind {
            Kind::Verdict => format!("**{}**", cell(text)),
            _ => cell(text),
        };
        let (old, new) = (bold(&change.before), bold(&change.after));
        writeln!(out, "| {} | {} | {old} | {new} |", change.class, label(change))?;
    }
    Ok(())
}

/// Writes flips and outcomes as a table in HTML.
///
/// # Errors
/// What the writer says.
pub fn html(
    out: &mut impl Write,
    before: &Recording,
    after: &Recording,
    changes: &[Change],
) -> io::Result<()> {
    let cell = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    writeln!(
        out,
        "<h2>{} to {}</h2>\n<p>{}.</p>",
        cell(&before.release),
        cell(&after.release),
        figures(changes)
    )?;
    writeln!(out, "<table>\n<tr><th>class<th>case<th>{}<th>{}", cell(&before.kernel), cell(&after.kernel))?;
    for change in changes.iter().filter(|change| change.kind != Kind::Log) {
        let class = if change.kind == Kind::Verdict { " class=\"flip\"" } else { "" };
        let (old, new) = (cell(&change.before), cell(&change.after));
        writeln!(
            out,
            "<tr{class}><td>{}<td>{}<td>{old}<td>{new}",
            cell(&change.class),
            cell(&label(change))
        )?;
    }
    writeln!(out, "</table>")
}

/// Writes a page in Markdown: what changed from each recording to the next.
///
/// # Errors
/// What the writer says.
pub fn markdown_page(out: &mut impl Write, recordings: &[Recording]) -> io::Result<()> {
    writeln!(out, "# What changed between kernels\n")?;
    writeln!(
        out,
        "The catalogue's programs on one kernel after the other: other verdicts first, in bold, then other errors, \
         instructions,\nmessages and counts. Logs that differ only in their text are counted. `knockwright cases diff 6.1 \
         7.3` compares any two.\n"
    )?;
    for pair in recordings.windows(2) {
        markdown(out, &pair[0], &pair[1], &diff(&pair[0], &pair[1]))?;
        writeln!(out)?;
    }
    Ok(())
}

/// Writes the same page in HTML, complete in itself.
///
/// # Errors
/// What the writer says.
pub fn html_page(out: &mut impl Write, recordings: &[Recording]) -> io::Result<()> {
    const STYLE: &str = ":root{color-scheme:light dark}body{font-family:sans-serif;overflow-wrap:anywhere}table{border-collapse:collapse}\
         td,th{border:1px solid #8886;padding:.2em .5em;text-align:left;vertical-align:top}.flip{background:#fde8c8}\
         @media(prefers-color-scheme:dark){.flip{background:#4d3a17}}";
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<title>What changed between kernels</title>\n<style>{STYLE}</style>")?;
    writeln!(out, "<h1>What changed between kernels</h1>")?;
    for pair in recordings.windows(2) {
        html(out, &pair[0], &pair[1], &diff(&pair[0], &pair[1]))?;
    }
    writeln!(out, "</html>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_are_of_this_catalogue() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        for series in crate::kernel_range::SERIES {
            let recording = Recording::open(&root.join("logs"), &series.to_string()).unwrap();
            for (class, case) in crate::catalogue::cases().filter(|(_, case)| case.log_level == 2) {
                let is_it = |entry: &&Entry| entry.class == class.slug && entry.case == case.name;
                let own = recording.entries.iter().filter(is_it);
                let full = own.clone().find(|entry| entry.level == 2 && entry.subject == Subject::Case);
                let full = full.unwrap_or_else(|| {
                    panic!("record {}: cases record {0} --kernel all ({series})", case.name)
                });
                assert_eq!(case.expectation.differences(series, &full.verdict), [], "{} {series}", case.name);
                assert_eq!(own.count(), 4, "{}: two programs, two levels", case.name);
            }
        }
    }

    fn recording(kernel: &str, logs: &[(&str, i32, &str)]) -> Recording {
        let entry = |(case, errno, log): &(&str, i32, &str)| Entry {
            class: "class".to_owned(),
            case: (*case).to_owned(),
            subject: Subject::Case,
            level: 2,
            verdict: Verdict::of_log(*errno, (*log).to_owned(), 2),
            release: None,
        };
        Recording {
            kernel: kernel.to_owned(),
            release: format!("{kernel}.1"),
            entries: logs.iter().map(entry).collect(),
        }
    }

    #[test]
    fn flips_come_first() {
        let accepted = "processed 1 insns (limit 1)\n";
        let before =
            recording("6.1", &[("a", 0, accepted), ("b", 13, "x\n"), ("c", 13, "y\n"), ("d", 0, accepted)]);
        let after = recording(
            "7.3",
            &[("a", 0, accepted), ("b", 13, "z | z\n"), ("c", 0, accepted), ("d", 0, "l\n")],
        );
        let changes = diff(&before, &after);
        let found: Vec<(Kind, &str)> =
            changes.iter().map(|change| (change.kind, change.case.as_str())).collect();
        assert_eq!(found, [(Kind::Verdict, "c"), (Kind::Outcome, "b"), (Kind::Outcome, "d")]);
        let mut table = Vec::new();
        markdown(&mut table, &before, &after, &changes).unwrap();
        let table = String::from_utf8(table).unwrap();
        assert!(table.contains("| class | c | **reject: y** | **accept (1 processed)** |"), "{table}");
        assert!(table.contains("z \\| z"), "{table}");
    }
}
