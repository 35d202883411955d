//! `explain`: a verifier's log to its cause, its numbers and its guard.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal as _, Write as _};
use std::path::Path;

use knockwright_asm::Program;
use knockwright_explain::render::text::{self, Style};
use knockwright_explain::render::{Meta, html, sarif};
use knockwright_explain::{Engine, Explainer, Explanations, Verdict};
use knockwright_loader::batch::{self, BatchOutcome, KernelEngine};
use knockwright_loader::privilege::{can_load, kernel_release};
use knockwright_verifier::Profile;
use knockwright_verifier_cases::run::select;

use super::disasm::programs_of;
use super::verify::raw;
use crate::cli::{Explain, ExplainFormat, GuardEngine};
use crate::engine::Userspace;
use crate::failure::{Failure, Outcome, Status};
use crate::{files, output};

/// How much of a log is read at once.
const BUFFER: usize = 256 << 10;

pub(crate) fn run(args: &Explain) -> Outcome {
    let mut engine = engine(args.engine)?;
    let mut explainer = Explainer::new().programs(programs(args)?);
    if let Some(engine) = &mut engine {
        explainer = explainer.engine(engine);
    }
    let name = files::name(&args.file);
    let explained = explainer.explain(open(&args.file)?).map_err(|error| Failure::file(&name, &error))?;
    if explained.logs.is_empty() {
        return Err(Failure::bad_input(format!(
            "{name}: no verifier's log in it ({} lines of something else); load with log level 1 or 2, and give what the \
             loader prints",
            explained.outside.count
        )));
    }
    write(args, &explained)?;
    Ok(Status::Done)
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if files::is_standard(path) {
        return Ok(Box::new(BufReader::with_capacity(BUFFER, io::stdin().lock())));
    }
    let file = File::open(path).map_err(|error| Failure::file(&files::name(path), &error))?;
    Ok(Box::new(BufReader::with_capacity(BUFFER, file)))
}

fn write(args: &Explain, explained: &Explanations) -> Result<(), Failure> {
    match args.format {
        ExplainFormat::Text => {
            let mut out = String::new();
            let to_terminal = files::is_standard(&args.output) && io::stdout().is_terminal();
            let style = Style { colours: to_terminal, unicode: to_terminal, ..Style::default() };
            for log in &explained.logs {
                out.push_str(&text::render(log, style));
                out.push('\n');
            }
            if let Some(unknown) = text::unknown(&explained.outside, "outside of the logs") {
                out.push_str(&format!("note: {unknown}\n"));
            }
            if !files::is_standard(&args.output) {
                return files::write(&args.output, out.as_bytes());
            }
            Ok(output::stdout().write_all(out.as_bytes())?)
        }
        ExplainFormat::Json => {
            let mut out = Vec::new();
            for log in &explained.logs {
                serde_json::to_writer(&mut out, &log.diagnosis).map_err(Failure::internal)?;
                out.push(b'\n');
            }
            files::write(&args.output, &out)
        }
        ExplainFormat::Sarif => {
            let mut out = Vec::new();
            sarif::write(&mut out, &explained.logs, &meta(args, explained)).map_err(Failure::internal)?;
            files::write(&args.output, &out)
        }
        ExplainFormat::Html => {
            let mut out = Vec::new();
            html::write(&mut out, &explained.logs, &meta(args, explained)).map_err(Failure::internal)?;
            files::write(&args.output, &out)
        }
    }
}

/// What SARIF and the page say of this run.
fn meta(args: &Explain, explained: &Explanations) -> Meta {
    Meta {
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        information_uri: None,
        input: (!files::is_standard(&args.file)).then(|| files::name(&args.file)),
        outside: explained.outside.clone(),
    }
}

/// The programs that the logs may be of.
fn programs(args: &Explain) -> Result<Vec<Program>, Failure> {
    if let Some(file) = &args.object {
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

/// The verifier that checks guards; none if none is wanted.
fn engine(wanted: GuardEngine) -> Result<Option<Checker>, Failure> {
    let kernel = || Checker {
        engine: Box::new(KernelEngine::new(false)),
        name: format!("Linux {}, which runs here,", kernel_release()),
    };
    let userspace = || Checker {
        engine: Box::new(Userspace::new(Profile::NEWEST, 2, false)),
        name: "our verifier for Linux 6.18".to_owned(),
    };
    Ok(match (wanted, can_load()) {
        (GuardEngine::None, _) => None,
        (GuardEngine::Kernel, Err(reason)) => return Err(Failure::not_possible(reason)),
        (GuardEngine::Auto | GuardEngine::Kernel, Ok(())) => Some(kernel()),
        (GuardEngine::Auto | GuardEngine::Userspace, _) => Some(userspace()),
    })
}

/// A verifier of batches as the explainer asks it.
struct Checker {
    engine: Box<dyn batch::Engine>,
    name: String,
}

impl Engine for Checker {
    fn verify(&mut self, program: &Program) -> Result<Verdict, String> {
        let verdict = self.engine.verify(&raw(program));
        match verdict.verdict {
            BatchOutcome::Accept => Ok(Verdict { accepted: true, insn: None, message: String::new() }),
            BatchOutcome::Reject => {
                Ok(Verdict { accepted: false, insn: verdict.insn, message: verdict.message })
            }
            BatchOutcome::Unsupported => Err(format!("{} doesn't model {}", self.name, verdict.message)),
            BatchOutcome::Error => Err(verdict.message),
        }
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}
