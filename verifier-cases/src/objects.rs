//! A user's own object on several kernels: verdicts, counts and logs.

use std::io::{self, Write};

use knockwright_asm::Program;
use knockwright_asm::linux::AttachType;
use knockwright_asm::text::{visible, visible_lines};
use knockwright_codegen::read::Reading;
use knockwright_verifier::log_tail::LogTail;
use knockwright_verifier::{Attempt, Engine, EngineError, KernelId, Outcome, Verdict};

/// What one kernel said of every program.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KernelVerdicts {
    /// The kernel that was asked.
    pub kernel: KernelId,
    /// One verdict for each program, of the highest level that was asked for.
    pub verdicts: Vec<Verdict>,
    /// The log of each program at the lowest level that was asked for.
    pub lowest_logs: Vec<String>,
    /// For each program what it names that the kernel hasn't, in words; empty where nobody has looked.
    pub poisoned: Vec<Vec<String>>,
}

impl KernelVerdicts {
    /// The log that tells most of a program: the lowest level's where it's rejected, for that shows the failing path alone.
    pub fn telling_log(&self, program: usize) -> &str {
        match self.verdicts.get(program) {
            Some(verdict) if verdict.is_accepted() => &verdict.log,
            _ => self.lowest_logs.get(program).map_or("", String::as_str),
        }
    }
}

/// A program of an object as libbpf gives it to a kernel.
///
/// # Errors
/// What doesn't come with the program, and a verdict can depend on.
pub fn attempt(reading: &Reading) -> Result<Attempt, String> {
    let carried = &reading.carried;
    let mut attempt = Attempt::new(reading.whole()?.clone())
        .with_btf(carried.records.clone())
        .with_flags(carried.flags)
        .with_map_types(carried.map_types.clone())
        .for_target(carried.target);
    attempt.attach_type = carried.member.or(carried.attach_type.map(AttachType::number));
    Ok(attempt)
}

/// Verifies programs, such as those that `knockwright_codegen::read::readings` finds in an object, at each of some log
/// levels, ascending. Level 2 gives all parts of a verdict.
///
/// # Errors
/// What kept the engine from answering.
pub fn verify(
    programs: &[Attempt],
    levels: &[u32],
    engine: &mut dyn Engine,
) -> Result<KernelVerdicts, EngineError> {
    let mut attempts = Vec::with_capacity(programs.len() * levels.len());
    for program in programs {
        attempts.extend(levels.iter().map(|level| program.clone().at_level(*level)));
    }
    let mut answers = engine.verify(&attempts)?.into_iter();
    let kernel = engine.kernel()?;
    let mut verdicts =
        KernelVerdicts { kernel, verdicts: Vec::new(), lowest_logs: Vec::new(), poisoned: Vec::new() };
    for _ in programs {
        let mut of_program = answers.by_ref().take(levels.len());
        let lowest = of_program.next().unwrap_or_else(Verdict::no_answer);
        verdicts.lowest_logs.push(lowest.log.clone());
        verdicts.verdicts.push(of_program.last().unwrap_or(lowest));
    }
    Ok(verdicts)
}

/// How many states the verifier kept, by the log's summary.
fn states(seen: &Verdict) -> Option<u64> {
    LogTail::read(&seen.log).total_states
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
            let no_answer = Verdict::no_answer();
            let seen = verdicts.verdicts.get(index).unwrap_or(&no_answer);
            let is_verdict = seen.outcome.accepts().is_some();
            let mut line = match is_verdict {
                false => serde_json::json!({ "verdict": seen.outcome.to_string(), "message": seen.message }),
                true => serde_json::json!({
                    "verdict": seen.outcome.to_string(), "errno": seen.errno, "insn": seen.insn, "message": seen.said(),
                    "processed": seen.processed, "states": states(seen),
                }),
            };
            line["name"] = program.name.as_str().into();
            line["kernel"] = verdicts.kernel.name.as_str().into();
            line["release"] = verdicts.kernel.release.as_str().into();
            if let Some(poisoned) = verdicts.poisoned.get(index).filter(|poisoned| !poisoned.is_empty()) {
                line["poisoned"] = poisoned.as_slice().into();
            }
            if with_log && is_verdict {
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
            write_verdict(out, &verdicts.kernel.name, verdicts.verdicts.get(index))?;
        }
    }
    Ok(())
}

fn write_verdict(out: &mut impl Write, kernel: &str, verdict: Option<&Verdict>) -> io::Result<()> {
    let Some(seen) = verdict else { return writeln!(out, "  {kernel:<8} no answer") };
    let message = visible_lines(if seen.is_rejected() { seen.said() } else { &seen.message });
    match seen.outcome {
        Outcome::Unsupported => writeln!(out, "  {kernel:<8} not supported: {message}"),
        Outcome::Error => writeln!(out, "  {kernel:<8} error    {message}"),
        Outcome::Accept | Outcome::Reject | Outcome::Refuse => {
            let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
            let place = seen.insn.map_or_else(String::new, |insn| format!("{insn}: "));
            let (verdict, processed, states) = (seen.outcome, number(seen.processed), number(states(seen)));
            let line = format!("  {kernel:<8} {verdict:<8} {processed:>9} {states:>7}  {place}{message}");
            writeln!(out, "{}", line.trim_end())
        }
    }
}
