//! `learn`: the catalogue as lessons.

use std::io::{self, IsTerminal as _};

use knockwright_explain::Class;
use knockwright_explain::render::text::Style;
use knockwright_lessons::walk::{self, Manner};
use knockwright_lessons::{lesson, lessons};
use knockwright_verifier_cases::catalogue;
use knockwright_verifier_cases::words::did_you_mean;

use crate::cli::Learn;
use crate::failure::{Failure, Outcome, Status};
use crate::output;

pub(crate) fn run(args: &Learn) -> Outcome {
    let mut out = output::stdout();
    let Some(name) = &args.lesson else {
        walk::list(&mut out)?;
        return Ok(Status::Done);
    };
    let Some(lesson) = lesson(name) else {
        let class = Class::ALL.iter().find(|class| class.slug() == name);
        if let Some(reason) = class.and_then(|class| class.no_lesson()) {
            return Err(Failure::bad_input(format!("`{name}` has no lesson. {reason}")));
        }
        let cases = catalogue::cases().map(|(_, case)| case.name);
        let meant = did_you_mean(name, lessons().map(|lesson| lesson.class.slug).chain(cases));
        return Err(Failure::bad_input(format!(
            "no lesson is called `{name}`{meant}; `knockwright learn` lists them"
        )));
    };
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let mut style = Style::default();
    (style.colours, style.unicode) = (terminal, terminal);
    style.width = output::columns().unwrap_or(style.width);
    walk::walk(&lesson, &mut io::stdin().lock(), &mut out, Manner { ask: terminal && !args.show, style })?;
    Ok(Status::Done)
}
