//! `unload`: takes the firewall off an interface.

use std::io::Write as _;

use knockwright_firewall::pins::{self, Holder, PinsError};
use knockwright_verifier_cases::words::counted;

use crate::cli::Unload;
use crate::failure::{Failure, Outcome, Status};
use crate::output;

pub(crate) fn run(args: &Unload) -> Outcome {
    let root = &args.pins.pins;
    let interface = match &args.interface {
        Some(interface) => interface.clone(),
        None => {
            let mut all = pins::interfaces(root).map_err(Failure::not_possible)?;
            match (all.pop(), all.as_slice()) {
                (Some(only), []) => only,
                (None, _) => {
                    return Err(Failure::not_possible(format!(
                        "no interface is guarded: nothing is pinned under {}",
                        root.display()
                    )));
                }
                (Some(last), others) => {
                    let others = others.join("`, `");
                    return Err(Failure::new(
                        Status::Usage,
                        format!("several interfaces are guarded: name one of `{others}`, `{last}`"),
                    ));
                }
            }
        }
    };
    let unloaded = pins::unload(root, &interface).map_err(pins_failure)?;
    let mut out = output::plain_stdout();
    let pins = counted(unloaded.pins, "pin");
    match unloaded.link {
        Some(link) if !link.gone => writeln!(
            out,
            "{interface}: detached program {} and removed {pins}; the port is no longer guarded",
            link.prog_id
        )?,
        _ => writeln!(out, "{interface}: nothing was attached any more; removed {pins}")?,
    }
    if !unloaded.left.is_empty() {
        writeln!(out, "left what others have pinned in its folder: {}", unloaded.left.join(", "))?;
    }
    match unloaded.holder {
        Holder::Process(Some(pid)) => writeln!(out, "its service, process {pid}, ends now")?,
        Holder::Process(None) => writeln!(out, "its service ends now")?,
        Holder::Nobody => {}
    }
    Ok(Status::Done)
}

/// A name that no interface can have is a bad one; all else is not possible here.
fn pins_failure(error: PinsError) -> Failure {
    match error {
        PinsError::Name(_) => Failure::bad_input(error),
        error => Failure::not_possible(error),
    }
}
