//! `status`: which interfaces are guarded, and how.

use std::io::Write as _;

use knockwright_firewall::pins::PinsError;
use knockwright_firewall::status::{self, StatusError};

use crate::cli::{Format, StatusCommand};
use crate::failure::{Failure, Outcome, Status};
use crate::output;

pub(crate) fn run(args: &StatusCommand) -> Outcome {
    let root = &args.pins.pins;
    let found = match &args.interface {
        Some(interface) => vec![status::read(root, interface).map_err(failure)?],
        None => status::read_all(root).map_err(failure)?,
    };
    let mut out = output::plain_stdout();
    match args.format {
        Format::Text if found.is_empty() => {
            writeln!(out, "no interface is guarded: nothing is pinned under {}", root.display())?;
        }
        Format::Text => {
            for status in &found {
                write!(out, "{status}")?;
            }
        }
        Format::Json => {
            let json = serde_json::to_string_pretty(&found).map_err(Failure::internal)?;
            writeln!(out, "{json}")?;
        }
    }
    // Who names an interface asks whether it is guarded. That another of its name is, elsewhere, is no yes.
    let asked = args.interface.as_ref().and(found.first());
    Ok(if asked.is_none_or(|asked| asked.is_guarded_here()) { Status::Done } else { Status::NotPossible })
}

/// A name that no interface can have is a bad one; all else is not possible here.
fn failure(error: StatusError) -> Failure {
    match error {
        StatusError::Pins(PinsError::Name(_)) => Failure::bad_input(error),
        error => Failure::not_possible(error),
    }
}
