//! What each register holds along the path, as small multiples: steps from left to right, one row a register.
//!
//! Numbers and offsets stand on a symmetric logarithmic scale of each row's own, since 2, 508 and 4294967295 meet in one
//! register. The scale is that of the story's numbers if the register has a part in it; larger ones are cut at the rim, with
//! a mark. A pointer is a band with its kind's colour and name, and its offset is the line in it. Steps of the story are wider
//! than others, so that their numbers can be read.

use std::fmt::{self, Write};

use knockwright_asm::Reg;

use super::Subject;
use super::history::{self, History, Stretch};
use super::text::{esc, minus, range};
use crate::counted::counted;
use crate::diagnosis::TraceRegister;

/// The height of a row, and the gap below it.
const ROW: f64 = 46.0;

/// The height of a row in which nothing changes and no number is drawn: its label fits.
const FLAT_ROW: f64 = 18.0;
const GAP: f64 = 8.0;

/// The space above the rows, for the marks of the story.
const TOP: f64 = 38.0;

/// The space below the rows, for the axis.
const BOTTOM: f64 = 34.0;

/// The room after the last step, in which labels may run on.
const AFTER: f64 = 150.0;

/// The width of the labels' column.
const LABELS: f64 = 92.0;

/// The width of a character of the labels, at most.
const CHAR: f64 = 6.3;

/// The width of a step of the story, in which a label fits.
const STORY_STEP: f64 = 48.0;

/// The width that the whole time line should have, if it may.
const WIDTH: f64 = 1_000.0;

/// Numbers that span more than this are as good as any number.
const ANY: i128 = 1 << 62;

/// Draws the time line.
pub(super) fn draw(out: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let trace = &subject.explanation.trace;
    let rows: Vec<History<'_>> =
        history::histories(trace).into_iter().filter(|row| !is_frame_pointer(row)).collect();
    if rows.is_empty() {
        return out.write_str("<p class=\"quiet\">The log shows no state of a register on this path.</p>\n");
    }
    let columns = Columns::new(subject);
    let mut height = TOP;
    let scales: Vec<Scale> = rows
        .iter()
        .map(|row| {
            let scale = Scale::of(row, &columns, subject.tells_of(row.register), height);
            height += scale.height + GAP;
            scale
        })
        .collect();
    height += BOTTOM;
    out.push_str(
        "<p class=\"lead\">Numbers as ranges, pointers as bands with their offset; a gap is a state that the log doesn't show. Each row has its own scale; teeth mark what reaches beyond it.",
    );
    if trace.left_out + columns.first > 0 {
        write!(
            out,
            " Only the end of the path is drawn: its last {} of {}.",
            trace.path.len() - columns.first,
            counted((trace.left_out + trace.path.len()) as u64, "instruction")
        )?;
    }
    out.push_str("</p>\n<div class=\"timebox\">");
    labels(out, subject, &rows, &scales, height)?;
    let whole = columns.end() + AFTER;
    let lefts: Vec<String> = columns.lefts.iter().map(|x| format!("{x:.0}")).collect();
    writeln!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Registers along the path\"><svg class=\"timeline\" data-x=\"{}\" width=\"{whole:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {whole:.0} {height:.0}\" aria-hidden=\"true\">",
        lefts.join(" ")
    )?;
    writeln!(
        out,
        "<rect class=\"cursor\" x=\"-99\" y=\"2\" width=\"20\" height=\"{:.0}\"/>",
        height - BOTTOM
    )?;
    for (row, scale) in rows.iter().zip(&scales) {
        draw_row(out, row, scale, &columns)?;
    }
    axis(out, subject, &columns, height)?;
    out.push_str("</svg></div></div>\n<p class=\"readout\" aria-hidden=\"true\"></p>\n");
    Ok(())
}

/// Where each step stands.
struct Columns {
    /// The first step that is drawn.
    first: usize,
    /// The left rim of each step, and the right one of the last.
    lefts: Vec<f64>,
    /// The steps of the story.
    story: Vec<usize>,
}

impl Columns {
    fn new(subject: &Subject<'_>) -> Self {
        let trace = &subject.explanation.trace;
        let first = history::first_step(trace);
        let steps = &trace.path[first..];
        let is_story = |column: usize| {
            let slot = steps[column].insn;
            subject.story_number(slot).is_some() && subject.last_step_of(slot) == Some(first + column)
        };
        let story: Vec<usize> = (0..steps.len()).filter(|column| is_story(*column)).collect();
        let others = (steps.len() - story.len()).max(1) as f64;
        let width = ((WIDTH - story.len() as f64 * STORY_STEP) / others).clamp(6.0, 24.0).floor();
        let mut lefts = vec![0.0];
        let mut x = 0.0;
        for column in 0..steps.len() {
            x += if story.contains(&column) { STORY_STEP } else { width };
            lefts.push(x);
        }
        Self { first, lefts, story }
    }

    fn left(&self, column: usize) -> f64 {
        self.lefts.get(column).copied().unwrap_or_else(|| self.end())
    }

    fn middle(&self, column: usize) -> f64 {
        (self.left(column) + self.left(column + 1)) / 2.0
    }

    fn end(&self) -> f64 {
        self.lefts.last().copied().unwrap_or_default()
    }
}

/// The frame pointer never changes: no row for it.
fn is_frame_pointer(row: &History<'_>) -> bool {
    row.register == Reg::R10.number()
}

fn labels(
    out: &mut String,
    subject: &Subject<'_>,
    rows: &[History<'_>],
    scales: &[Scale],
    height: f64,
) -> fmt::Result {
    writeln!(
        out,
        "<svg class=\"timelabels\" width=\"{LABELS}\" height=\"{height:.0}\" viewBox=\"0 0 {LABELS} {height:.0}\" aria-hidden=\"true\">"
    )?;
    let at_fault = subject.explanation.diagnosis.register.as_deref();
    for (row, scale) in rows.iter().zip(scales) {
        let y = scale.top;
        let name = format!("r{}", row.register);
        let class = if at_fault == Some(&name) { "reg bad" } else { "reg" };
        let line = if scale.height < ROW { 13.0 } else { 17.0 };
        writeln!(out, "<text class=\"{class}\" x=\"4\" y=\"{:.1}\">{name}</text>", y + line)?;
        if row.frame > 0 {
            // Beside the name where there is no room below it.
            let (x, y) = if scale.height < ROW { (30.0, y + 13.0) } else { (4.0, y + 31.0) };
            writeln!(out, "<text class=\"tick\" x=\"{x}\" y=\"{y:.1}\">frame {}</text>", row.frame)?;
        }
        let (low, high) = (scale.low, scale.high);
        if low != high && scale.height == ROW {
            for (value, at) in [(high, y + 9.0), (low, y + ROW)] {
                let x = LABELS - 6.0;
                writeln!(out, "<text class=\"tick end\" x=\"{x}\" y=\"{at:.1}\">{}</text>", brief(value))?;
            }
        }
    }
    out.push_str("</svg>\n");
    Ok(())
}

/// A number that fits beside a scale.
fn brief(number: i64) -> String {
    let magnitude = number.unsigned_abs();
    let sign = if number < 0 { "−" } else { "" };
    match magnitude {
        0..=99_999 => minus(number),
        100_000..=9_999_999 => format!("{sign}{}k", magnitude / 1_000),
        10_000_000..=9_999_999_999 => format!("{sign}{}M", magnitude / 1_000_000),
        _ => format!("{sign}2^{}", 64 - (magnitude - 1).leading_zeros()),
    }
}

/// The numbers of a row, and where they stand.
struct Scale {
    low: i64,
    high: i64,
    /// Where the row begins, and how high it is.
    top: f64,
    height: f64,
}

fn bounded(holds: &TraceRegister) -> Option<(i64, i64)> {
    holds.range.filter(|(low, high)| i128::from(*high) - i128::from(*low) < ANY)
}

impl Scale {
    fn of(row: &History<'_>, columns: &Columns, tells_of_it: bool, top: f64) -> Self {
        let in_story =
            |stretch: &Stretch<'_>| columns.story.iter().any(|at| (stretch.from..stretch.to).contains(at));
        let mut ranges: Vec<(i64, i64)> = row
            .stretches
            .iter()
            .filter(|stretch| in_story(stretch))
            .filter_map(|stretch| bounded(stretch.holds))
            .collect();
        if !tells_of_it || ranges.iter().all(|range| *range == (0, 0)) {
            ranges = row.stretches.iter().filter_map(|stretch| bounded(stretch.holds)).collect();
        }
        let low = ranges.iter().map(|(low, _)| *low).min().unwrap_or(0).min(0);
        let high = ranges.iter().map(|(_, high)| *high).max().unwrap_or(0).max(0);
        // One state throughout, of which there is no more to draw than its name.
        let is_flat = row.stretches.len() == 1 && low == high;
        Self { low, high, top, height: if is_flat { FLAT_ROW } else { ROW } }
    }

    /// Logarithmic but for numbers near zero; small scales are nearly linear.
    fn symmetric_log(&self, number: i64) -> f64 {
        let most = self.low.unsigned_abs().max(self.high.unsigned_abs()) as f64;
        let linear = if most <= 4_096.0 { (most / 16.0).max(1.0) } else { 1.0 };
        let number = number as f64;
        number.signum() * (1.0 + number.abs() / linear).log2()
    }

    /// Whether a range reaches beyond the scale.
    fn is_cut(&self, low: i64, high: i64) -> bool {
        low < self.low || high > self.high
    }

    /// How far below the upper rim of a row a number stands.
    fn y(&self, number: i64) -> f64 {
        let number = number.clamp(self.low, self.high);
        let (low, high) = (self.symmetric_log(self.low), self.symmetric_log(self.high));
        let inner = ROW - 20.0;
        if high - low < 0.5 {
            return 16.0 + inner / 2.0;
        }
        16.0 + (high - self.symmetric_log(number)) / (high - low) * inner
    }
}

/// The class that gives a kind its colour.
fn hue(kind: &str) -> &'static str {
    match kind.trim_end_matches("_or_null") {
        "scalar" => "scalar",
        "map_value" | "map_key" => "map",
        "map_ptr" => "ref",
        "pkt" | "pkt_meta" | "pkt_end" => "pkt",
        "ctx" => "ctx",
        "fp" => "fp",
        kind if kind.contains("mem") || kind.contains("buf") => "mem",
        _ => "other",
    }
}

fn draw_row(out: &mut String, row: &History<'_>, scale: &Scale, columns: &Columns) -> fmt::Result {
    let (y, height) = (scale.top, scale.height);
    let end = columns.end();
    writeln!(out, "<rect class=\"lane\" x=\"0\" y=\"{y:.1}\" width=\"{end:.1}\" height=\"{height}\"/>")?;
    for (number, stretch) in row.stretches.iter().enumerate() {
        // A label may run on into a gap, or after the last step.
        let room_to = match row.stretches.get(number + 1) {
            Some(next) => columns.left(next.from),
            None => end + AFTER,
        };
        draw_stretch(out, row, stretch, scale, columns, room_to)?;
    }
    Ok(())
}

fn draw_stretch(
    out: &mut String,
    row: &History<'_>,
    stretch: &Stretch<'_>,
    scale: &Scale,
    columns: &Columns,
    room_to: f64,
) -> fmt::Result {
    let (y, height) = (scale.top, scale.height);
    let holds = stretch.holds;
    let x = columns.left(stretch.from);
    let wide = columns.left(stretch.to) - x;
    let known = bounded(holds);
    let is_scalar = holds.kind == "scalar";
    write!(
        out,
        "<g class=\"seg {}{}\" data-a=\"{}\" data-b=\"{}\" data-r=\"{}\" data-f=\"{}\"><title>r{} = {}</title>",
        hue(&holds.kind),
        if holds.kind.ends_with("_or_null") { " maybe" } else { "" },
        stretch.from,
        stretch.to,
        row.register,
        row.frame,
        row.register,
        esc(&holds.state)
    )?;
    if !is_scalar {
        write!(
            out,
            "<rect class=\"band\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height}\" rx=\"2\"/><rect class=\"rim\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"3\"/>",
            wide - 1.0,
            wide - 1.0
        )?;
    }
    match known {
        Some(_) if height < ROW => {}
        Some((low, high)) => {
            let (top, bottom) = (y + scale.y(high), y + scale.y(low));
            write!(
                out,
                "<rect class=\"value\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"1\"/>",
                top - 1.25,
                wide - 1.0,
                bottom - top + 2.5
            )?;
            if scale.is_cut(low, high) {
                // Teeth where the bar goes on.
                write!(out, "<path class=\"cut\" d=\"M{x:.1} {:.1}l3 -4 3 4 3 -4 3 4z\"/>", top - 1.0)?;
            }
        }
        None if height < ROW => {}
        None => write!(
            out,
            "<rect class=\"any\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            y + 14.0,
            wide - 1.0,
            ROW - 16.0
        )?,
    }
    draw_label(out, &label(holds, known), (x, y), room_to)?;
    out.push_str("</g>\n");
    Ok(())
}

/// Writes what a stretch holds, as much of it as there is room for.
fn draw_label(out: &mut String, label: &str, (x, y): (f64, f64), room_to: f64) -> fmt::Result {
    let room = ((room_to - x - 5.0) / CHAR).max(0.0) as usize;
    let chars = label.chars().count();
    if chars <= room {
        write!(out, "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", x + 3.0, y + 12.5, esc(label))?;
    } else if let Some(short) = label.split_once(' ').map(|(kind, _)| kind).filter(|kind| kind.len() <= room)
    {
        write!(out, "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", x + 3.0, y + 12.5, esc(short))?;
    }
    Ok(())
}

fn label(holds: &TraceRegister, known: Option<(i64, i64)>) -> String {
    let is_scalar = holds.kind == "scalar";
    let kind = match holds.kind.strip_suffix("_or_null") {
        Some(kind) => format!("{kind}?"),
        None => holds.kind.clone(),
    };
    match known {
        Some((low, high)) if is_scalar => range(low, high),
        Some((0, 0)) => kind,
        Some((low, high)) => format!("{kind} {}{}", if low >= 0 { "+" } else { "" }, range(low, high)),
        None if is_scalar => "any".to_owned(),
        None => kind,
    }
}

fn axis(out: &mut String, subject: &Subject<'_>, columns: &Columns, height: f64) -> fmt::Result {
    let steps = &subject.explanation.trace.path[columns.first..];
    let line = height - BOTTOM + 2.0;
    writeln!(out, "<path class=\"axis\" d=\"M0 {line:.1}H{:.1}\"/>", columns.end())?;
    let last = steps.len().saturating_sub(1);
    // Ticks for the story's steps first, then for others where there is room.
    let mut ticks: Vec<usize> = columns.story.clone();
    ticks.extend([0, last]);
    ticks.extend(0..steps.len());
    let mut drawn: Vec<f64> = Vec::new();
    for column in ticks {
        let x = columns.middle(column);
        if drawn.iter().any(|other| (x - other).abs() < 36.0) {
            continue;
        }
        drawn.push(x);
        writeln!(
            out,
            "<path class=\"axis\" d=\"M{x:.1} {line:.1}v4\"/><text class=\"tick middle\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
            line + 16.0,
            steps[column].insn
        )?;
    }
    for column in &columns.story {
        let (x, slot) = (columns.middle(*column), steps[*column].insn);
        let Some(number) = subject.story_number(slot) else { continue };
        let fails = *column == last && subject.fails_at(slot);
        writeln!(
            out,
            "<g class=\"mark{}\"><path d=\"M{x:.1} {:.1}V{line:.1}\"/><circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"8\"/><text x=\"{x:.1}\" y=\"{:.1}\">{}</text></g>",
            if fails { " bad" } else { "" },
            TOP - 20.0,
            TOP - 28.0,
            TOP - 24.6,
            if fails { "✕".to_owned() } else { number.to_string() }
        )?;
    }
    writeln!(out, "<text class=\"tick\" x=\"2\" y=\"{:.1}\">instruction →</text>", line + 30.0)
}
