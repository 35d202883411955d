//! Objects as a gate: every program of every object, on every kernel, with every configuration, and one status for all.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use knockwright_codegen::btf::KernelTypes;
use knockwright_codegen::read::globals::{self, Global};
use knockwright_codegen::read::{self, Reading};
use knockwright_explain::render::{Meta, sarif};
use knockwright_explain::{Explainer, Explanation};
use knockwright_verifier::log_tail::LogTail;
use knockwright_verifier::{Attempt, Engine, EngineError, KernelId, Outcome as Verified, Verdict};

use super::on_kernels::{answers, apart, on_each};
use crate::cli::{Verify, VerifyFormat};
use crate::commands::carried::{needs_types, whole};
use crate::commands::disasm::unreadable;
use crate::engine::{self, Party};
use crate::failure::{Failure, Outcome, Status};
use crate::gate::baseline::{self, Baseline};
use crate::gate::budget::faults;
use crate::gate::config::{self, Config};
use crate::gate::report;
use crate::gate::row::{Result as Judged, Row};
use crate::kernel_types::TypesOf;
use crate::{files, output};

/// How many programs are put to a kernel at once: as many as one boot takes.
const PART: usize = 500;

/// An object of the gate.
struct Object {
    /// As it was named, or found in a folder that was.
    name: String,
    bytes: Vec<u8>,
    globals: Vec<Global>,
    /// Its programs without the types of a kernel, or why there are none.
    plain: Result<Vec<Reading>, String>,
}

pub(super) fn run(args: &Verify) -> Outcome {
    let objects = objects(args)?;
    let configs = config::read(&args.gate.config, &args.gate.set)?;
    refuse_unknown(&objects, &configs)?;
    let known = args.gate.baseline.as_deref().map(read_baseline).transpose()?;
    let parties = engine::of_objects(args.engine, &args.kernels)?;
    let (mut engines, places): (Vec<_>, Vec<_>) = parties.into_iter().map(Party::apart).unzip();
    let asked = on_each(&mut engines, |place, engine| {
        let (types, kind) = &places[place];
        let types = args.btf.clone().map_or_else(|| types.clone(), TypesOf::File);
        Kernel { args, objects: &objects, configs: &configs, types: &types, kind }.ask(engine)
    });
    let (rows, failures) = apart(asked);
    let mut rows: Vec<(Row, Option<Explanation>)> = rows.into_iter().flatten().collect();
    // By object and program, then by kernel: what belongs together stands together.
    rows.sort_by_key(|(row, _)| objects.iter().position(|object| object.name == row.object));
    let before = known.as_ref().map(Baseline::by_key).unwrap_or_default();
    let judged: Vec<Judged> = rows
        .into_iter()
        .map(|(row, explanation)| {
            let before = before.get(&row.key()).copied();
            let faults = faults(&row, args.gate.budget, before, args.gate.tolerance.unwrap_or_default());
            Judged { faults, before: before.cloned(), row, explanation }
        })
        .collect();
    if let Some(path) = &args.gate.save {
        let text = baseline::text(judged.iter().map(|judged| &judged.row)).map_err(Failure::internal)?;
        files::write(path, text.as_bytes())?;
    }
    write(args, &judged)?;
    Ok(Status::of_all(judged.iter().map(status).chain(failures)))
}

fn status(judged: &Judged) -> Status {
    match judged.row.verdict.as_str() {
        _ if judged.fails() => Status::Rejected,
        "accept" => Status::Done,
        "error" if judged.row.errno == 0 => Status::BadInput,
        _ => Status::NotPossible,
    }
}

/// The objects that are named, and those in the folders that are.
fn objects(args: &Verify) -> Result<Vec<Object>, Failure> {
    let mut paths = Vec::new();
    for path in &args.files {
        match path.is_dir() {
            true => match objects_of(path)?.as_slice() {
                [] => {
                    let folder = files::name(path);
                    return Err(Failure::bad_input(format!("{folder}: no objects (*.o) in this folder")));
                }
                objects => paths.extend_from_slice(objects),
            },
            false => paths.push(path.clone()),
        }
    }
    let choice = args.choice();
    paths
        .into_iter()
        .map(|path| {
            let (name, bytes) = (files::name(&path), files::read(&path)?);
            let plain =
                read::readings_of(&bytes, &choice).map_err(|error| unreadable(&name, &error).to_string());
            let globals = globals::globals(&bytes).unwrap_or_default();
            Ok(Object { name, bytes, globals, plain })
        })
        .collect()
}

/// The objects in a folder and those below it, in the order of their names.
fn objects_of(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error: std::io::Error| Failure::file(&folder.display().to_string(), &error);
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(failed)?;
    paths.sort();
    let mut objects = Vec::new();
    for path in paths {
        // A link to a folder may lead to where it stands.
        if path.is_dir() && !path.is_symlink() {
            objects.extend(objects_of(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "o") && path.is_file() {
            objects.push(path);
        }
    }
    Ok(objects)
}

/// A variable that no object has is a slip of the pen.
fn refuse_unknown(objects: &[Object], configs: &[Config]) -> Result<(), Failure> {
    let known: BTreeSet<&str> =
        objects.iter().flat_map(|object| &object.globals).map(|global| global.name.as_str()).collect();
    for config in configs {
        if let Some((name, _)) = config.set.iter().find(|(name, _)| !known.contains(name.as_str())) {
            let known: Vec<&str> = known.into_iter().collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Failure::bad_input(format!(
                "no object has a global variable `{name}`; there are: {known}"
            )));
        }
    }
    Ok(())
}

fn read_baseline(path: &Path) -> Result<Baseline, Failure> {
    let (name, bytes) = (files::name(path), files::read(path)?);
    let text =
        String::from_utf8(bytes).map_err(|_| Failure::bad_input(format!("{name}: this is no text")))?;
    Baseline::read(&text).map_err(|error| Failure::bad_input(format!("{name}: {error}")))
}

/// What one kernel is asked.
struct Kernel<'a> {
    args: &'a Verify,
    objects: &'a [Object],
    configs: &'a [Config],
    types: &'a TypesOf,
    /// `kernel` or `userspace`.
    kind: &'a str,
}

/// A program that is put to a kernel, or the verdict that none can give.
struct Question<'a> {
    object: &'a Object,
    config: &'a Config,
    reading: Option<Reading>,
    attempt: Result<Attempt, Verdict>,
}

impl Kernel<'_> {
    fn ask(&self, engine: &mut dyn Engine) -> Result<Vec<(Row, Option<Explanation>)>, EngineError> {
        let questions = self.questions();
        let attempts: Vec<Attempt> =
            questions.iter().filter_map(|question| question.attempt.as_ref().ok().cloned()).collect();
        let mut verdicts = Vec::with_capacity(attempts.len());
        for part in attempts.chunks(PART) {
            verdicts.extend(answers(engine, part)?);
        }
        let kernel = engine.kernel()?;
        let mut verdicts = verdicts.into_iter();
        Ok(questions
            .into_iter()
            .map(|question| {
                let verdict = match &question.attempt {
                    Ok(_) => verdicts.next().map_or_else(Verdict::no_answer, |answer| answer.verdict()),
                    Err(verdict) => verdict.clone(),
                };
                self.row(&kernel, &question, &verdict)
            })
            .collect())
    }

    /// Every program of every object with every configuration.
    fn questions(&self) -> Vec<Question<'_>> {
        let kernel_types = OnceLock::new();
        let mut questions = Vec::new();
        for object in self.objects {
            let readings = match self.made(object, &kernel_types) {
                Ok(readings) => readings,
                Err(why) => {
                    let [config, ..] = self.configs else { continue };
                    let attempt = Err(Verdict::error(0, why));
                    questions.push(Question { object, config, reading: None, attempt });
                    continue;
                }
            };
            for reading in readings {
                for config in self.configs.iter().filter(|config| !config.without.contains(&reading.name)) {
                    let attempt = self.attempt(object, config, &reading);
                    questions.push(Question { object, config, reading: Some(reading.clone()), attempt });
                }
            }
        }
        questions
    }

    /// The programs of an object as a loader makes them for this kernel.
    fn made(
        &self,
        object: &Object,
        kernel_types: &OnceLock<Result<KernelTypes, String>>,
    ) -> Result<Vec<Reading>, String> {
        let plain = object.plain.clone()?;
        if !plain.iter().any(needs_types) {
            return Ok(plain);
        }
        let types = kernel_types.get_or_init(|| match self.types.read() {
            Ok(types) => types,
            Err(failure) => Err(failure.to_string()),
        });
        match types {
            Ok(types) => read::readings_on(&object.bytes, &self.args.choice(), Some(types))
                .map_err(|error| error.to_string()),
            // Those that need types say so themselves.
            Err(_) => Ok(plain),
        }
    }

    fn attempt(&self, object: &Object, config: &Config, reading: &Reading) -> Result<Attempt, Verdict> {
        let mut attempt = whole(reading)?;
        for (name, value) in &config.set {
            match globals::set(&mut attempt.program, &object.globals, name, value) {
                // Another object has it.
                Ok(()) | Err(globals::GlobalError::Unknown { .. }) => {}
                Err(error) => return Err(Verdict::error(0, error.to_string())),
            }
        }
        Ok(attempt.at_level(self.args.log_level.unwrap_or(1)))
    }

    fn row(
        &self,
        kernel: &KernelId,
        question: &Question<'_>,
        verdict: &Verdict,
    ) -> (Row, Option<Explanation>) {
        let tail = LogTail::read(&verdict.log);
        let explanation = (verdict.outcome == Verified::Reject).then(|| explanation(verdict)).flatten();
        let reading = question.reading.as_ref();
        let prog_type = reading.and_then(|reading| reading.program.as_ref().ok());
        let row = Row {
            object: question.object.name.clone(),
            program: reading.map_or_else(String::new, |reading| reading.name.clone()),
            section: reading.map_or_else(String::new, |reading| reading.section.clone()),
            prog_type: prog_type.map_or_else(String::new, |program| program.prog_type.to_string()),
            kernel: kernel.name.clone(),
            engine: self.kind.to_owned(),
            config: question.config.name.clone(),
            verdict: verdict.outcome.to_string(),
            errno: verdict.errno,
            insn: verdict.insn,
            message: verdict.message.clone(),
            processed: verdict.processed,
            total_states: tail.total_states,
            peak_states: tail.peak_states,
            class: explanation.as_ref().map(|explanation| explanation.diagnosis.class.slug().to_owned()),
        };
        (row, explanation)
    }
}

/// Why a program was rejected, by its log alone.
fn explanation(verdict: &Verdict) -> Option<Explanation> {
    Explainer::new().explain(verdict.log.as_bytes()).ok()?.logs.pop()
}

fn write(args: &Verify, judged: &[Judged]) -> Result<(), Failure> {
    let mut out = output::stdout();
    match args.format.unwrap_or(VerifyFormat::Text) {
        VerifyFormat::Text => report::text::write(&mut out, judged)?,
        VerifyFormat::Jsonl => {
            let text = baseline::text(judged.iter().map(|judged| &judged.row)).map_err(Failure::internal)?;
            out.write_all(text.as_bytes())?;
        }
        VerifyFormat::Junit => report::junit::write(&mut out, judged)?,
        VerifyFormat::Github => {
            report::github::annotations(&mut out, judged)?;
            if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY") {
                append_summary(Path::new(&path), judged)?;
            }
        }
        VerifyFormat::Sarif => {
            let mut writer = sarif::Writer::new(&mut out)?;
            for explanation in judged.iter().filter_map(|judged| judged.explanation.as_ref()) {
                writer.log(explanation)?;
            }
            writer.finish(&Meta::default())?;
        }
    }
    Ok(out.flush()?)
}

/// Adds the table to the summary of a workflow's step.
fn append_summary(path: &Path, judged: &[Judged]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file(&path.display().to_string(), &error);
    let mut file = std::fs::File::options().append(true).create(true).open(path).map_err(failed)?;
    let mut text = Vec::new();
    report::github::summary(&mut text, judged).and_then(|()| file.write_all(&text)).map_err(failed)
}
