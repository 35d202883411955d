//! Objects: every program of every object, on every kernel, with every configuration, and one status for all.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use knockwright_asm::text::visible;
use knockwright_codegen::read::{AttachTo, Dropped, ReadError, Reading, globals};
use knockwright_codegen::section_name::{self, Tells};
use knockwright_verifier_cases::words::did_you_mean;

use super::ask::{Kernel, Object, Order, Types};
use super::on_kernels::on_each;
use crate::cli::{Gate, Verify, VerifyFormat};
use crate::commands::carried;
use crate::commands::disasm::unreadable;
use crate::engine::{self, Asked};
use crate::failure::{Failure, Outcome, Status};
use crate::gate::baseline::{self, Baseline};
use crate::gate::budget::faults;
use crate::gate::config::{self, Config};
use crate::gate::expect::Expectations;
use crate::gate::objects::{Broken, Found, find};
use crate::gate::report;
use crate::gate::row::Judged;
use crate::kernel_types::TypesOf;
use crate::{files, output, style};

pub(super) fn run(args: &Verify) -> Outcome {
    refuse_contradictions(args)?;
    if let Some(standard) = args.files.iter().find(|path| files::is_standard(path)) {
        files::say_if_it_waits(standard, "an object");
    }
    let objects = objects(args)?;
    let configs = config::read(&args.gate.config, &args.gate.set)?;
    refuse_unknown(&objects, &configs)?;
    refuse_idle_targets(args, &objects)?;
    let before = args.gate.baseline.as_deref().map(read_baseline).transpose()?;
    let expectations = args.gate.expect.as_deref().map(read_expectations).transpose()?;
    // The user's own file is every kernel's.
    let named = args.btf.clone().map(|file| TypesOf::File(file).read()).transpose()?;
    let (mut rows, view) = ask(args, &objects, &configs, named.as_ref())?;
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut judged: Vec<Judged> = rows.into_iter().map(|(_, judged)| judged).collect();
    for one in &mut judged {
        judge(one, args, before.as_ref(), expectations.as_ref());
    }
    write(args, view, &judged)?;
    say_oddities(args, before.as_ref(), expectations.as_ref(), &judged);
    let saved = args.gate.save.as_deref().map_or(Ok(()), |path| save(path, &judged));
    let failed = saved.err().map(|failure| {
        output::say(format_args!("{}error:{:#} {failure}", style::ERROR, style::ERROR));
        failure.status
    });
    Ok(Status::of_all(judged.iter().map(Judged::status).chain(failed)))
}

/// How the verdicts are shown in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// One object on one kernel: a line for each program.
    Lines,
    /// One object on kernels in QEMU, or on several: a table for each program.
    Kernels,
    /// Everything else: one table for all.
    Table,
}

impl View {
    fn of(args: &Verify, asked: &[Asked]) -> Self {
        match asked {
            _ if args.is_gate() => Self::Table,
            [one] if one.engine.image().is_none() => Self::Lines,
            _ => Self::Kernels,
        }
    }
}

impl Verify {
    /// Whether it's more than one object on some kernels.
    fn is_gate(&self) -> bool {
        let Gate { config, set, budget, baseline, save, tolerance, expect } = &self.gate;
        self.files.len() > 1
            || self.files.iter().any(|path| path.is_dir())
            || !config.is_empty()
            || !set.is_empty()
            || budget.is_some()
            || baseline.is_some()
            || save.is_some()
            || tolerance.is_some()
            || expect.is_some()
    }

    /// Whether the report has the guards of rejected programs.
    pub(super) fn shows_guards(&self) -> bool {
        match self.format {
            None | Some(VerifyFormat::Text) => self.is_gate(),
            Some(VerifyFormat::Jsonl) => false,
            Some(VerifyFormat::Junit | VerifyFormat::Sarif | VerifyFormat::Github) => true,
        }
    }

    /// The levels that logs are wanted at, ascending.
    fn levels(&self) -> &'static [u32] {
        match (self.log_level, self.log, self.format) {
            (Some(0), ..) => &[0],
            (Some(2), ..) | (None, true, Some(VerifyFormat::Jsonl)) => &[2],
            // Of a rejected program the failing path tells most, of an accepted one every path.
            (None, true, _) => &[1, 2],
            (Some(_), ..) | (None, false, _) => &[1],
        }
    }
}

fn refuse_contradictions(args: &Verify) -> Result<(), Failure> {
    let usage = |message: &str| Err(Failure::new(Status::Usage, message));
    if args.gate.save.as_deref().is_some_and(files::is_standard) {
        return usage(
            "--save takes a file: standard output has the report (--format jsonl writes the same rows)",
        );
    }
    match args.format {
        Some(VerifyFormat::Junit | VerifyFormat::Sarif | VerifyFormat::Github) if args.log => {
            usage("--log goes with the formats text and jsonl")
        }
        _ => Ok(()),
    }
}

/// The objects that are named, and those in the folders that are. Those without the program or section asked for are left
/// out, unless all are.
fn objects(args: &Verify) -> Result<Vec<Object<'_>>, Failure> {
    let found = find(&args.files);
    let (mut objects, mut without) = (Vec::new(), Vec::new());
    let sets_values = !args.gate.set.is_empty() || !args.gate.config.is_empty();
    for Found { name, relative, bytes } in found {
        let (globals, programs) = match bytes {
            Ok(bytes) => {
                let globals = match sets_values {
                    true => globals::globals(&bytes).unwrap_or_default(),
                    false => Vec::new(),
                };
                match carried::Object::read(bytes, args.choice()) {
                    Err(error @ (ReadError::NoProgram { .. } | ReadError::NoSection { .. })) => {
                        without.push((name, error));
                        continue;
                    }
                    programs => (globals, programs.map_err(Broken::bad)),
                }
            }
            Err(error) => (Vec::new(), Err(error)),
        };
        objects.push(Object { name, relative, globals, programs });
    }
    match without.is_empty() || objects.iter().any(|object| object.programs.is_ok()) {
        true => Ok(objects),
        false => Err(chosen_nowhere(without)),
    }
}

/// That no object has what is chosen.
fn chosen_nowhere(without: Vec<(String, ReadError)>) -> Failure {
    if let [(name, error)] = without.as_slice() {
        return unreadable(name, error);
    }
    let (mut wanted, mut known) = (String::new(), BTreeSet::new());
    for (_, error) in without {
        match error {
            ReadError::NoProgram { name, programs } => {
                wanted = format!("program `{name}`");
                known.extend(programs);
            }
            ReadError::NoSection { section, sections } => {
                wanted = format!("section `{section}`");
                known.extend(sections);
            }
            _ => {}
        }
    }
    let name = wanted.split('`').nth(1).unwrap_or_default();
    let meant = did_you_mean(name, known.iter().map(String::as_str));
    let known = known.into_iter().collect::<Vec<_>>().join(", ");
    Failure::bad_input(format!("no object has a {wanted}{meant}; there are: {known}"))
}

/// The programs of all objects that are some.
fn readings<'o>(objects: &'o [Object<'_>]) -> impl Iterator<Item = &'o Reading> + Clone {
    let programs = objects.iter().filter_map(|object| object.programs.as_ref().ok());
    programs.flat_map(|programs| &programs.outline)
}

/// A variable or a program that no object has is a slip of the pen.
fn refuse_unknown(objects: &[Object<'_>], configs: &[Config]) -> Result<(), Failure> {
    let variables: BTreeSet<&str> =
        objects.iter().flat_map(|object| &object.globals).map(|global| global.name.as_str()).collect();
    let programs: BTreeSet<&str> = readings(objects).map(|reading| reading.name.as_str()).collect();
    let unknown = |what: &str, name: &str, known: &BTreeSet<&str>| {
        let meant = did_you_mean(name, known.iter().copied());
        let known = known.iter().copied().collect::<Vec<_>>().join(", ");
        let known = if known.is_empty() { "none" } else { &known };
        Err(Failure::bad_input(format!("no object has a {what} `{name}`{meant}; there are: {known}")))
    };
    for config in configs {
        if let Some((name, _)) = config.set.iter().find(|(name, _)| !variables.contains(name.as_str())) {
            return unknown("global variable", name, &variables);
        }
        // One that isn't chosen is there too.
        let is_elsewhere = |name: &str| {
            objects.iter().any(|object| object.programs.as_ref().is_ok_and(|programs| programs.has(name)))
        };
        let is_unknown = |name: &&String| !programs.contains(name.as_str()) && !is_elsewhere(name);
        if let Some(name) = config.without.iter().find(is_unknown) {
            return unknown("program", name, &programs);
        }
        if !programs.is_empty() && programs.iter().all(|name| config.without.iter().any(|out| out == name)) {
            let name = config.name.as_deref().unwrap_or_default();
            return Err(Failure::new(
                Status::Usage,
                format!("the configuration `{name}` leaves out every program: nothing is left to verify"),
            ));
        }
    }
    Ok(())
}

/// A target that no program takes is a slip of the pen.
fn refuse_idle_targets(args: &Verify, objects: &[Object<'_>]) -> Result<(), Failure> {
    let takes_one = |reading: &Reading| reading.dropped.contains(&Dropped::Section(Tells::Target));
    let mut readings = readings(objects);
    for AttachTo { program, target } in &args.attach {
        let is_meant = |reading: &Reading| match program {
            Some(program) => reading.name == *program,
            None => section_name::target(&reading.section).is_none(),
        };
        if readings.clone().any(|reading| is_meant(reading) && takes_one(reading)) {
            continue;
        }
        let why = match program {
            Some(program) if readings.any(is_meant) => {
                format!("`{program}` is of a type and section that is for nothing in the kernel's types")
            }
            Some(program) => format!("no object has a program `{program}`"),
            None => "no program takes a target that its section's name doesn't say".to_owned(),
        };
        let of = program.as_ref().map_or_else(String::new, |program| format!("{program}="));
        return Err(Failure::bad_input(format!("--attach {of}{target}: {why}")));
    }
    Ok(())
}

fn read_baseline(path: &Path) -> Result<Baseline, Failure> {
    let text = files::read_text(path)?;
    Baseline::read(&text).map_err(|error| Failure::bad_input(format!("{}: {error}", files::name(path))))
}

fn read_expectations(path: &Path) -> Result<Expectations, Failure> {
    let text = files::read_text(path)?;
    Expectations::read(&text).map_err(|error| Failure::bad_input(format!("{}: {error}", files::name(path))))
}

type Rows = Vec<(Order, Judged)>;

/// Asks every kernel. Where nothing is to be asked none has to be at hand.
fn ask(
    args: &Verify,
    objects: &[Object<'_>],
    configs: &[Config],
    named: Option<&Types>,
) -> Result<(Rows, View), Failure> {
    let readable = || objects.iter().filter_map(|object| object.programs.as_ref().ok());
    let asked = match engine::of_objects(args.engine, &args.kernels) {
        Err(failure)
            if failure.status == Status::NotPossible && readable().all(carried::Object::is_beyond_all) =>
        {
            vec![Asked::nobody(args.engine, &args.kernels)]
        }
        asked => asked?,
    };
    let view = View::of(args, &asked);
    let (mut engines, kernels): (Vec<_>, Vec<_>) =
        asked.into_iter().map(|Asked { engine, types, kind, name }| (engine, (types, kind, name))).unzip();
    let needs_types = readable().any(carried::Object::needs_types);
    let levels = args.levels();
    let rows = on_each(&mut engines, |place, engine| {
        let (types, kind, name) = &kernels[place];
        let read;
        let types = match named {
            None if needs_types => {
                read = types_of(types, kernels.len() > 1, name);
                Some(&read)
            }
            named => named,
        };
        Kernel { args, objects, configs, types, kind, name, levels }.ask(engine)
    });
    Ok((rows.into_iter().flatten().collect(), view))
}

/// The types of a kernel; why there are none is said, once for each.
fn types_of(types: &TypesOf, is_one_of_several: bool, kernel: &str) -> Types {
    let read = types.read().unwrap_or_else(|failure| Err(failure.to_string()));
    if let Err(why) = &read {
        let of = if is_one_of_several { format!(" {kernel}") } else { String::new() };
        output::say(format_args!(
            "note: no types of the kernel{of} (--btf FILE names some): {}",
            visible(why)
        ));
    }
    read
}

/// What is to be said of a row beside its verdict.
fn judge(judged: &mut Judged, args: &Verify, before: Option<&Baseline>, expected: Option<&Expectations>) {
    let row = &judged.row;
    let before = before.and_then(|before| before.of(row));
    judged.faults = faults(row, args.gate.budget, before, args.gate.tolerance.unwrap_or_default());
    judged.before = before.cloned();
    let Some(expected) = expected.and_then(|expected| expected.of(row)) else { return };
    match expected.fault(row) {
        None => judged.expected = Some(expected.clone()),
        // That nothing can be told is no other verdict.
        Some(_) if !row.is_verdict() => {}
        Some(fault) => judged.faults.push(fault),
    }
}

/// What the files that rows are compared with have, and the rows don't.
fn say_oddities(
    args: &Verify,
    before: Option<&Baseline>,
    expected: Option<&Expectations>,
    judged: &[Judged],
) {
    let rows = || judged.iter().map(|judged| &judged.row);
    let note = |path: &Option<std::path::PathBuf>, what: String| {
        let path = path.as_deref().map_or_else(String::new, files::name);
        output::say(format_args!("note: {}: {}", visible(&path), visible(&what)));
    };
    if let Some(odd) = before.and_then(|before| before.oddities(rows())) {
        note(&args.gate.baseline, odd);
    }
    for line in expected.map_or_else(Vec::new, |expected| expected.unused(rows())) {
        note(&args.gate.expect, format!("line {line}: no row is decided by it"));
    }
}

fn save(path: &Path, judged: &[Judged]) -> Result<(), Failure> {
    let rows = baseline::text(judged.iter().map(|judged| &judged.row)).map_err(Failure::internal)?;
    files::write(path, rows.as_bytes())
}

fn write(args: &Verify, view: View, judged: &[Judged]) -> Result<(), Failure> {
    let mut out = output::stdout();
    match args.format.unwrap_or(VerifyFormat::Text) {
        VerifyFormat::Text => match view {
            View::Lines => report::object::lines(&mut out, judged)?,
            View::Kernels => report::object::kernels(&mut out, judged)?,
            View::Table => report::text::write(&mut out, judged)?,
        },
        VerifyFormat::Jsonl => report::jsonl::write(&mut out, judged)?,
        VerifyFormat::Junit => report::junit::write(&mut out, judged)?,
        VerifyFormat::Sarif => report::sarif::write(&mut out, judged)?,
        VerifyFormat::Github => {
            report::github::annotations(&mut out, judged)?;
            if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty())
                && let Err(error) = append_summary(Path::new(&path), judged)
            {
                let path = path.to_string_lossy();
                output::say(format_args!("note: no summary: {}: {error}", visible(&path)));
            }
        }
    }
    if matches!(args.format, Some(VerifyFormat::Jsonl | VerifyFormat::Junit | VerifyFormat::Sarif)) {
        report::object::say_broken(judged);
    }
    Ok(out.flush()?)
}

/// Adds the table to the summary of a workflow's step.
fn append_summary(path: &Path, judged: &[Judged]) -> std::io::Result<()> {
    let mut text = Vec::new();
    report::github::summary(&mut text, judged)?;
    std::fs::File::options().append(true).create(true).open(path)?.write_all(&text)
}
