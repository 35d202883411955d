//! A user's own object on several kernels: verdicts, counts and logs.

use std::io::{self, Write};

use knockwright_asm::Program;
use knockwright_asm::text::{visible, visible_lines};
use knockwright_codegen::kernel_records;

use crate::case::Privilege;
use crate::engine::{Attempt, Engine, EngineError, KernelId, Load, NotVerified};
use crate::observation::{Observation, Verdict};

/// What one kernel said of every program.
#[derive(Debug, Clone)]
pub struct KernelVerdicts {
    /// The kernel.
    pub kernel: KernelId,
    /// One verdict for each program, or why the verifier never saw it; of the highest level that was asked for.
    pub attempts: Vec<Attempt>,
    /// The log of each program at the lowest level that was asked for.
    pub lowest_logs: Vec<String>,
}

impl KernelVerdicts {
    /// The log that tells most of a program: the lowest level's where it's rejected, for that shows the failing path alone.
    pub fn telling_log(&self, program: usize) -> &str {
        match self.attempts.get(program) {
            Some(Ok(seen)) if seen.verdict == Verdict::Accept => &seen.log,
            _ => self.lowest_logs.get(program).map_or("", String::as_str),
        }
    }
}

/// Verifies programs, such as those that `knockwright_codegen::read::programs` finds in an object, at each of some log
/// levels, ascending. Level 2 gives all parts of a verdict.
///
/// # Errors
/// What kept the engine from answering.
pub fn verify(
    programs: &[Program],
    levels: &[u32],
    engine: &mut dyn Engine,
) -> Result<KernelVerdicts, EngineError> {
    let loads: Vec<Load> = programs
        .iter()
        .map(|program| Load {
            name: program.name.clone(),
            program: program.clone(),
            btf: Some(kernel_records(program)),
            flags: 0,
            privilege: Privilege::Full,
            levels: levels.to_vec(),
        })
        .collect();
    let (kernel, answers) = engine.verify(&loads)?;
    let mut verdicts = KernelVerdicts { kernel, attempts: Vec::new(), lowest_logs: Vec::new() };
    let mut answers = answers.into_iter().peekable();
    for program in 0..programs.len() {
        let mut of_program = std::iter::from_fn(|| answers.next_if(|answer| answer.load == program));
        let no_answer = || Err(NotVerified::Failed("no answer".to_owned()));
        let lowest = of_program.next().map_or_else(no_answer, |answer| answer.attempt);
        let log = lowest.as_ref().map_or_else(|_| String::new(), |seen| seen.log.clone());
        verdicts.attempts.push(of_program.last().map_or(lowest, |answer| answer.attempt));
        verdicts.lowest_logs.push(log);
    }
    Ok(verdicts)
}

/// The number after `total_states` in the log's last line.
fn states(seen: &Observation) -> Option<u64> {
    let (_, rest) = seen.log.rsplit_once("total_states ")?;
    rest.split_whitespace().next()?.parse().ok()
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

/// Writes a table for each program, with a line for each kernel, and the logs where they are wanted.
///
/// # Errors
/// What the writer says.
pub fn write(
    out: &mut impl Write,
    programs: &[Program],
    kernels: &[KernelVerdicts],
    with_log: bool,
) -> io::Result<()> {
    for (index, program) in programs.iter().enumerate() {
        for verdicts in kernels.iter().filter(|_| with_log) {
            let log = verdicts.telling_log(index);
            let end = if log.ends_with('\n') { "" } else { "\n" };
            let (name, release) = (visible(&program.name), &verdicts.kernel.release);
            writeln!(out, "log of {name} on Linux {release}:\n{}{end}", visible_lines(log))?;
        }
        writeln!(out, "{} ({})", visible(&program.name), program.prog_type)?;
        writeln!(out, "  {:<8} {:<8} {:>9} {:>7}  message", "kernel", "verdict", "processed", "states")?;
        for verdicts in kernels {
            write_verdict(out, &verdicts.kernel.name, verdicts.attempts.get(index))?;
        }
    }
    Ok(())
}

fn write_verdict(out: &mut impl Write, kernel: &str, attempt: Option<&Attempt>) -> io::Result<()> {
    match attempt {
        None => writeln!(out, "  {kernel:<8} no answer"),
        Some(Err(NotVerified::Unsupported(what))) => {
            writeln!(out, "  {kernel:<8} not supported: {}", visible_lines(what))
        }
        Some(Err(error)) => writeln!(out, "  {kernel:<8} error    {}", visible_lines(&error.to_string())),
        Some(Ok(seen)) => {
            let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
            let place = seen.insn.map_or_else(String::new, |insn| format!("{insn}: "));
            let message = visible_lines(if seen.verdict == Verdict::Accept { "" } else { &seen.message });
            let (verdict, processed, states) = (seen.verdict, number(seen.processed), number(states(seen)));
            let line = format!("  {kernel:<8} {verdict:<8} {processed:>9} {states:>7}  {place}{message}");
            writeln!(out, "{}", line.trim_end())
        }
    }
}
