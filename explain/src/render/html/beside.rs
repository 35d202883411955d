//! The log as it stands, and the program with its source beside it.

use std::fmt::{self, Write};

use super::Subject;
use super::text::esc;
use crate::counted::counted;
use crate::reading::SourceText;

/// The most instructions that the table of the program has, around those of the story.
const MOST_ROWS: usize = 2_000;

/// Draws the lines of the log. Those of instructions are links to the instruction.
pub(super) fn log(out: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let text = &subject.explanation.trace.log;
    if text.is_empty() {
        return Ok(());
    }
    let id = &subject.id;
    writeln!(
        out,
        "<section class=\"logbox\" aria-labelledby=\"{id}-log\"><h3 id=\"{id}-log\">The log</h3>\n<div class=\"scroll tall\" tabindex=\"0\" role=\"group\" aria-label=\"The log, line by line\"><ol class=\"raw\">"
    )?;
    let faulty = subject.explanation.diagnosis.message.as_str();
    let mut last = 0;
    for (number, line) in text.lines() {
        if number > last + 1 {
            writeln!(out, "<li class=\"cut\">… {} …</li>", counted((number - last - 1) as u64, "line"))?;
        }
        last = number;
        let class = if !faulty.is_empty() && *line.text == *faulty { " class=\"bad\"" } else { "" };
        write!(out, "<li value=\"{number}\"{class}>")?;
        match line.insn.filter(|slot| subject.is_listed(*slot)) {
            Some(slot) => write!(
                out,
                "<a class=\"raw-i\" href=\"#{id}-p{slot}\" data-i=\"{slot}\"{}>{}</a>",
                mark(subject, slot),
                esc(&line.text)
            )?,
            None => write!(out, "{}", esc(&line.text))?,
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ol></div></section>\n");
    Ok(())
}

/// The story's number of an instruction, which the style puts at the line's rim.
fn mark(subject: &Subject<'_>, slot: usize) -> String {
    match subject.story_number(slot) {
        _ if subject.fails_at(slot) => " data-mark=\"✕\"".to_owned(),
        Some(number) => format!(" data-mark=\"{number}\""),
        None => String::new(),
    }
}

/// Draws the program as a table: the source line of each run of instructions on the left, the instructions on the right.
pub(super) fn program(out: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let rows = subject.rows();
    let trace = &subject.explanation.trace;
    let has_source = !trace.sources.is_empty();
    let id = &subject.id;
    let title = if has_source { "Source and instructions" } else { "Instructions" };
    writeln!(
        out,
        "<section class=\"besidebox\" aria-labelledby=\"{id}-beside\"><h3 id=\"{id}-beside\">{title}</h3>\n<div class=\"scroll tall\" tabindex=\"0\" role=\"group\" aria-label=\"{title}\"><table class=\"beside\"><thead class=\"unseen\"><tr><th scope=\"col\">Source</th><th scope=\"col\">Instruction</th></tr></thead><tbody>"
    )?;
    let mut last: Option<&SourceText> = None;
    let mut before = None;
    for index in rows {
        let Some((slot, text)) = subject.insn(index) else { continue };
        if before.is_some_and(|before| before + 1 < index) {
            out.push_str("<tr class=\"cut\"><td></td><td>…</td></tr>\n");
        }
        before = Some(index);
        let source = trace.sources.get(&slot);
        let mut class = String::new();
        if subject.fails_at(slot) {
            class.push_str("bad ");
        }
        if subject.is_walked(slot) {
            class.push_str("walked ");
        }
        if source.is_some() && source != last {
            class.push_str("line ");
        }
        write!(out, "<tr id=\"{id}-p{slot}\" data-i=\"{slot}\" class=\"{}\"><td>", class.trim_end())?;
        if let Some(source) = source.filter(|now| Some(*now) != last) {
            if let Some(line) = source.line {
                let file = source.file.as_deref().unwrap_or_default();
                write!(out, "<span class=\"place\" title=\"{}\">{line}</span> ", esc(file))?;
            }
            write!(out, "<code>{}</code>", esc(&source.text))?;
        }
        last = source.or(last);
        writeln!(
            out,
            "</td><td><a class=\"here\" href=\"#{id}-p{slot}\" data-i=\"{slot}\"{}><span class=\"n\">{slot}</span> <code>{}</code></a></td></tr>",
            mark(subject, slot),
            esc(text)
        )?;
    }
    out.push_str("</tbody></table></div></section>\n");
    Ok(())
}

/// The indices of the listing that the table has: all, or those around the story of a long program.
pub(super) fn rows(listing: &[(usize, u8, String)], shown: &std::collections::BTreeSet<usize>) -> Vec<usize> {
    if listing.len() <= MOST_ROWS {
        return (0..listing.len()).collect();
    }
    let around = MOST_ROWS / (2 * shown.len().max(1));
    let mut rows: Vec<usize> = shown
        .iter()
        .filter_map(|slot| listing.binary_search_by_key(slot, |(at, ..)| *at).ok())
        .flat_map(|index| index.saturating_sub(around)..(index + around).min(listing.len()))
        .collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}
