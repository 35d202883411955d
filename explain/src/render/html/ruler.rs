//! The accessed object as a ruler: its members, its end, and the bytes that the access may touch.
//!
//! If the object is small beside the window, inside and outside have scales of their own, with a visible break between.

use std::fmt::{self, Write};

use super::Subject;
use super::text::{esc, minus, shortened};
use crate::counted::counted;
use crate::diagnosis::{Field, Measured, Ruler};
use crate::ruler::NEVER;

/// The width of the picture.
const WIDTH: f64 = 1120.0;

/// The space to the left and right of the scale.
const MARGIN: f64 = 14.0;

/// Where the rows are.
const FIELDS: f64 = 44.0;
const FIELD_ROW: f64 = 40.0;
const WINDOW: f64 = 104.0;
const WINDOW_ROW: f64 = 30.0;
const AXIS: f64 = 152.0;
const HEIGHT: f64 = 186.0;

/// The least share of the width that the object gets.
const LEAST_SHARE: f64 = 0.6;

/// The width of a character of the labels, at most.
const CHAR: f64 = 6.6;

/// From bytes to pixels, by pieces.
pub(super) struct Scale {
    /// Byte and pixel of each knee, in order.
    knees: Vec<(i64, f64)>,
    /// The bytes at which the scale changes.
    breaks: Vec<i64>,
}

impl Scale {
    pub(super) fn of(ruler: &Ruler) -> Self {
        let (start, end) = ruler.view();
        let low = ruler.first.min(start);
        let high = ruler.end.max(end).max(low + 1);
        let (left, right) = (MARGIN, WIDTH - MARGIN);
        let whole = right - left;
        let bytes = |from: i64, to: i64| (i128::from(to) - i128::from(from)) as f64;
        let share = bytes(start, end) / bytes(low, high);
        if share >= LEAST_SHARE || end <= start {
            return Self { knees: vec![(low, left), (high, right)], breaks: Vec::new() };
        }
        let outside = bytes(low, start) + bytes(end, high);
        let before = whole * (1.0 - LEAST_SHARE) * bytes(low, start) / outside;
        let (first, behind) = (left + before, left + before + whole * LEAST_SHARE);
        let mut knees = vec![(low, left), (start, first), (end, behind), (high, right)];
        knees.dedup_by_key(|(byte, _)| *byte);
        let breaks = [(low < start, start), (high > end, end)];
        Self { knees, breaks: breaks.into_iter().filter(|(is, _)| *is).map(|(_, byte)| byte).collect() }
    }

    /// Where a byte starts; bytes off the scale stand at its ends.
    pub(super) fn x(&self, byte: i64) -> f64 {
        let last = self.knees.len() - 1;
        let byte = byte.clamp(self.knees[0].0, self.knees[last].0);
        for pair in self.knees.windows(2) {
            let ((from, left), (to, right)) = (pair[0], pair[1]);
            if byte <= to {
                let part =
                    (i128::from(byte) - i128::from(from)) as f64 / (i128::from(to) - i128::from(from)) as f64;
                return left + part * (right - left);
            }
        }
        self.knees[last].1
    }
}

/// Draws the ruler.
pub(super) fn draw(out: &mut String, subject: &Subject<'_>, ruler: &Ruler) -> fmt::Result {
    let scale = Scale::of(ruler);
    writeln!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\"><svg class=\"ruler\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{0}\">",
        esc(summary(ruler))
    )?;
    writeln!(
        out,
        "<defs><pattern id=\"{}-hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect class=\"hatchground\" width=\"7\" height=\"7\"/><path class=\"hatchline\" d=\"M0 0V7\"/></pattern></defs>",
        subject.id
    )?;
    let (from, to) = ruler.view();
    let (zero, end) = (scale.x(from), scale.x(to));
    writeln!(
        out,
        "<text class=\"title\" x=\"{zero:.1}\" y=\"16\">{}, {}{}</text>",
        esc(&ruler.name),
        counted(ruler.size, "byte"),
        match ruler.measured {
            Measured::Packet => " proven".to_owned(),
            Measured::Stack if from > ruler.start => format!(", from {} on", minus(from)),
            _ => String::new(),
        }
    )?;
    writeln!(
        out,
        "<rect class=\"object\" x=\"{zero:.1}\" y=\"{FIELDS}\" width=\"{:.1}\" height=\"{FIELD_ROW}\"/>",
        end - zero
    )?;
    for (number, field) in ruler.fields.iter().enumerate() {
        draw_field(out, &scale, ruler.start, field, number)?;
    }
    draw_window(out, subject, &scale, ruler)?;
    draw_axis(out, &scale, ruler)?;
    out.push_str("</svg></div>\n");
    Ok(())
}

fn draw_field(out: &mut String, scale: &Scale, start: i64, field: &Field, number: usize) -> fmt::Result {
    let from = start + i64::from(field.offset);
    let to = from + i64::from(field.size);
    let (left, right) = (scale.x(from), scale.x(to));
    let shade = if number.is_multiple_of(2) { "field" } else { "field odd" };
    write!(
        out,
        "<g class=\"{shade}\"><title>{}: bytes {} to {}</title><rect x=\"{left:.1}\" y=\"{FIELDS}\" width=\"{:.1}\" height=\"{FIELD_ROW}\"/>",
        esc(&field.name),
        minus(from),
        minus(to - 1),
        right - left
    )?;
    let each =
        field.elements.filter(|many| *many > 1 && *many <= 64 && (right - left) / f64::from(*many) >= 4.0);
    if let Some(many) = each {
        write!(out, "<path d=\"")?;
        for element in 1..many {
            let x = left + (right - left) * f64::from(element) / f64::from(many);
            write!(out, "M{x:.1} {:.1}v6", FIELDS + FIELD_ROW - 6.0)?;
        }
        out.push_str("\"/>");
    }
    let name = match field.elements {
        Some(many) => format!("{}[{many}]", field.name),
        None => field.name.clone(),
    };
    let last = name.rsplit('.').next().unwrap_or(&name);
    let room = ((right - left - 6.0) / CHAR).max(0.0) as usize;
    let middle = (left + right) / 2.0;
    if let Some(fits) = [name.as_str(), last].into_iter().find(|text| text.chars().count() <= room) {
        write!(out, "<text x=\"{middle:.1}\" y=\"{:.1}\">{}</text>", FIELDS + 23.0, esc(fits))?;
    } else {
        // A narrow member has its name above, in one of two rows.
        let (y, fits) = (FIELDS - 5.0, shortened(last, ((right - left + 60.0) / CHAR) as usize));
        let x = left.max(MARGIN);
        write!(out, "<text class=\"above\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", esc(fits))?;
    }
    out.push_str("</g>\n");
    Ok(())
}

fn draw_window(out: &mut String, subject: &Subject<'_>, scale: &Scale, ruler: &Ruler) -> fmt::Result {
    let clamp = |byte: i64| byte.clamp(ruler.start, ruler.object_end().max(ruler.start));
    let inside = (clamp(ruler.first), clamp(ruler.end));
    if inside.0 < inside.1 {
        let (left, right) = (scale.x(inside.0), scale.x(inside.1));
        writeln!(
            out,
            "<rect class=\"inside\" x=\"{left:.1}\" y=\"{WINDOW}\" width=\"{:.1}\" height=\"{WINDOW_ROW}\"/>",
            (right - left).max(2.0)
        )?;
    }
    for (from, to) in outside(ruler) {
        let (left, right) = (scale.x(from), scale.x(to));
        let wide = (right - left).max(3.0);
        writeln!(
            out,
            "<rect class=\"outside\" x=\"{left:.1}\" y=\"{WINDOW}\" width=\"{wide:.1}\" height=\"{WINDOW_ROW}\" fill=\"url(#{}-hatch)\"/>",
            subject.id
        )?;
        let text = format!("{} {}", counted(width(from, to), "byte"), beyond(ruler));
        if text.len() as f64 * CHAR < wide {
            writeln!(
                out,
                "<text class=\"outsidetext\" x=\"{:.1}\" y=\"{:.1}\">{text}</text>",
                (left + right) / 2.0,
                WINDOW + 19.5
            )?;
        }
    }
    // The last access that is possible, as large as one is.
    let (left, right) = (scale.x(ruler.end.saturating_sub(ruler.access)), scale.x(ruler.end));
    writeln!(
        out,
        "<g class=\"one\"><title>the access that lies furthest behind: bytes {} to {}</title><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/></g>",
        ruler.end.saturating_sub(ruler.access),
        ruler.end.saturating_sub(1),
        left.min(right - 3.0),
        WINDOW - 4.0,
        (right - left).max(3.0),
        WINDOW_ROW + 8.0
    )?;
    writeln!(out, "<rect class=\"pointer\" x=\"-99\" y=\"{:.1}\" width=\"4\" height=\"8\"/>", WINDOW - 14.0)
}

/// How many bytes lie between two.
fn width(from: i64, to: i64) -> i128 {
    i128::from(to) - i128::from(from)
}

/// What bytes are that aren't the object's.
fn beyond(ruler: &Ruler) -> &'static str {
    if ruler.measured == Measured::Packet { "not proven" } else { "outside" }
}

/// The parts of the window that aren't the object's.
pub(super) fn outside(ruler: &Ruler) -> Vec<(i64, i64)> {
    let parts = [(ruler.first, ruler.end.min(ruler.start)), (ruler.first.max(ruler.object_end()), ruler.end)];
    parts.into_iter().filter(|(from, to)| from < to).collect()
}

fn draw_axis(out: &mut String, scale: &Scale, ruler: &Ruler) -> fmt::Result {
    let (from, to) = ruler.view();
    let mut bytes: Vec<(i64, &str)> =
        vec![(from, ""), (to, "end"), (ruler.first, "first"), (ruler.end, "last")];
    bytes.extend(ruler.fields.iter().map(|field| (ruler.start + i64::from(field.offset), "")));
    // Where labels would meet, the first in this order stays.
    let mut taken: Vec<(f64, f64)> = Vec::new();
    let (left, right) = (scale.x(i64::MIN), scale.x(i64::MAX));
    writeln!(out, "<path class=\"axis\" d=\"M{left:.1} {AXIS}H{right:.1}\"/>")?;
    bytes.sort_by_key(|(byte, what)| (what.is_empty(), *byte != to));
    let mut seen: Vec<i64> = Vec::new();
    for (byte, what) in bytes {
        if seen.contains(&byte) {
            continue;
        }
        seen.push(byte);
        let x = scale.x(byte);
        let text = minus(byte);
        let half = text.chars().count() as f64 * CHAR / 2.0 + 3.0;
        let middle = x.clamp(half, WIDTH - half);
        writeln!(out, "<path class=\"axis\" d=\"M{x:.1} {AXIS}v5\"/>")?;
        if taken.iter().any(|(from, to)| middle + half > *from && middle - half < *to) {
            continue;
        }
        taken.push((middle - half, middle + half));
        let class = if what.is_empty() { "tick middle" } else { "tick middle strong" };
        writeln!(out, "<text class=\"{class}\" x=\"{middle:.1}\" y=\"{:.1}\">{text}</text>", AXIS + 18.0)?;
    }
    let end = scale.x(to);
    writeln!(out, "<path class=\"objectend\" d=\"M{end:.1} {:.1}V{AXIS}\"/>", FIELDS - 38.0)?;
    // Beside the line, on the side with room for it.
    let (x, anchor) = if end > WIDTH - 130.0 { (end - 5.0, "end") } else { (end + 5.0, "start") };
    writeln!(
        out,
        "<text class=\"endtext\" x=\"{x:.1}\" y=\"16\" text-anchor=\"{anchor}\">{}</text>",
        match ruler.measured {
            Measured::Object => "end of the object",
            Measured::Stack => "r10, end of the frame",
            Measured::Packet => "end of what is proven",
            Measured::Context => "end of the context",
        }
    )?;
    for byte in &scale.breaks {
        // The zigzag of a broken scale, right outside of the object.
        let x = scale.x(*byte) + if *byte == from { -16.0 } else { 10.0 };
        writeln!(
            out,
            "<path class=\"break\" d=\"M{x:.1} {:.1}l3 -12 4 24 3 -12\"><title>from here on another scale</title></path>",
            AXIS
        )?;
    }
    Ok(())
}

/// The picture in words.
pub(super) fn summary(ruler: &Ruler) -> String {
    let outside: i128 = outside(ruler).iter().map(|(from, to)| width(*from, *to)).sum();
    let (first, last) = (ruler.first, ruler.end.saturating_sub(1));
    let size = counted(ruler.size, "byte");
    let has = match ruler.measured {
        Measured::Object | Measured::Context => format!("{} has {size}", ruler.name),
        Measured::Stack => {
            format!("{} has bytes {} to {}", ruler.name, minus(ruler.start), minus(ruler.object_end() - 1))
        }
        Measured::Packet => format!("{}: {size} proven", ruler.name),
    };
    let (out, all_in) = (beyond(ruler), if ruler.measured == Measured::Packet { "proven" } else { "inside" });
    let whole = format!(
        "{has}; an access of {} may touch {}",
        counted(ruler.access, "byte"),
        if first == last {
            format!("byte {}", minus(first))
        } else {
            format!("bytes {} to {}", minus(first), minus(last))
        }
    );
    match outside {
        0 if first == last => format!("{whole}, which is {all_in}{}.", unwritten(ruler)),
        0 => format!("{whole}, all {all_in}{}.", unwritten(ruler)),
        1 if first == last => format!("{whole}, which is {out}."),
        1 => format!("{whole}, 1 of them {out}."),
        many => format!("{whole}, {many} of them {out}."),
    }
}

/// How many bytes of the access nobody wrote, if they're on the stack and that is known.
fn unwritten(ruler: &Ruler) -> String {
    let never = ruler.fields.iter().filter(|field| ruler.measured == Measured::Stack && field.name == NEVER);
    let touched: i64 = never
        .map(|field| {
            let from = ruler.start + i64::from(field.offset);
            (ruler.end.min(from + i64::from(field.size)) - ruler.first.max(from)).max(0)
        })
        .sum();
    if touched == 0 { String::new() } else { format!(", {touched} of them never written") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruler(size: i64, first: i64, end: i64) -> Ruler {
        let (name, fields, measured) = ("m".to_owned(), Vec::new(), Measured::Object);
        Ruler { name, measured, start: 0, size, fields, first, end, access: 2 }
    }

    #[test]
    fn the_object_stays_readable_whatever_the_window() {
        for (size, first, end) in
            [(48, 8, 518), (48, -3, 49), (8, -4_294_967_296, 4_294_967_296), (1, 0, 1), (48, 8, 20)]
        {
            let scale = Scale::of(&ruler(size, first, end));
            let share = (scale.x(size) - scale.x(0)) / WIDTH;
            assert!(share > 0.55, "{size} {first} {end}: {share}");
            let mut bytes = [first, 0, size / 2, size, end];
            bytes.sort_unstable();
            assert!(bytes.windows(2).all(|pair| pair[0] == pair[1] || scale.x(pair[0]) < scale.x(pair[1])));
        }
    }

    #[test]
    fn the_scale_breaks_where_the_object_ends_and_something_lies_beyond() {
        for (size, first, end, breaks) in [
            (48, 8, 518, &[48][..]),
            (8, -4_294_967_296, 4, &[0]),
            (8, -4_294_967_296, 4_294_967_296, &[0, 8]),
            (48, 8, 50, &[]),
        ] {
            assert_eq!(Scale::of(&ruler(size, first, end)).breaks, breaks, "{size} {first} {end}");
        }
    }

    #[test]
    fn an_object_of_no_bytes_has_a_place() {
        for (first, end) in [(0, 0), (-4, -4), (0, 1)] {
            let scale = Scale::of(&ruler(0, first, end));
            for byte in [first, 0, end] {
                assert!((0.0..=WIDTH).contains(&scale.x(byte)), "{first} {end}: {}", scale.x(byte));
            }
        }
    }

    #[test]
    fn elements_are_told_apart_by_ticks_where_there_is_room() {
        let scale = Scale::of(&ruler(128, 0, 128));
        for (elements, ticks) in [(None, 0), (Some(1), 0), (Some(2), 1), (Some(64), 63), (Some(128), 0)] {
            let field = Field { name: "ports".to_owned(), offset: 0, size: 128, elements };
            let mut out = String::new();
            draw_field(&mut out, &scale, 0, &field, 0).unwrap();
            assert_eq!(out.matches("v6").count(), ticks, "{elements:?}: {out}");
        }
    }

    #[test]
    fn what_lies_outside() {
        assert_eq!(outside(&ruler(48, 8, 518)), [(48, 518)]);
        assert_eq!(outside(&ruler(48, -3, 50)), [(-3, 0), (48, 50)]);
        assert_eq!(outside(&ruler(48, 60, 62)), [(60, 62)]);
        assert_eq!(outside(&ruler(48, -9, -1)), [(-9, -1)]);
        assert_eq!(outside(&ruler(48, 0, 48)), []);
        assert!(summary(&ruler(48, 8, 518)).ends_with("bytes 8 to 517, 470 of them outside."));
    }
}
