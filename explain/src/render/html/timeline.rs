//! What each register holds along the path, as small multiples: steps from left to right, one row a register.
//!
//! Numbers and offsets stand on a symmetric logarithmic scale of each row's own, since 2, 508 and 4294967295 meet in one
//! register. A pointer is a band with its kind's colour and name, and its offset is the line in it.

use std::fmt::{self, Write};

use super::Subject;
use super::history::{self, History, Stretch};
use super::text::{esc, minus, range};
use crate::diagnosis::TraceRegister;

/// The height of a row, and the gap below it.
const ROW: f64 = 46.0;
const GAP: f64 = 8.0;

/// The space above the rows, for the marks of the story.
const TOP: f64 = 26.0;

/// The space below the rows, for the axis.
const BOTTOM: f64 = 34.0;

/// The room behind the last step, in which labels may run on.
const AFTER: f64 = 150.0;

/// The width of the labels' column.
const LABELS: f64 = 92.0;

/// The width of a character of the labels, at most.
const CHAR: f64 = 6.3;

/// Numbers that span more than this are as good as any number.
const ANY: i128 = 1 << 62;

/// Draws the time line; nothing if the log shows no states.
pub(super) fn draw(out: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let trace = &subject.explanation.trace;
    let rows: Vec<History<'_>> =
        history::histories(trace).into_iter().filter(|row| !is_frame_pointer(row)).collect();
    if rows.is_empty() {
        return out.write_str("<p class=\"quiet\">The log shows no state of a register.</p>\n");
    }
    let first = history::first_step(trace);
    let steps = &trace.path[first..];
    let width = (1_000.0 / steps.len().max(1) as f64).clamp(6.0, 26.0).round();
    let height = TOP + rows.len() as f64 * (ROW + GAP) + BOTTOM;
    let scales: Vec<Scale> = rows.iter().map(Scale::of).collect();
    labels(out, subject, &rows, &scales, height)?;
    let whole = steps.len() as f64 * width + AFTER;
    write!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Registers along the path\"><svg class=\"timeline\" data-step=\"{width}\" data-first=\"{first}\" data-top=\"{TOP}\" data-row=\"{}\" width=\"{whole:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {whole:.0} {height:.0}\" aria-hidden=\"true\">\n",
        ROW + GAP
    )?;
    writeln!(
        out,
        "<rect class=\"cursor\" x=\"-99\" y=\"{:.0}\" width=\"{width}\" height=\"{:.0}\"/>",
        TOP - 22.0,
        height - BOTTOM - TOP + 26.0
    )?;
    for (number, (row, scale)) in rows.iter().zip(&scales).enumerate() {
        let y = TOP + number as f64 * (ROW + GAP);
        draw_row(out, row, scale, y, width, steps.len())?;
    }
    axis(out, subject, first, width, height)?;
    out.push_str("</svg></div>\n");
    Ok(())
}

/// The frame pointer never changes: no row for it.
fn is_frame_pointer(row: &History<'_>) -> bool {
    row.register == 10
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
    for (number, (row, scale)) in rows.iter().zip(scales).enumerate() {
        let y = TOP + number as f64 * (ROW + GAP);
        let name = format!("r{}", row.register);
        let class = if at_fault == Some(&name) { "reg bad" } else { "reg" };
        writeln!(out, "<text class=\"{class}\" x=\"4\" y=\"{:.1}\">{name}</text>", y + 17.0)?;
        if row.frame > 0 {
            writeln!(out, "<text class=\"tick\" x=\"4\" y=\"{:.1}\">frame {}</text>", y + 31.0, row.frame)?;
        }
        let (low, high) = (scale.low, scale.high);
        if low != high {
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
}

fn bounded(holds: &TraceRegister) -> Option<(i64, i64)> {
    holds.range.filter(|(low, high)| i128::from(*high) - i128::from(*low) < ANY)
}

fn symmetric_log(number: i64) -> f64 {
    let number = number as f64;
    number.signum() * (1.0 + number.abs()).log2()
}

impl Scale {
    fn of(row: &History<'_>) -> Self {
        let ranges = || row.stretches.iter().filter_map(|stretch| bounded(stretch.holds));
        let low = ranges().map(|(low, _)| low).min().unwrap_or(0).min(0);
        let high = ranges().map(|(_, high)| high).max().unwrap_or(0).max(0);
        Self { low, high }
    }

    /// How far below the upper rim of a row a number stands.
    fn y(&self, number: i64) -> f64 {
        let (low, high) = (symmetric_log(self.low), symmetric_log(self.high));
        let inner = ROW - 20.0;
        if high - low < 0.5 {
            return 16.0 + inner / 2.0;
        }
        16.0 + (high - symmetric_log(number)) / (high - low) * inner
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

fn draw_row(
    out: &mut String,
    row: &History<'_>,
    scale: &Scale,
    y: f64,
    width: f64,
    steps: usize,
) -> fmt::Result {
    let end = steps as f64 * width;
    writeln!(out, "<rect class=\"lane\" x=\"0\" y=\"{y:.1}\" width=\"{end:.1}\" height=\"{ROW}\"/>")?;
    for (number, stretch) in row.stretches.iter().enumerate() {
        // A label may run on into a gap, or behind the last step.
        let room_to = match row.stretches.get(number + 1) {
            Some(next) => next.from as f64 * width,
            None => end + AFTER,
        };
        draw_stretch(out, row, stretch, scale, y, width, room_to)?;
    }
    Ok(())
}

fn draw_stretch(
    out: &mut String,
    row: &History<'_>,
    stretch: &Stretch<'_>,
    scale: &Scale,
    y: f64,
    width: f64,
    room_to: f64,
) -> fmt::Result {
    let holds = stretch.holds;
    let (x, wide) = (stretch.from as f64 * width, (stretch.to - stretch.from) as f64 * width);
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
            "<rect class=\"band\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{ROW}\" rx=\"2\"/><rect class=\"rim\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"3\"/>",
            wide - 1.0,
            wide - 1.0
        )?;
    }
    match known {
        Some((low, high)) => {
            let (top, bottom) = (y + scale.y(high), y + scale.y(low));
            write!(
                out,
                "<rect class=\"value\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"1\"/>",
                top - 1.25,
                wide - 1.0,
                bottom - top + 2.5
            )?;
        }
        None => write!(
            out,
            "<rect class=\"any\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            y + 14.0,
            wide - 1.0,
            ROW - 16.0
        )?,
    }
    let label = label(holds, known);
    let room = ((room_to - x - 5.0) / CHAR).max(0.0) as usize;
    let chars = label.chars().count();
    if chars <= room {
        write!(out, "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", x + 3.0, y + 12.5, esc(&label))?;
    } else if let Some(short) = label.split_once(' ').map(|(kind, _)| kind).filter(|kind| kind.len() <= room)
    {
        write!(out, "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", x + 3.0, y + 12.5, esc(short))?;
    }
    out.push_str("</g>\n");
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

fn axis(out: &mut String, subject: &Subject<'_>, first: usize, width: f64, height: f64) -> fmt::Result {
    let steps = &subject.explanation.trace.path[first..];
    let every = (34.0 / width).ceil().max(1.0) as usize;
    let line = height - BOTTOM + 2.0;
    writeln!(out, "<path class=\"axis\" d=\"M0 {line:.1}H{:.1}\"/>", steps.len() as f64 * width)?;
    let last = steps.len().saturating_sub(1);
    for (column, step) in steps.iter().enumerate() {
        let x = (column as f64 + 0.5) * width;
        let fails = column == last && subject.fails_at(step.insn);
        if column == last || column % every == 0 && column + every <= last {
            writeln!(
                out,
                "<path class=\"axis\" d=\"M{x:.1} {line:.1}v4\"/><text class=\"tick middle\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
                line + 16.0,
                step.insn
            )?;
        }
        if let Some(number) = subject
            .story_number(step.insn)
            .filter(|_| subject.last_step_of(step.insn) == Some(first + column))
        {
            writeln!(
                out,
                "<g class=\"mark{}\"><path d=\"M{x:.1} {TOP}V{line:.1}\"/><circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"8\"/><text x=\"{x:.1}\" y=\"{:.1}\">{}</text></g>",
                if fails { " bad" } else { "" },
                TOP - 13.0,
                TOP - 9.6,
                if fails { "✕".to_owned() } else { number.to_string() }
            )?;
        }
    }
    writeln!(out, "<text class=\"tick\" x=\"2\" y=\"{:.1}\">instruction →</text>", line + 30.0)
}
