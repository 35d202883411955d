//! `status`: which interfaces are guarded, and how.

use std::io::Write as _;

use knockwright_firewall::{guard, status};

use crate::cli::{Format, StatusCommand};
use crate::failure::{Failure, Outcome, Status};
use crate::output;

pub(crate) fn run(args: &StatusCommand) -> Outcome {
    let root = &args.pins.pins;
    let interfaces = match &args.interface {
        Some(interface) => vec![interface.clone()],
        None => guard::interfaces(root).map_err(Failure::not_possible)?,
    };
    let read = |interface: &String| status::read(root, interface).map_err(Failure::not_possible);
    let found = interfaces.iter().map(read).collect::<Result<Vec<_>, _>>()?;
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
    Ok(Status::Done)
}
