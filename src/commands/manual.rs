//! `completions` and `man`: what shells and `man` want, made from the command line's own description.

use clap::CommandFactory as _;

use crate::cli::{Cli, Completions, Man};
use crate::failure::{Failure, Outcome, Status};

pub(crate) fn completions(args: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "knockwright", &mut script);
    crate::files::write(std::path::Path::new("-"), &script)?;
    Ok(Status::Done)
}

pub(crate) fn man(args: &Man) -> Outcome {
    if !args.folder.is_dir() {
        return Err(Failure::bad_input(format!("{}: no folder", args.folder.display())));
    }
    clap_mangen::generate_to(Cli::command(), &args.folder)
        .map_err(|error| Failure::bad_input(format!("{}: {error}", args.folder.display())))?;
    Ok(Status::Done)
}
