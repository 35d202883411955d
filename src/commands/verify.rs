//! `verify`: the verifier's verdict on objects and batches.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use knockwright_asm::Program;
use knockwright_asm::text::{visible, visible_lines};
use knockwright_codegen::Report;
use knockwright_codegen::inspect::MapStyle;
use knockwright_loader::batch::{self, BatchOutcome, BatchVerdict, Engine};
use knockwright_loader::raw_program::{BtfBlobs, RawProgram};
use knockwright_verifier_cases::objects;
use knockwright_verifier_cases::observation::Verdict as KernelVerdict;

use super::carried::{readings, whole};
use super::cases::kernels::wanted;
use crate::cli::{VerdictFormat, Verify};
use crate::failure::{Failure, Outcome, Status};
use crate::{engine, files, style};

pub(crate) fn run(args: &Verify) -> Outcome {
    let level = args.log_level.unwrap_or(2);
    let engine = engine::of_programs(args.engine, &args.kernels, level, args.log)?;
    let Some(mut engine) = engine else {
        return match &args.file {
            Some(file) => on_kernels(file, args),
            None => {
                Err(Failure::new(Status::Usage, "a batch runs on the running kernel: leave out --kernel"))
            }
        };
    };
    match (&args.batch, &args.file) {
        (Some(batch), _) => run_batch(batch, engine.as_mut(), args.format),
        (None, Some(file)) => run_object(file, engine.as_mut(), args),
        (None, None) => Err(Failure::new(Status::Usage, "give an object or --batch")),
    }
}

fn run_batch(path: &Path, engine: &mut dyn Engine, format: Option<VerdictFormat>) -> Outcome {
    if format == Some(VerdictFormat::Text) {
        return Err(Failure::new(Status::Usage, "a batch has no text form: leave out --format"));
    }
    let input: Box<dyn io::Read> = if files::is_standard(path) {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(path).map_err(|error| Failure::file(&files::name(path), &error))?;
        Box::new(file)
    };
    let mut input = Input { from: input, failed: false };
    let output = BufWriter::new(io::stdout().lock());
    let counts = batch::run_batch(BufReader::new(&mut input), output, engine).map_err(|error| {
        if input.failed { Failure::file(&files::name(path), &error) } else { error.into() }
    })?;
    Ok(match counts {
        counts if counts.errors > counts.not_permitted => Status::BadInput,
        counts if counts.not_permitted > 0 => Status::NotPossible,
        counts if counts.rejected + counts.unsupported > 0 => Status::Rejected,
        _ => Status::Done,
    })
}

/// The lines of a batch. Remembers whether it was reading that failed, not writing.
struct Input<'a> {
    from: Box<dyn io::Read + 'a>,
    failed: bool,
}

impl io::Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.from.read(buffer).inspect_err(|error| self.failed = error.kind() != io::ErrorKind::Interrupted)
    }
}

fn run_object(path: &Path, engine: &mut dyn Engine, args: &Verify) -> Outcome {
    let object = files::read(path)?;
    let readings = readings(&object, &files::name(path), args.program.as_deref())?;
    let mut out = anstream::stdout().lock();
    // Of a rejected program the failing path tells most.
    let shows_path = args.log && args.log_level.is_none() && args.format != Some(VerdictFormat::Jsonl);
    let mut failing_path = None;
    let mut worst = Status::Done;
    for reading in &readings {
        let program = match whole(reading) {
            Ok(program) => program,
            Err(verdict) => {
                write_verdict(&mut out, None, &verdict, args.format)?;
                worst = worse(worst, status_of(&verdict));
                continue;
            }
        };
        let mut verdict = engine.verify(&raw(program));
        if shows_path && verdict.verdict == BatchOutcome::Reject {
            if failing_path.is_none() {
                failing_path = engine::of_programs(args.engine, &args.kernels, 1, true)?;
            }
            if let Some(engine) = &mut failing_path {
                verdict.log = engine.verify(&raw(program)).log;
            }
        }
        write_verdict(&mut out, Some(program), &verdict, args.format)?;
        worst = worse(worst, status_of(&verdict));
    }
    Ok(worst)
}

fn write_verdict(
    out: &mut impl Write,
    program: Option<&Program>,
    verdict: &BatchVerdict,
    format: Option<VerdictFormat>,
) -> Result<(), Failure> {
    match format.unwrap_or(VerdictFormat::Text) {
        VerdictFormat::Text => text(out, program, verdict)?,
        VerdictFormat::Jsonl => {
            serde_json::to_writer(&mut *out, verdict).map_err(Failure::internal)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

fn status_of(verdict: &BatchVerdict) -> Status {
    match verdict.verdict {
        BatchOutcome::Accept => Status::Done,
        BatchOutcome::Reject => Status::Rejected,
        BatchOutcome::Error if verdict.errno == 0 => Status::BadInput,
        BatchOutcome::Unsupported | BatchOutcome::Error => Status::NotPossible,
    }
}

/// The status of two verdicts together: a bad input tells more than a rejection, and that more than no verdict.
fn worse(one: Status, other: Status) -> Status {
    let order = [Status::Internal, Status::BadInput, Status::Rejected, Status::NotPossible];
    order.into_iter().find(|status| [one, other].contains(status)).unwrap_or(Status::Done)
}

/// Refuses an object with maps of the old kind, which say nothing of their types and which libbpf 1.0 and later don't take.
fn refuse_legacy_maps(object: &[u8], file: &str) -> Result<(), Failure> {
    let report = Report::read(object).map_err(|error| Failure::bad_input(format!("{file}: {error}")))?;
    match report.maps.iter().find(|map| map.definition == MapStyle::Legacy) {
        None => Ok(()),
        Some(map) => Err(Failure::bad_input(format!(
            "{file}: map `{}` is defined in a legacy `maps` section; define it with BTF, in `.maps`",
            map.name
        ))),
    }
}

/// An object's programs on several kernels: a table, and where their logs part.
fn on_kernels(path: &Path, args: &Verify) -> Outcome {
    let object = files::read(path)?;
    let readings = readings(&object, &files::name(path), args.program.as_deref())?;
    refuse_legacy_maps(&object, &files::name(path))?;
    let mut out = anstream::stdout().lock();
    let mut programs = Vec::new();
    let mut status = Status::Done;
    // Those that no kernel can judge come first, and no kernel is started for them.
    for reading in &readings {
        match whole(reading) {
            Ok(program) => programs.push(program.clone()),
            Err(verdict) => {
                write_verdict(&mut out, None, &verdict, args.format)?;
                status = worse(status, status_of(&verdict));
            }
        }
    }
    if programs.is_empty() {
        return Ok(status);
    }
    let mut verdicts = Vec::new();
    for mut engine in wanted(&args.kernels)? {
        verdicts.push(objects::verify(&programs, engine.as_mut()).map_err(Failure::not_possible)?);
    }
    match args.format.unwrap_or(VerdictFormat::Text) {
        VerdictFormat::Text => objects::write(&mut out, &programs, &verdicts)?,
        VerdictFormat::Jsonl => objects::jsonl(&mut out, &programs, &verdicts, args.log)?,
    }
    let attempts = verdicts.iter().flat_map(|kernel| &kernel.attempts);
    Ok(attempts.fold(status, |status, attempt| {
        let of_attempt = match attempt {
            Err(_) => Status::NotPossible,
            Ok(seen) if seen.verdict == KernelVerdict::Accept => Status::Done,
            Ok(_) => Status::Rejected,
        };
        worse(status, of_attempt)
    }))
}

/// The program as the kernel takes it, source lines included.
pub(crate) fn raw(program: &Program) -> RawProgram {
    let records = knockwright_codegen::kernel_records(program);
    let btf = BtfBlobs { btf: records.btf, func_info: records.func_info, line_info: records.line_info };
    RawProgram::new(program, Some(btf))
}

fn text(out: &mut impl Write, program: Option<&Program>, verdict: &BatchVerdict) -> io::Result<()> {
    if let Some(log) = &verdict.log {
        // The kernel writes source lines and names as the object has them.
        write!(out, "{}", visible_lines(log))?;
        if !log.ends_with('\n') {
            writeln!(out)?;
        }
    }
    let (style, word) = match verdict.verdict {
        BatchOutcome::Accept => (style::GOOD, "accepted"),
        BatchOutcome::Reject => (style::ERROR, "rejected"),
        BatchOutcome::Unsupported => (style::ERROR, "not supported"),
        BatchOutcome::Error => (style::ERROR, "not verified"),
    };
    let name = visible(verdict.name.as_deref().unwrap_or(""));
    write!(out, "{name}: {style}{word}{style:#}")?;
    if let Some(slot) = verdict.insn.filter(|_| verdict.verdict == BatchOutcome::Reject) {
        let mut slots = program.into_iter().flat_map(Program::slots);
        match slots.find(|(start, _)| *start == slot) {
            Some((_, item)) => write!(out, " at {slot}: {}", item.code)?,
            None => write!(out, " at {slot}")?,
        }
    }
    if verdict.verdict != BatchOutcome::Accept {
        write!(out, ": {}", visible_lines(&verdict.message))?;
    }
    if verdict.errno != 0 {
        write!(out, " (errno {})", verdict.errno)?;
    }
    if let Some(processed) = verdict.processed {
        write!(out, "; {processed} instructions processed")?;
    }
    writeln!(out)
}
