//! `verify`: the verifier's verdict on objects and batches.

mod gate;
mod on_kernels;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use knockwright_asm::Program;
use knockwright_asm::text::{visible, visible_lines};
use knockwright_codegen::read::{Choice, Reading};
use knockwright_verifier::batch::{self, BatchCounts, Row, Wish};
use knockwright_verifier::{Engine, Outcome as Verified, Verdict};
use knockwright_verifier_cases::words::counted;

use super::carried::{Object, poisoned, whole};
use crate::cli::{Gate, VerdictFormat, Verify, VerifyFormat};
use crate::engine::Asked;
use crate::failure::{Failure, Outcome, Status};
use crate::kernel_types::TypesOf;
use crate::{engine, files, output, style};

pub(crate) fn run(args: &Verify) -> Outcome {
    match (&args.batch, args.format) {
        (Some(_), None | Some(VerifyFormat::Jsonl)) => {}
        (Some(_), Some(_)) => {
            return Err(Failure::new(Status::Usage, "a batch is always JSON lines: leave out --format"));
        }
        (None, _) if args.is_gate() => return gate::run(args),
        (None, _) => {}
    }
    let level = args.log_level.unwrap_or(2);
    let engine = engine::of_programs(args.engine, &args.kernels, args.log)?;
    match (&args.batch, args.files.first(), engine) {
        (Some(batch), _, Some(mut asked)) => {
            run_batch(batch, asked.engine.as_mut(), Wish { level, with_log: args.log })
        }
        (Some(batch), _, None) => on_kernels::batch(batch, args),
        (None, Some(file), Some(asked)) => run_object(file, asked, level, args),
        (None, Some(file), None) => on_kernels::object(file, args),
        (None, None, _) => Err(Failure::new(Status::Usage, "give an object or --batch")),
    }
}

impl Verify {
    /// How verdicts on one object are shown.
    fn verdict_format(&self) -> VerdictFormat {
        match self.format {
            Some(VerifyFormat::Jsonl) => VerdictFormat::Jsonl,
            _ => VerdictFormat::Text,
        }
    }

    /// Whether it's more than one object on some kernels.
    fn is_gate(&self) -> bool {
        let Gate { config, set, budget, baseline, save, tolerance } = &self.gate;
        self.files.len() > 1
            || self.files.iter().any(|path| path.is_dir())
            || !config.is_empty()
            || !set.is_empty()
            || budget.is_some()
            || baseline.is_some()
            || save.is_some()
            || tolerance.is_some()
            || matches!(self.format, Some(VerifyFormat::Junit | VerifyFormat::Sarif | VerifyFormat::Github))
    }

    /// Whose types programs are made for: the file's that the user names, else those of the kernel that is asked.
    fn types(&self, of_kernel: TypesOf) -> TypesOf {
        self.btf.clone().map_or(of_kernel, TypesOf::File)
    }

    /// Which programs of an object are asked about.
    fn choice(&self) -> Choice<'_> {
        self.select.choice(self.program.as_deref())
    }
}

fn run_batch(path: &Path, engine: &mut dyn Engine, wish: Wish) -> Outcome {
    let mut input = Input::open(path)?;
    let output = BufWriter::new(output::plain_stdout());
    let counts = batch::run_batch(BufReader::new(&mut input), output, engine, wish)
        .map_err(|error| input.failure(path, error))?;
    Ok(status_of_batch(&counts))
}

fn status_of_batch(counts: &BatchCounts) -> Status {
    let kinds = [
        (counts.errors - counts.not_permitted, Status::BadInput),
        (counts.rejected, Status::Rejected),
        (counts.not_permitted + counts.unsupported, Status::NotPossible),
    ];
    Status::of_all(kinds.into_iter().filter(|(count, _)| *count > 0).map(|(_, status)| status))
}

/// The lines of a batch. Remembers whether it was reading that failed, not writing.
struct Input {
    from: Box<dyn io::Read>,
    failed: bool,
}

impl Input {
    fn open(path: &Path) -> Result<Self, Failure> {
        files::say_if_it_waits(path, "programs, one JSON object a line,");
        let from: Box<dyn io::Read> = if files::is_standard(path) {
            Box::new(io::stdin().lock())
        } else {
            Box::new(File::open(path).map_err(|error| Failure::file(&files::name(path), &error))?)
        };
        Ok(Self { from, failed: false })
    }

    /// The failure of a batch that this was the input of.
    fn failure(&self, path: &Path, error: io::Error) -> Failure {
        if self.failed { Failure::file(&files::name(path), &error) } else { error.into() }
    }
}

impl io::Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.from.read(buffer).inspect_err(|error| self.failed = error.kind() != io::ErrorKind::Interrupted)
    }
}

fn run_object(path: &Path, asked: Asked, level: u32, args: &Verify) -> Outcome {
    files::say_if_it_waits(path, "an object");
    let Asked { mut engine, types, .. } = asked;
    let object = Object::read(files::read(path)?, files::name(path), args.choice())?;
    let readings = object.made_for(&args.types(types))?;
    let mut out = output::stdout();
    // Of a rejected program the failing path tells most.
    let shows_path = args.log && args.log_level.is_none() && args.format != Some(VerifyFormat::Jsonl);
    let mut statuses = Vec::new();
    for reading in readings.iter() {
        let (program, verdict) = match whole(reading) {
            Ok(attempt) => {
                let attempt = attempt.at_level(level);
                let mut verdict = engine.verdict(&attempt);
                if shows_path && verdict.outcome == Verified::Reject {
                    verdict.log = engine.verdict(&attempt.at_level(1)).log;
                }
                (reading.program.as_ref().ok(), verdict)
            }
            Err(verdict) => (None, verdict),
        };
        write_verdict(&mut out, reading, program, &verdict, args)?;
        statuses.push(status_of(&verdict));
    }
    Ok(Status::of_all(statuses))
}

fn write_verdict(
    out: &mut impl Write,
    reading: &Reading,
    program: Option<&Program>,
    verdict: &Verdict,
    args: &Verify,
) -> Result<(), Failure> {
    let row = Row::new(Some(&reading.name), verdict, args.log);
    match args.verdict_format() {
        VerdictFormat::Text => {
            text(out, program, verdict, &row)?;
            for why in poisoned(reading, verdict) {
                output::say(format_args!("note: {}: {}", visible(&reading.name), visible(&why)));
            }
        }
        VerdictFormat::Jsonl => {
            let poisoned = poisoned(reading, verdict);
            serde_json::to_writer(&mut *out, &OfObject { row, poisoned }).map_err(io::Error::from)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// A line of JSON of an object's program.
#[derive(serde::Serialize)]
struct OfObject<'a> {
    #[serde(flatten)]
    row: Row<'a>,
    /// What the program names that the kernel hasn't, where that is why it was rejected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    poisoned: Vec<String>,
}

fn status_of(verdict: &Verdict) -> Status {
    match verdict.outcome {
        Verified::Accept => Status::Done,
        Verified::Reject => Status::Rejected,
        Verified::Error if verdict.errno == 0 => Status::BadInput,
        Verified::Refuse | Verified::Unsupported | Verified::Error => Status::NotPossible,
    }
}

fn text(out: &mut impl Write, program: Option<&Program>, verdict: &Verdict, row: &Row<'_>) -> io::Result<()> {
    if let Some(log) = row.log {
        // The kernel writes source lines and names as the object has them.
        write!(out, "{}", visible_lines(log))?;
        if !log.ends_with('\n') {
            writeln!(out)?;
        }
    }
    let (style, word) = match verdict.outcome {
        Verified::Accept => (style::GOOD, "accepted"),
        Verified::Reject => (style::ERROR, "rejected"),
        Verified::Unsupported => (style::ERROR, "not supported"),
        Verified::Refuse | Verified::Error => (style::ERROR, "not verified"),
    };
    let name = visible(row.name.unwrap_or(""));
    write!(out, "{name}: {style}{word}{style:#}")?;
    if let Some(slot) = verdict.insn.filter(|_| verdict.outcome == Verified::Reject) {
        let mut slots = program.into_iter().flat_map(Program::slots);
        match slots.find(|(start, _)| *start == slot) {
            Some((_, item)) => write!(out, " at {slot}: {}", item.code)?,
            None => write!(out, " at {slot}")?,
        }
    }
    if !verdict.is_accepted() {
        write!(out, ": {}", visible_lines(&verdict.message))?;
    }
    if verdict.errno != 0 {
        write!(out, " (errno {})", verdict.errno)?;
    }
    if let Some(processed) = verdict.processed {
        write!(out, "; {} processed", counted(processed, "instruction"))?;
    }
    writeln!(out)
}
