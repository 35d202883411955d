//! `explain`: a verifier's log to its cause, its numbers and its guard.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal as _, Write as _};
use std::path::Path;

use knockwright_asm::Program;
use knockwright_explain::render::text::{self, Style};
use knockwright_explain::render::{Meta, github, html, sarif};
use knockwright_explain::{Checker, Explainer, Explanation, Groups, UnknownLines};
use knockwright_kernels::HostEngine;
use knockwright_loader::privilege::{can_load, kernel_release};
use knockwright_verifier::{Engine, Profile};
use knockwright_verifier_cases::run::select;

use super::disasm::programs_of;
use crate::cli::{Explain, ExplainFormat, GuardEngine};
use crate::engine::{attempt, userspace};
use crate::failure::{Failure, Outcome, Status};
use crate::files::{self, Pending};
use crate::output;

/// How much of a log is read at once.
const BUFFER: usize = 64 << 10;

pub(crate) fn run(args: &Explain) -> Outcome {
    if args.object.as_deref().is_some_and(files::is_standard) && files::is_standard(&args.file) {
        return Err(Failure::new(Status::Usage, "the log and the object can't both be standard input"));
    }
    let mut engine = engine(args.engine)?;
    let mut explainer = Explainer::new().programs(programs(args)?);
    explainer = match args.format {
        ExplainFormat::Html => explainer.keeping_text(),
        _ => explainer.without_trace(),
    };
    if let Some((engine, name)) = &mut engine {
        explainer = explainer.checker(Checker::new(engine.as_mut(), name.as_str(), attempt));
    }
    files::say_if_it_waits(&args.file, "what a loader prints, with the verifier's log,");
    let name = files::name(&args.file);
    let mut report = Report { args, to: None, pending: None, failure: None };
    let input = open(&args.file)?;
    let read = match args.format {
        ExplainFormat::Text | ExplainFormat::Html => {
            let mut groups = Groups::new(|log| report.log(log));
            let outside = explainer.explain_each(input, |log| groups.log(log));
            outside.and_then(|outside| Ok(Beside { outside, repeated: groups.finish()? }))
        }
        // Programs read logs in the order of the input, and find in each which one told the same.
        _ => {
            let outside = explainer.explain_each(input, |log| report.log(log));
            outside.map(|outside| Beside { outside, repeated: 0 })
        }
    };
    if let Some(failure) = report.failure {
        return Err(failure);
    }
    let beside = read.map_err(|error| Failure::file(&name, &error))?;
    if report.to.is_none() {
        return Err(Failure::bad_input(format!(
            "{name}: no verifier's log in it ({} of something else); load with log level 1 or 2, and give what the \
             loader prints",
            text::lines(beside.outside.count)
        )));
    }
    report.finish(beside)?;
    Ok(Status::Done)
}

/// What there was beside the logs that are told.
struct Beside {
    /// Lines outside of all logs.
    outside: UnknownLines,
    /// How many logs told nothing new, beside those that others name.
    repeated: usize,
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if files::is_standard(path) {
        return Ok(Box::new(BufReader::with_capacity(BUFFER, io::stdin().lock())));
    }
    let file = File::open(path).map_err(|error| Failure::file(&files::name(path), &error))?;
    Ok(Box::new(BufReader::with_capacity(BUFFER, file)))
}

/// What is written of each log as it comes. Nothing is, before there is a log.
struct Report<'a> {
    args: &'a Explain,
    to: Option<Format>,
    /// The file, which appears when all is written.
    pending: Option<Pending>,
    /// Why nothing more can be written.
    failure: Option<Failure>,
}

type Out = Box<dyn io::Write>;

enum Format {
    Text(Out, Style),
    Json(Out),
    Sarif(sarif::Writer<Out>),
    Html(Box<html::Writer<Out>>),
    Github(Out),
}

impl Report<'_> {
    /// Writes a log; an error ends the reading, and is kept as the command's own.
    fn log(&mut self, log: Explanation) -> io::Result<()> {
        let written = match &mut self.to {
            Some(format) => format.log(log).map_err(|error| failed(self.args, &error)),
            None => Format::begin(self.args).and_then(|(mut format, pending)| {
                let written = format.log(log);
                (self.to, self.pending) = (Some(format), pending);
                written.map_err(|error| failed(self.args, &error))
            }),
        };
        written.map_err(|failure| {
            self.failure = Some(failure);
            io::Error::other("nothing more can be written")
        })
    }

    fn finish(self, beside: Beside) -> Result<(), Failure> {
        let mut meta = meta(self.args);
        (meta.outside, meta.repeated) = (beside.outside, beside.repeated);
        let written = match self.to {
            Some(format) => format.finish(&meta),
            None => Ok(()),
        };
        written.map_err(|error| failed(self.args, &error))?;
        self.pending.map_or(Ok(()), Pending::finish)
    }
}

/// The failure of writing to where the explanations go.
fn failed(args: &Explain, error: &io::Error) -> Failure {
    let name = if files::is_standard(&args.output) {
        "standard output".to_owned()
    } else {
        args.output.display().to_string()
    };
    Failure::file(&name, error)
}

impl Format {
    /// Also the file that it's written to, if it is one.
    fn begin(args: &Explain) -> Result<(Self, Option<Pending>), Failure> {
        let is_standard = files::is_standard(&args.output);
        let to_terminal = is_standard && io::stdout().is_terminal();
        let (out, pending): (Out, _) = match (is_standard, args.format) {
            (true, ExplainFormat::Text) => (Box::new(output::stdout()), None),
            (true, _) => (Box::new(BufWriter::new(output::plain_stdout())), None),
            (false, _) => {
                let (pending, file) = Pending::begin(&args.output)?;
                (Box::new(BufWriter::new(file)), Some(pending))
            }
        };
        let format = match args.format {
            ExplainFormat::Text => {
                let mut style = Style::default();
                (style.colours, style.unicode) = (to_terminal, to_terminal);
                style.width = output::columns().filter(|_| to_terminal).unwrap_or(style.width);
                Self::Text(out, style)
            }
            ExplainFormat::Json => Self::Json(out),
            ExplainFormat::Sarif => {
                let writer = sarif::Writer::new(out).map_err(|error| failed(args, &error))?;
                Self::Sarif(match args.sources.clone() {
                    Some(folder) => writer.with_sources(move |name| source(&folder, name)),
                    None => writer,
                })
            }
            ExplainFormat::Html => Self::Html(Box::new(html::Writer::new(out, meta(args)))),
            ExplainFormat::Github => Self::Github(out),
        };
        Ok((format, pending))
    }

    fn log(&mut self, log: Explanation) -> io::Result<()> {
        match self {
            Self::Text(out, style) => writeln!(out, "{}", text::render(&log, *style)),
            Self::Json(out) => {
                serde_json::to_writer(&mut *out, &log.diagnosis)?;
                out.write_all(b"\n")
            }
            Self::Sarif(sarif) => sarif.log(&log),
            Self::Html(page) => page.log(log),
            Self::Github(out) => github::write(out, &log),
        }
    }

    fn finish(self, meta: &Meta) -> io::Result<()> {
        match self {
            Self::Text(mut out, _) => {
                if let Some(repeated) = meta.repeated_words() {
                    writeln!(out, "note: {repeated}")?;
                }
                if let Some(unknown) = text::unknown(&meta.outside, "outside of the logs") {
                    writeln!(out, "note: {unknown}")?;
                }
                out.flush()
            }
            Self::Json(mut out) | Self::Github(mut out) => out.flush(),
            Self::Sarif(sarif) => sarif.finish(meta),
            Self::Html(page) => page.finish(meta),
        }
    }
}

/// A source file that a log or an object names, if it's one of the folder.
fn source(folder: &Path, name: &str) -> Option<String> {
    const LARGEST: u64 = 16 << 20;
    let name = Path::new(name);
    // What a log names may be anything, and isn't followed out of the folder.
    let path = folder.join(name.strip_prefix(folder).unwrap_or(name)).canonicalize().ok()?;
    let is_inside = path.starts_with(folder.canonicalize().ok()?);
    let is_file = path.metadata().is_ok_and(|about| about.is_file() && about.len() <= LARGEST);
    (is_inside && is_file).then(|| std::fs::read_to_string(path).ok()).flatten()
}

/// What SARIF and the page say of this run.
fn meta(args: &Explain) -> Meta {
    let mut meta = Meta::default();
    meta.version = Some(env!("CARGO_PKG_VERSION").to_owned());
    meta.lessons.clone_from(&args.lessons);
    meta.input = (!files::is_standard(&args.file)).then(|| files::name(&args.file));
    meta
}

/// The programs that the logs may be of.
fn programs(args: &Explain) -> Result<Vec<Program>, Failure> {
    if let Some(file) = &args.object {
        files::say_if_it_waits(file, "an object");
        return programs_of(&files::read(file)?, &files::name(file), args.program.as_deref());
    }
    let Some(name) = &args.case else { return Ok(Vec::new()) };
    let (name, is_twin) = name.strip_suffix("+twin").map_or((name.as_str(), false), |name| (name, true));
    let selected = select(&[name.to_owned()]).map_err(Failure::bad_input)?;
    let [case] = selected.as_slice() else {
        return Err(Failure::bad_input(format!("`{name}` is a class: name one of its cases")));
    };
    let program = match is_twin {
        false => Some(case.case.build()),
        true => case.case.build_twin(),
    };
    let program = program.ok_or_else(|| Failure::bad_input(format!("the case `{name}` has no twin")))?;
    Ok(vec![program.map_err(Failure::internal)?])
}

/// A verifier with what it's called.
type Named = (Box<dyn Engine>, String);

/// The verifier that checks guards, and what it's called; none if none is wanted.
fn engine(wanted: GuardEngine) -> Result<Option<Named>, Failure> {
    let kernel = || -> Named {
        let name = format!("Linux {}, which runs here,", kernel_release());
        (Box::new(HostEngine::new().without_logs()), name)
    };
    let own = || -> Named {
        let name = format!("our verifier for Linux {}", Profile::NEWEST.name());
        (Box::new(userspace(Profile::NEWEST)), name)
    };
    Ok(match (wanted, can_load()) {
        (GuardEngine::None, _) => None,
        (GuardEngine::Kernel, Err(reason)) => return Err(Failure::not_possible(reason)),
        (GuardEngine::Auto | GuardEngine::Kernel, Ok(())) => Some(kernel()),
        (GuardEngine::Auto | GuardEngine::Userspace, _) => Some(own()),
    })
}
