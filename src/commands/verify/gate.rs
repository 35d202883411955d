//! Objects as a gate: every program of every object, on every kernel, with every configuration, and one status for all.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use knockwright_codegen::read::globals::{self, Global};
use knockwright_codegen::read::{KernelFacts, Reading};
use knockwright_explain::render::{Meta, sarif};
use knockwright_explain::{Explainer, Explanation};
use knockwright_verifier::log_tail::LogTail;
use knockwright_verifier::{Attempt, Engine, EngineError, KernelId, Outcome as Verified, Verdict};

use super::on_kernels::{PART, answers, apart, on_each};
use crate::cli::{Verify, VerifyFormat};
use crate::commands::carried::{self, whole};
use crate::engine::{self, Asked};
use crate::failure::{Failure, Outcome, Status};
use crate::gate::baseline::{self, Baseline};
use crate::gate::budget::faults;
use crate::gate::config::{self, Config};
use crate::gate::report;
use crate::gate::row::{Judged, Row};
use crate::kernel_types::TypesOf;
use crate::{files, output};

/// An object of the gate.
struct Object<'a> {
    /// As it was named, or found in a folder that was.
    name: String,
    globals: Vec<Global>,
    /// Its programs, or why there are none.
    programs: Result<carried::Object<'a>, String>,
}

/// The types of a kernel, or why there are none.
type Types = Result<KernelFacts, String>;

pub(super) fn run(args: &Verify) -> Outcome {
    let objects = objects(args)?;
    let configs = config::read(&args.gate.config, &args.gate.set)?;
    refuse_unknown(&objects, &configs)?;
    let known = args.gate.baseline.as_deref().map(read_baseline).transpose()?;
    let needs_types = objects.iter().flat_map(|object| &object.programs).any(carried::Object::needs_types);
    // The user's own file is every kernel's.
    let named = match &args.btf {
        Some(file) if needs_types => Some(TypesOf::File(file.clone()).read()?),
        _ => None,
    };
    let asked = engine::of_objects(args.engine, &args.kernels)?;
    let apart_of = |Asked { engine, types, kind }| (engine, (types, kind));
    let (mut engines, kernels): (Vec<_>, Vec<_>) = asked.into_iter().map(apart_of).unzip();
    let asked = on_each(&mut engines, |place, engine| {
        let (types, kind) = &kernels[place];
        let read;
        let types = match &named {
            None if needs_types => {
                read = types.read().unwrap_or_else(|failure| Err(failure.to_string()));
                Some(&read)
            }
            named => named.as_ref(),
        };
        Kernel { args, objects: &objects, configs: &configs, types, kind }.ask(engine)
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
        files::write(path, rows_as_lines(&judged)?.as_bytes())?;
    }
    write(args, &judged)?;
    Ok(Status::of_all(judged.iter().map(status).chain(failures)))
}

/// The rows as `--save` and `--format jsonl` have them.
fn rows_as_lines(judged: &[Judged]) -> Result<String, Failure> {
    baseline::text(judged.iter().map(|judged| &judged.row)).map_err(Failure::internal)
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
fn objects(args: &Verify) -> Result<Vec<Object<'_>>, Failure> {
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
    let object = |path: PathBuf| {
        let (name, bytes) = (files::name(&path), files::read(&path)?);
        let globals = globals::globals(&bytes).unwrap_or_default();
        let programs = carried::Object::read(bytes, name.clone(), args.choice());
        Ok(Object { programs: programs.map_err(|failure| failure.to_string()), name, globals })
    };
    paths.into_iter().map(object).collect()
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
fn refuse_unknown(objects: &[Object<'_>], configs: &[Config]) -> Result<(), Failure> {
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
    objects: &'a [Object<'a>],
    configs: &'a [Config],
    /// Its types, where an object needs some.
    types: Option<&'a Types>,
    /// `kernel` or `userspace`.
    kind: &'a str,
}

/// A program of an object with a configuration, or an object that isn't one.
struct Question<'a> {
    object: &'a Object<'a>,
    config: &'a Config,
    reading: Option<&'a Reading>,
    /// The verdict that stands without asking: none can be given.
    beyond: Option<Verdict>,
}

impl Kernel<'_> {
    fn ask(&self, engine: &mut dyn Engine) -> Result<Vec<(Row, Option<Explanation>)>, EngineError> {
        let made: Vec<Result<Arc<[Reading]>, String>> =
            self.objects.iter().map(|object| self.made(object)).collect();
        let (questions, attempts) = self.questions(&made);
        let mut verdicts = Vec::with_capacity(attempts.len());
        for part in attempts.chunks(PART) {
            verdicts.extend(answers(engine, part)?);
        }
        let kernel = engine.kernel()?;
        let mut verdicts = verdicts.into_iter();
        let row = |question: Question<'_>| {
            let verdict = match &question.beyond {
                None => verdicts.next().map_or_else(Verdict::no_answer, |answer| answer.verdict()),
                Some(verdict) => verdict.clone(),
            };
            self.row(&kernel, &question, &verdict)
        };
        Ok(questions.into_iter().map(row).collect())
    }

    /// The programs of an object as a loader makes them for this kernel.
    fn made(&self, object: &Object<'_>) -> Result<Arc<[Reading]>, String> {
        let programs = object.programs.as_ref().map_err(String::clone)?;
        match self.types {
            Some(Ok(types)) if programs.needs_types() => {
                programs.made_by(types).map_err(|failure| failure.to_string())
            }
            // Those that need types say so themselves.
            _ => Ok(Arc::clone(&programs.plain)),
        }
    }

    /// Every program of every object with every configuration, and what is asked of those that can be.
    fn questions<'q>(
        &'q self,
        made: &'q [Result<Arc<[Reading]>, String>],
    ) -> (Vec<Question<'q>>, Vec<Attempt>) {
        let (mut questions, mut attempts) = (Vec::new(), Vec::new());
        for (object, made) in self.objects.iter().zip(made) {
            let readings = match made {
                Ok(readings) => readings,
                Err(why) => {
                    let beyond = Some(Verdict::error(0, why.as_str()));
                    // No configuration makes it one.
                    let config = &self.configs[0];
                    questions.push(Question { object, config, reading: None, beyond });
                    continue;
                }
            };
            for reading in readings.iter() {
                for config in self.configs.iter().filter(|config| !config.without.contains(&reading.name)) {
                    let beyond = match self.attempt(object, config, reading) {
                        Ok(attempt) => {
                            attempts.push(attempt);
                            None
                        }
                        Err(verdict) => Some(verdict),
                    };
                    questions.push(Question { object, config, reading: Some(reading), beyond });
                }
            }
        }
        (questions, attempts)
    }

    fn attempt(&self, object: &Object<'_>, config: &Config, reading: &Reading) -> Result<Attempt, Verdict> {
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
        let of_reading = |text: fn(&Reading) -> String| question.reading.map_or_else(String::new, text);
        let prog_type = |reading: &Reading| {
            reading.program.as_ref().map_or_else(|_| String::new(), |program| program.prog_type.to_string())
        };
        let row = Row {
            object: question.object.name.clone(),
            program: of_reading(|reading| reading.name.clone()),
            section: of_reading(|reading| reading.section.clone()),
            prog_type: of_reading(prog_type),
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
        VerifyFormat::Jsonl => out.write_all(rows_as_lines(judged)?.as_bytes())?,
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
