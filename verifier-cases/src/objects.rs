//! A user's own object on several kernels: verdict, counts, and the first line where the logs part.

use std::io::{self, Write};

use knockwright_asm::Program;
use knockwright_asm::text::{visible, visible_lines};
use knockwright_codegen::kernel_records;

use crate::case::Privilege;
use crate::engine::{Attempt, Engine, EngineError, KernelId, Load, NotVerified};
use crate::observation::{Observation, Verdict};
use crate::record::without_addresses;

/// What one kernel said of every program.
#[derive(Debug, Clone)]
pub struct KernelVerdicts {
    /// The kernel.
    pub kernel: KernelId,
    /// One verdict for each program, or why the verifier never saw it.
    pub attempts: Vec<Attempt>,
}

/// Verifies programs, such as those that `knockwright_codegen::read::programs` finds in an object, at log level 2.
///
/// # Errors
/// What kept the engine from answering.
pub fn verify(programs: &[Program], engine: &mut dyn Engine) -> Result<KernelVerdicts, EngineError> {
    let loads: Vec<Load> = programs
        .iter()
        .map(|program| Load {
            name: program.name.clone(),
            program: program.clone(),
            btf: Some(kernel_records(program)),
            flags: 0,
            privilege: Privilege::Full,
            levels: vec![2],
        })
        .collect();
    let (kernel, answers) = engine.verify(&loads)?;
    Ok(KernelVerdicts { kernel, attempts: answers.into_iter().map(|answer| answer.attempt).collect() })
}

/// The number behind `total_states` in the log's last line.
fn states(seen: &Observation) -> Option<u64> {
    let (_, rest) = seen.log.rsplit_once("total_states ")?;
    rest.split_whitespace().next()?.parse().ok()
}

/// The first line of a log that another log hasn't at its place.
fn parting<'a>(first: &str, other: &'a str) -> Option<(usize, &'a str)> {
    let (first, normal) = (without_addresses(first), without_addresses(other));
    let at = first.lines().zip(normal.lines()).position(|(a, b)| a != b)?;
    other.lines().nth(at).map(|line| (at + 1, line))
}

/// Writes a line of JSON for each program and kernel, as a batch's verdicts with the kernel's name and release.
///
/// # Errors
/// What the writer says.
pub fn jsonl(
    out: &mut impl Write,
    programs: &[Program],
    kernels: &[KernelVerdicts],
    with_log: bool,
) -> io::Result<()> {
    for (index, program) in programs.iter().enumerate() {
        for verdicts in kernels {
            let mut line = match verdicts.attempts.get(index) {
                None => serde_json::json!({ "verdict": "error", "message": "no answer" }),
                Some(Err(NotVerified::Unsupported(what))) => {
                    serde_json::json!({ "verdict": "unsupported", "message": what })
                }
                Some(Err(error)) => serde_json::json!({ "verdict": "error", "message": error.to_string() }),
                Some(Ok(seen)) => serde_json::json!({
                    "verdict": seen.verdict, "errno": seen.errno, "insn": seen.insn, "message": seen.message,
                    "processed": seen.processed, "states": states(seen),
                }),
            };
            line["name"] = program.name.as_str().into();
            line["kernel"] = verdicts.kernel.name.as_str().into();
            line["release"] = verdicts.kernel.release.as_str().into();
            if with_log && let Some(Ok(seen)) = verdicts.attempts.get(index) {
                line["log"] = seen.log.as_str().into();
            }
            serde_json::to_writer(&mut *out, &line)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// Writes a table for each program: a line for each kernel, and where its log parts from the first kernel's.
///
/// # Errors
/// What the writer says.
pub fn write(out: &mut impl Write, programs: &[Program], kernels: &[KernelVerdicts]) -> io::Result<()> {
    for (index, program) in programs.iter().enumerate() {
        writeln!(out, "{} ({})", visible(&program.name), program.prog_type)?;
        writeln!(out, "  {:<8} {:<8} {:>9} {:>7}  message", "kernel", "verdict", "processed", "states")?;
        let mut first: Option<&Observation> = None;
        for verdicts in kernels {
            let name = &verdicts.kernel.name;
            match verdicts.attempts.get(index) {
                None => writeln!(out, "  {name:<8} no answer")?,
                Some(Err(error)) => {
                    writeln!(out, "  {name:<8} error    {}", visible_lines(&error.to_string()))?
                }
                Some(Ok(seen)) => {
                    let number =
                        |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
                    let place = seen.insn.map_or_else(String::new, |insn| format!("{insn}: "));
                    let message = if seen.verdict == Verdict::Accept { "" } else { &seen.message };
                    let message = visible_lines(message);
                    writeln!(
                        out,
                        "  {name:<8} {:<8} {:>9} {:>7}  {place}{message}",
                        seen.verdict,
                        number(seen.processed),
                        number(states(seen))
                    )?;
                    match first {
                        None => first = Some(seen),
                        Some(first) => {
                            if let Some((line, text)) = parting(&first.log, &seen.log) {
                                writeln!(out, "           log parts at line {line}: {}", visible(text))?;
                            }
                        }
                    }
                }
            }
        }
    }
    Ok(())
}
