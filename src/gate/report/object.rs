//! One object in text: a line for each program, or a table for each with a line for each kernel.

use std::io::{self, Write};

use knockwright_asm::text::{visible, visible_lines};
use knockwright_verifier_cases::words::counted;

use crate::gate::row::{Judged, Row};
use crate::output;
use crate::style;

/// Writes a line for each program, after its log where that's wanted.
pub(crate) fn lines(out: &mut impl Write, results: &[Judged]) -> io::Result<()> {
    for result in results.iter().filter(|result| !result.row.program.is_empty()) {
        if let Some(log) = &result.log {
            write_log(out, log)?;
        }
        line(out, result)?;
        for why in &result.row.poisoned {
            output::say(format_args!("note: {}: {}", visible(&result.row.program), visible(why)));
        }
    }
    say_broken(results);
    Ok(())
}

/// The kernel writes source lines and names as the object has them.
pub(super) fn write_log(out: &mut impl Write, log: &str) -> io::Result<()> {
    let end = if log.ends_with('\n') { "" } else { "\n" };
    write!(out, "{}{end}", visible_lines(log))
}

fn line(out: &mut impl Write, result: &Judged) -> io::Result<()> {
    let row = &result.row;
    let (style, word) = match row.verdict.as_str() {
        "accept" => (style::GOOD, "accepted"),
        "reject" => (style::ERROR, "rejected"),
        "unsupported" => (style::ERROR, "not supported"),
        _ => (style::ERROR, "not verified"),
    };
    write!(out, "{}: {style}{word}{style:#}", visible(&row.program))?;
    if let Some(slot) = row.insn.filter(|_| row.is_rejected()) {
        write!(out, " at {slot}")?;
        if let Some(instruction) = &result.instruction {
            write!(out, ": {}", visible(instruction))?;
        }
    }
    // Without a log there is no message.
    if !row.is_accepted() && !row.message.is_empty() {
        write!(out, ": {}", visible_lines(&row.message))?;
    }
    if row.errno != 0 {
        write!(out, " (errno {})", row.errno)?;
    }
    if let Some(processed) = row.processed {
        write!(out, "; {} processed", counted(processed, "instruction"))?;
    }
    writeln!(out)
}

/// Writes a table for each program, with a line for each kernel, after the logs where those are wanted.
pub(crate) fn kernels(out: &mut impl Write, results: &[Judged]) -> io::Result<()> {
    let readable: Vec<&Judged> = results.iter().filter(|result| !result.row.program.is_empty()).collect();
    for of_program in readable.chunk_by(|one, other| one.row.is_same_program(&other.row)) {
        let Row { program, prog_type, .. } = &of_program[0].row;
        let program = visible(program);
        for Judged { row, log, .. } in of_program {
            if let Some(log) = log {
                let release = row.release.as_deref().unwrap_or(&row.kernel);
                writeln!(out, "log of {program} on Linux {}:", visible(release))?;
                write_log(out, log)?;
            }
        }
        match prog_type.as_str() {
            "" => writeln!(out, "{program}")?,
            prog_type => writeln!(out, "{program} ({prog_type})")?,
        }
        writeln!(out, "  {:<8} {:<8} {:>9} {:>7}  message", "kernel", "verdict", "processed", "states")?;
        for result in of_program {
            kernel_line(out, &result.row)?;
        }
    }
    out.flush()?;
    for row in readable.iter().map(|result| &result.row) {
        for why in &row.poisoned {
            let (name, kernel) = (visible(&row.program), visible(&row.kernel));
            output::say(format_args!("note: {name} on {kernel}: {}", visible(why)));
        }
    }
    say_broken(results);
    Ok(())
}

fn kernel_line(out: &mut impl Write, row: &Row) -> io::Result<()> {
    let (kernel, message) = (visible(&row.kernel), visible_lines(&row.message));
    match row.verdict.as_str() {
        "accept" | "reject" => {
            let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
            let place = row.insn.map_or_else(String::new, |insn| format!("{insn}: "));
            let (verdict, processed, states) =
                (&row.verdict, number(row.processed), number(row.total_states));
            let line = format!("  {kernel:<8} {verdict:<8} {processed:>9} {states:>7}  {place}{message}");
            writeln!(out, "{}", line.trim_end())
        }
        "unsupported" => writeln!(out, "  {kernel:<8} not supported: {message}"),
        _ => writeln!(out, "  {kernel:<8} error    {message}"),
    }
}

/// Says which objects can't be read, once for all kernels, where no table does.
pub(crate) fn say_broken(results: &[Judged]) {
    let broken =
        results.iter().map(|result| &result.row).filter(|row| row.is_error() && row.program.is_empty());
    let mut last = None;
    for row in broken.filter(|row| last.replace(&row.object) != Some(&row.object)) {
        let (error, end) = (style::ERROR, format_args!("{:#}", style::ERROR));
        output::say(format_args!(
            "{error}error:{end} {}: {}",
            visible(&row.object),
            visible_lines(&row.message)
        ));
    }
}
