//! The control-flow graph as SVG.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::Subject;
use super::flow::{Block, Edge, Flow, Row, Way};
use super::layout::{Graph, Layout, layout};
use super::text::{esc, shortened};
use crate::counted::counted;

/// The height of an instruction.
const ROW: f64 = 20.0;

/// The width of a character of the instructions' font, at most.
const CHAR: f64 = 7.3;

/// Where the text of an instruction starts in its block.
const TEXT: f64 = 66.0;

/// The most characters of an instruction that are drawn.
const MOST_CHARS: usize = 52;

/// The free space around the picture.
const MARGIN: f64 = 20.0;

/// The space above and below the instructions of a block.
const PADDING: f64 = 4.0;

/// Draws the graph.
pub(super) fn draw(out: &mut String, subject: &Subject<'_>, flow: &Flow) -> fmt::Result {
    let sizes: Vec<(f64, f64)> = flow.blocks.iter().map(|block| size(subject, block)).collect();
    let weight = |edge: &Edge| if edge.on_path { 24.0 } else { 1.0 };
    let graph = Graph {
        nodes: sizes.clone(),
        edges: flow.edges.iter().map(|edge| (edge.from, edge.to, weight(edge))).collect(),
    };
    let layout = layout(&graph);
    let (width, height) = (layout.width + 2.0 * MARGIN + 24.0, layout.height + 2.0 * MARGIN);
    write!(
        out,
        "<svg class=\"graph\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"group\" aria-label=\"Control-flow graph of {} blocks\">\n<g transform=\"translate({MARGIN} {MARGIN})\">\n",
        flow.blocks.len()
    )?;
    edges(out, flow, &sizes, &layout)?;
    for (number, block) in flow.blocks.iter().enumerate() {
        draw_block(out, subject, block, layout.nodes[number], sizes[number])?;
    }
    out.push_str("</g>\n</svg>\n");
    Ok(())
}

fn row_text(subject: &Subject<'_>, row: &Row) -> String {
    match row {
        Row::Insn(at) => shortened(subject.insn(*at).map_or("", |(_, text)| text), MOST_CHARS),
        Row::LeftOut(many) => format!("{} not drawn", counted(*many as u64, "instruction")),
        Row::Unseen { slot, jump: true } => format!("jump to {slot}: not in the log"),
        Row::Unseen { slot, jump: false } => format!("on to {slot}: not in the log"),
    }
}

fn size(subject: &Subject<'_>, block: &Block) -> (f64, f64) {
    let chars = block.rows.iter().map(|row| row_text(subject, row).chars().count()).max().unwrap_or_default();
    (TEXT + chars.max(12) as f64 * CHAR + 12.0, block.rows.len() as f64 * ROW + 2.0 * PADDING)
}

fn draw_block(
    out: &mut String,
    subject: &Subject<'_>,
    block: &Block,
    (x, y): (f64, f64),
    (width, height): (f64, f64),
) -> fmt::Result {
    let fails = block.rows.iter().any(|row| matches!(row, Row::Insn(at) if subject.insn(*at).is_some_and(|(slot, _)| subject.fails_at(slot))));
    let class = match (fails, block.on_path) {
        (true, _) => "block on fails",
        (false, true) => "block on",
        (false, false) => "block",
    };
    writeln!(
        out,
        "<g class=\"{class}\" transform=\"translate({x:.1} {y:.1})\"><rect class=\"box\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"5\"/>"
    )?;
    if block.starts_function {
        out.push_str("<text class=\"caption\" x=\"4\" y=\"-5\">function</text>");
    }
    for (place, row) in block.rows.iter().enumerate() {
        let top = PADDING + place as f64 * ROW;
        let text = row_text(subject, row);
        let Row::Insn(at) = row else {
            writeln!(out, "<text class=\"aside\" x=\"{TEXT}\" y=\"{:.1}\">{}</text>", top + 14.0, esc(text))?;
            continue;
        };
        let Some((slot, whole)) = subject.insn(*at) else { continue };
        draw_insn(out, subject, slot, whole, &text, top, width)?;
    }
    out.push_str("</g>\n");
    Ok(())
}

fn draw_insn(
    out: &mut String,
    subject: &Subject<'_>,
    slot: usize,
    whole: &str,
    text: &str,
    top: f64,
    width: f64,
) -> fmt::Result {
    let (story, fails) = (subject.story_number(slot), subject.fails_at(slot));
    let mut class = String::from("i");
    for (name, holds) in [("why", story.is_some()), ("bad", fails), ("walked", subject.is_walked(slot))] {
        if holds {
            class.push(' ');
            class.push_str(name);
        }
    }
    write!(
        out,
        "<g class=\"{class}\" id=\"{}-i{slot}\" data-i=\"{slot}\"><rect x=\"2\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{ROW}\" rx=\"3\"/>",
        subject.id,
        width - 4.0
    )?;
    if whole != text {
        write!(out, "<title>{slot}: {}</title>", esc(whole))?;
    }
    if let Some(number) = story {
        write!(
            out,
            "<circle cx=\"14\" cy=\"{:.1}\" r=\"8\"/><text class=\"num\" x=\"14\" y=\"{:.1}\">{}</text>",
            top + ROW / 2.0,
            top + ROW / 2.0 + 3.4,
            if fails { "✕".to_owned() } else { number.to_string() }
        )?;
    }
    let line = top + 14.0;
    write!(
        out,
        "<text y=\"{line:.1}\"><tspan class=\"n\" x=\"{:.0}\">{slot}</tspan><tspan x=\"{TEXT}\">{}</tspan></text>",
        TEXT - 8.0,
        esc(text)
    )?;
    if let Some(guard) = subject.guard_before(slot) {
        write!(
            out,
            "<g class=\"guardline\"><title>The guard goes here: {0}</title><path d=\"M2 {top:.1}H{1:.1}\"/><path d=\"M{2:.1} {3:.1}l-8 -4v8z\"/></g>",
            esc(guard),
            width - 2.0,
            width + 1.0 - 2.0,
            top
        )?;
    }
    out.push_str("</g>\n");
    Ok(())
}

/// A piece of an edge, in tenths of pixels, so that bundled edges are drawn once.
type Piece = ((i64, i64), (i64, i64));

/// Where an arrow points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tip {
    Down,
    Up,
}

#[derive(Default)]
struct Pieces {
    /// Each piece, and whether the path runs along.
    lines: BTreeMap<Piece, bool>,
    arrows: BTreeMap<(i64, i64, Tip), bool>,
    dots: BTreeMap<(i64, i64), bool>,
}

fn tenths((x, y): (f64, f64)) -> (i64, i64) {
    ((x * 10.0).round() as i64, (y * 10.0).round() as i64)
}

impl Pieces {
    fn line(&mut self, from: (f64, f64), to: (f64, f64), on_path: bool) {
        if tenths(from) != tenths(to) {
            *self.lines.entry((tenths(from), tenths(to))).or_default() |= on_path;
        }
    }

    fn arrow(&mut self, at: (f64, f64), tip: Tip, on_path: bool) {
        let (x, y) = tenths(at);
        *self.arrows.entry((x, y, tip)).or_default() |= on_path;
    }

    fn draw(&self, out: &mut String, class: &str) -> fmt::Result {
        for on_path in [false, true] {
            let suffix = if on_path { " on" } else { "" };
            let lines: Vec<_> = self.lines.iter().filter(|(_, on)| **on == on_path).collect();
            if !lines.is_empty() {
                write!(out, "<path class=\"edge {class}{suffix}\" d=\"")?;
                for ((from, to), _) in lines {
                    let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(|tenth| tenth as f64 / 10.0);
                    if from.0 == to.0 {
                        write!(out, "M{x1} {y1}V{y2}")?;
                    } else {
                        let middle = (y1 + y2) / 2.0;
                        write!(out, "M{x1} {y1}C{x1} {middle:.1} {x2} {middle:.1} {x2} {y2}")?;
                    }
                }
                out.push_str("\"/>\n");
            }
            let arrows: Vec<_> = self.arrows.iter().filter(|(_, on)| **on == on_path).collect();
            let dots: Vec<_> = self.dots.iter().filter(|(_, on)| **on == on_path).collect();
            if arrows.is_empty() && dots.is_empty() {
                continue;
            }
            write!(out, "<path class=\"head{suffix}\" d=\"")?;
            for ((x, y, tip), _) in arrows {
                let (x, y) = (*x as f64 / 10.0, *y as f64 / 10.0);
                let back = if *tip == Tip::Up { 8 } else { -8 };
                write!(out, "M{x} {y}l-4.5 {back}h9z")?;
            }
            for ((x, y), _) in dots {
                let (x, y) = (*x as f64 / 10.0 - 3.0, *y as f64 / 10.0);
                write!(out, "M{x:.1} {y}a3 3 0 0 0 6 0a3 3 0 0 0 -6 0z")?;
            }
            out.push_str("\"/>\n");
        }
        Ok(())
    }
}

#[expect(clippy::too_many_lines, reason = "three kinds of edges, drawn one after the other")]
fn edges(out: &mut String, flow: &Flow, sizes: &[(f64, f64)], layout: &Layout) -> fmt::Result {
    let mut kinds: [Pieces; 3] = Default::default();
    // Edges leave a block side by side, in the order of where they lead.
    let mut leaving: BTreeMap<usize, Vec<(f64, usize)>> = BTreeMap::new();
    let centre = |node: usize| layout.nodes[node].0 + sizes[node].0 / 2.0;
    for (number, edge) in flow.edges.iter().enumerate() {
        if !layout.back[number] && edge.from != edge.to {
            let towards = layout.bends[number].first().map_or_else(|| centre(edge.to), |(x, _)| *x);
            leaving.entry(edge.from).or_default().push((towards, number));
        }
    }
    let mut ports = vec![0.5; flow.edges.len()];
    for list in leaving.values_mut() {
        list.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (place, (_, number)) in list.iter().enumerate() {
            ports[*number] = (place + 1) as f64 / (list.len() + 1) as f64;
        }
    }
    for (number, edge) in flow.edges.iter().enumerate() {
        let back = layout.back[number];
        let pieces = &mut kinds[if back || edge.from == edge.to {
            1
        } else if edge.way == Way::Call {
            2
        } else {
            0
        }];
        let (from, to) = (layout.nodes[edge.from], layout.nodes[edge.to]);
        let (from_size, to_size) = (sizes[edge.from], sizes[edge.to]);
        let on = edge.on_path;
        if edge.from == edge.to {
            // A loop of one block runs around its right side.
            let (x, bottom) = (from.0 + from_size.0, from.1 + from_size.1);
            let class = if on { "edge back on" } else { "edge back" };
            writeln!(
                out,
                "<path class=\"{class}\" d=\"M{:.1} {bottom:.1}c0 26 34 26 34 0V{:.1}c0 -26 -34 -26 -34 -2\"/>",
                x - 16.0,
                from.1
            )?;
            pieces.arrow((x - 16.0, from.1), Tip::Down, on);
            continue;
        }
        let (start, end, start_rim, end_rim) = if back {
            let start = (from.0 + from_size.0 * 0.85, from.1);
            let end = (to.0 + to_size.0 * 0.85, to.1 + to_size.1);
            (start, end, start, (end.0, layout.floors[edge.to]))
        } else {
            let start = (from.0 + from_size.0 * ports[number], from.1 + from_size.1);
            let end = (to.0 + to_size.0 / 2.0, to.1);
            (start, end, (start.0, layout.floors[edge.from]), end)
        };
        let mut points = vec![start, start_rim];
        points.extend(&layout.bends[number]);
        points.extend([end_rim, end]);
        for pair in points.windows(2) {
            pieces.line(pair[0], pair[1], on);
        }
        pieces.arrow(end, if back { Tip::Up } else { Tip::Down }, on);
        if edge.way == Way::Jump && !back {
            *pieces.dots.entry(tenths(start)).or_default() |= on;
        }
    }
    for (pieces, class) in kinds.iter().zip(["", "back", "call"]) {
        pieces.draw(out, class)?;
    }
    Ok(())
}
