//! The table for people: a line for each object, program and kernel, and what is wrong with those that fail.

use std::io::{self, Write};

use knockwright_asm::text::{visible, visible_lines};

use super::object::write_log;
use crate::gate::budget::LIMIT;
use crate::gate::row::{Judged, Row};
use crate::style;

/// A number with its thousands apart: `1,000,000`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How much of the verifier's limit a count is.
pub(crate) fn part_of_limit(processed: u64) -> String {
    format!("{:.1}%", processed as f64 * 100.0 / LIMIT as f64)
}

/// What changed since the baseline, or that it's as it should be.
fn change(result: &Judged) -> String {
    if result.expected.is_some() && !result.row.is_accepted() {
        return "as expected".to_owned();
    }
    let Some(before) = &result.before else { return String::new() };
    if before.verdict != result.row.verdict {
        return format!("was {}", visible(&before.verdict));
    }
    match (before.processed, result.row.processed) {
        (Some(before), Some(now)) if before != now => match now.checked_sub(before) {
            Some(more) => format!("+{}", count(more)),
            None => format!("-{}", count(before - now)),
        },
        _ => String::new(),
    }
}

/// The columns: heading, and whether they are numbers.
const COLUMNS: [(&str, bool); 8] = [
    ("object", false),
    ("program", false),
    ("kernel", false),
    ("verdict", false),
    ("processed", true),
    ("of limit", true),
    ("states", true),
    ("change", true),
];

fn cells(result: &Judged) -> [String; 8] {
    let Row { object, program, kernel, config, verdict, processed, total_states, .. } = &result.row;
    let kernel = config.as_ref().map_or_else(|| kernel.clone(), |config| format!("{kernel}, {config}"));
    [
        visible(object).into_owned(),
        visible(program).into_owned(),
        visible(&kernel).into_owned(),
        verdict.clone(),
        processed.map_or_else(String::new, count),
        processed.map_or_else(String::new, part_of_limit),
        total_states.map_or_else(String::new, count),
        change(result),
    ]
}

/// Writes the logs that are wanted, the table, then what is wrong with each row that isn't as it should be.
pub(crate) fn write(out: &mut impl Write, results: &[Judged]) -> io::Result<()> {
    for result in results {
        if let Some(log) = &result.log {
            writeln!(out, "log of {}:", visible(&result.row.label()))?;
            write_log(out, log)?;
        }
    }
    table(out, results)?;
    for complaint in complaints(results) {
        writeln!(out, "\n{}", visible(&complaint.label()))?;
        for line in &complaint.lines {
            writeln!(out, "  {}", visible_lines(line))?;
        }
    }
    Ok(())
}

fn table(out: &mut impl Write, results: &[Judged]) -> io::Result<()> {
    let rows: Vec<[String; 8]> = results.iter().map(cells).collect();
    let has_changes = rows.iter().any(|row| !row[7].is_empty());
    let columns = if has_changes { 8 } else { 7 };
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([COLUMNS[column].0.len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |cells: &[String]| {
        let mut line = String::new();
        for ((cell, width), (_, is_number)) in cells.iter().zip(&widths).zip(COLUMNS) {
            let padded = if is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") };
            line += &padded;
            line += "  ";
        }
        line.trim_end().to_owned()
    };
    writeln!(out, "{}", line(&COLUMNS.map(|(heading, _)| heading.to_owned())))?;
    for (cells, result) in rows.iter().zip(results) {
        let style = match () {
            () if result.fails() => style::ERROR,
            () if !result.is_wrong() => style::PLAIN,
            () => style::DIM,
        };
        writeln!(out, "{style}{}{style:#}", line(cells))?;
    }
    Ok(())
}

/// What is wrong with a program, on all kernels where it's the same.
pub(super) struct Complaint<'a> {
    kernels: Vec<&'a str>,
    pub(super) lines: Vec<String>,
    /// The first of its rows.
    pub(super) first: &'a Judged,
}

impl Complaint<'_> {
    /// What it's about, in a few words.
    pub(super) fn label(&self) -> String {
        self.first.row.label_on(&self.kernels.join(", "))
    }
}

/// What is wrong with each program, said once for all kernels that say it in the same words.
pub(super) fn complaints(results: &[Judged]) -> Vec<Complaint<'_>> {
    let mut all: Vec<Complaint<'_>> = Vec::new();
    for result in results.iter().filter(|result| result.is_wrong()) {
        let lines = result.complaints();
        let is_same =
            |known: &&mut Complaint<'_>| known.lines == lines && known.first.row.is_same_program(&result.row);
        match all.iter_mut().find(is_same) {
            Some(known) => known.kernels.push(&result.row.kernel),
            None => all.push(Complaint { kernels: vec![&result.row.kernel], lines, first: result }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::budget::{Tolerance, faults};
    use crate::gate::row::tests::{rejected, row};

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_000_001, "1,000,001")] {
            assert_eq!(count(number), text);
        }
        assert_eq!(part_of_limit(220_804), "22.1%");
    }

    #[test]
    fn a_table_and_what_is_wrong() {
        let before = row("a.o", "one", 1000);
        let now = row("a.o", "one", 1234);
        let results = [
            Judged {
                faults: faults(&now, None, Some(&before), Tolerance::default()),
                before: Some(before),
                ..Judged::new(now)
            },
            Judged::new(rejected("long/name.o", "two")),
        ];
        let mut out = Vec::new();
        write(&mut out, &results).unwrap();
        let text = anstream::adapter::strip_str(std::str::from_utf8(&out).unwrap()).to_string();
        let expected = "\
object       program  kernel  verdict  processed  of limit  states  change
a.o          one      6.12    accept       1,234      0.1%       3    +234
long/name.o  two      6.12    reject           8      0.0%       3

a.o: one on 6.12
  1234 instructions processed, 234 more than the 1000 before (+23.4%)

long/name.o: two on 6.12
  rejected at 7: R0 invalid mem access 'map_value_or_null'
";
        assert_eq!(text, expected);
    }
}
