//! `completions` and `man`: what shells and `man` want, made from the command line's own description.

use std::path::Path;

use clap::CommandFactory as _;

use crate::cli::{Cli, Completions, Man};
use crate::failure::{Failure, Outcome, Status};

pub(crate) fn completions(args: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "knockwright", &mut script);
    crate::files::write(Path::new("-"), &script)?;
    Ok(Status::Done)
}

pub(crate) fn man(args: &Man) -> Outcome {
    std::fs::create_dir_all(&args.folder)
        .map_err(|error| Failure::file(&args.folder.display().to_string(), &error))?;
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    write_pages(command, &args.folder)?;
    Ok(Status::Done)
}

/// Writes the page of a command and those of its subcommands.
fn write_pages(command: clap::Command, folder: &Path) -> Result<(), Failure> {
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        write_pages(subcommand.clone(), folder)?;
    }
    let page = clap_mangen::Man::new(command);
    let mut text = Vec::new();
    page.render(&mut text).map_err(Failure::internal)?;
    crate::files::write(&folder.join(page.get_filename()), &text)
}
