//! `verify`: the verifier's verdict on objects and batches.

mod ask;
mod gate;
mod on_kernels;

use std::fs::File;
use std::io::{self, BufReader, BufWriter};
use std::path::Path;

use knockwright_codegen::read::Choice;
use knockwright_verifier::Engine;
use knockwright_verifier::batch::{self, BatchCounts, Wish};

use crate::cli::{Verify, VerifyFormat};
use crate::failure::{Failure, Outcome, Status};
use crate::{engine, files, output};

pub(crate) fn run(args: &Verify) -> Outcome {
    let Some(path) = &args.batch else { return gate::run(args) };
    if !matches!(args.format, None | Some(VerifyFormat::Jsonl)) {
        return Err(Failure::new(Status::Usage, "a batch is always JSON lines: leave out --format"));
    }
    let level = args.log_level.unwrap_or(2);
    match engine::of_batch(args.engine, &args.kernels, args.log)? {
        Some(mut engine) => run_batch(path, engine.as_mut(), Wish { level, with_log: args.log }),
        None => on_kernels::batch(path, args),
    }
}

impl Verify {
    /// Which programs of an object are asked about.
    fn choice(&self) -> Choice<'_> {
        Choice { attach: &self.attach, ..self.select.choice(self.program.as_deref()) }
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
