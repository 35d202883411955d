//! `check`: what is wrong or risky in a configuration.

use std::io::Write as _;
use std::path::Path;

use knockwright_firewall::config::{self, Problem, ProblemKind, Severity, Surroundings};
use knockwright_firewall::door::Config;
use knockwright_verifier_cases::words::counted;

use crate::cli::Check;
use crate::failure::{Failure, Outcome, Status};
use crate::{files, output, style};

pub(crate) fn run(args: &Check) -> Outcome {
    let (config, problems) = read(&args.file)?;
    let name = files::name(&args.file);
    let mut out = output::stdout();
    write_problems(&mut out, &name, problems.iter())?;
    match config {
        Some(_) if problems.is_empty() => writeln!(out, "{name}: {}good{:#}", style::GOOD, style::GOOD)?,
        Some(_) => writeln!(out, "{name}: can be used, but see the warnings")?,
        None => return Err(unusable(&name, &problems)),
    }
    Ok(Status::Done)
}

/// The configuration, if it can be used, and its problems.
fn read(path: &Path) -> Result<(Option<Config>, Vec<Problem>), Failure> {
    let around =
        if files::is_standard(path) { Surroundings::of_machine() } else { Surroundings::of_file(path) };
    files::say_if_it_waits(path, "a configuration");
    let bytes = files::read_start(path, config::MAX_BYTES as u64 + 1)?;
    let text = if bytes.len() > config::MAX_BYTES {
        String::from_utf8_lossy(&bytes).into_owned() // too large, whatever it says
    } else {
        files::text(path, bytes)?
    };
    let checked = config::check(&text, &around);
    Ok((checked.config, checked.problems))
}

fn unusable(name: &str, problems: &[Problem]) -> Failure {
    let errors = problems.iter().filter(|problem| problem.severity() == Severity::Error).count();
    let them = if errors == 1 { "it" } else { "them" };
    let errors = counted(errors, "error");
    Failure::bad_input(format!("{name}: {errors}: mend {them} and `knockwright check` it again"))
}

/// Who uses a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum User {
    /// The firewall.
    Service,
    /// Who knocks. Warnings that concern the firewall's machine are of no use here.
    Client,
}

/// The configuration, or the failure; the problems go to standard error.
pub(crate) fn usable(path: &Path, user: User) -> Result<Config, Failure> {
    let (config, problems) = read(path)?;
    let name = files::name(path);
    let concerns = |problem: &&Problem| {
        user == User::Service
            || problem.severity() == Severity::Error
            || matches!(problem.kind, ProblemKind::OpenFile(_))
    };
    // If standard error is closed there's nobody to tell.
    let _ = write_problems(&mut anstream::stderr(), &name, problems.iter().filter(concerns));
    config.ok_or_else(|| unusable(&name, &problems))
}

/// Who has made so many mistakes has chosen the wrong file.
const SHOWN_PROBLEMS: usize = 100;

fn write_problems<'p>(
    out: &mut impl std::io::Write,
    name: &str,
    mut problems: impl Iterator<Item = &'p Problem>,
) -> std::io::Result<()> {
    for problem in problems.by_ref().take(SHOWN_PROBLEMS) {
        write_problem(out, name, problem)?;
    }
    match problems.count() {
        0 => Ok(()),
        more => writeln!(out, "{name}: and {more} more"),
    }
}

fn write_problem(out: &mut impl std::io::Write, name: &str, problem: &Problem) -> std::io::Result<()> {
    let style = match problem.severity() {
        Severity::Error => style::ERROR,
        Severity::Warning => style::HEADING,
    };
    write!(out, "{name}:")?;
    if let Some(place) = problem.place {
        write!(out, "{}:{}:", place.line, place.column)?;
    }
    writeln!(out, " {style}{}:{style:#} {}", problem.severity(), problem.kind)
}
