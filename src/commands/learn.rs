//! `learn`: the catalogue as lessons.

use std::io::{self, IsTerminal as _};

use knockwright_explain::render::text::Style;
use knockwright_lessons::walk::{self, Manner};
use knockwright_lessons::{lesson, lessons};

use crate::cli::Learn;
use crate::failure::{Failure, Outcome, Status};

pub(crate) fn run(args: &Learn) -> Outcome {
    let mut out = anstream::stdout().lock();
    let Some(name) = &args.lesson else {
        walk::list(&mut out)?;
        return Ok(Status::Done);
    };
    let Some(lesson) = lesson(name) else {
        let near: Vec<&str> =
            lessons().map(|lesson| lesson.class.slug).filter(|slug| slug.contains(name.as_str())).collect();
        let hint =
            if near.is_empty() { "`knockwright learn` lists them".to_owned() } else { near.join(", ") };
        return Err(Failure::bad_input(format!("no lesson is called `{name}`: {hint}")));
    };
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let style = Style { colours: terminal, unicode: terminal, ..Style::default() };
    walk::walk(&lesson, &mut io::stdin().lock(), &mut out, Manner { ask: terminal && !args.show, style })?;
    Ok(Status::Done)
}
