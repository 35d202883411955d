//! The command line of knockwright: one file a command, thin over the libraries.

mod catalogue;
mod cli;
mod commands;
mod failure;
mod files;
mod style;
mod userspace;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};
use failure::Status;

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Demo(args) => commands::demo::run(&args),
        Command::Build(args) => commands::build::run(&args),
        Command::Asm(args) => commands::asm::run(&args),
        Command::Disasm(args) => commands::disasm::run(&args),
        Command::Inspect(args) => commands::inspect::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Cases(args) => commands::cases::run(&args),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Learn(args) => commands::learn::run(&args),
        Command::Run(args) => commands::run::run(&args),
        Command::Check(args) => commands::check::run(&args),
        Command::Status(args) => commands::status::run(&args),
        Command::Unload(args) => commands::unload::run(&args),
        Command::Knock(args) => commands::knock::run(&args),
        Command::Completions(args) => commands::manual::completions(&args),
        Command::Man(args) => commands::manual::man(&args),
    };
    match outcome {
        Ok(status) => status.into(),
        Err(failure) if failure.status == Status::Done => Status::Done.into(),
        Err(failure) => {
            // Where standard error is gone too, the status has to do.
            let _ = writeln!(anstream::stderr(), "{}error:{:#} {failure}", style::ERROR, style::ERROR);
            failure.status.into()
        }
    }
}
