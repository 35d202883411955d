//! The command line of knockwright: one file a command, thin over the libraries.

mod cli;
mod commands;
mod engine;
mod failure;
mod files;
mod gate;
mod kernel_types;
mod output;
mod panics;
mod programs;
mod style;
mod wrap;

use std::process::ExitCode;

use clap::Parser as _;
use knockwright_asm::text::visible_lines;

use cli::{Cli, Command};
use failure::Status;
use knockwright_firewall::signals::HangUps;

fn main() -> ExitCode {
    panics::caught(|| {
        // Before anything else: whoever starts a service and asks it to reload at once doesn't end it.
        let early = commands::run::catch_hang_ups();
        match Cli::try_parse() {
            Ok(cli) => run(cli.command, early),
            Err(error) => usage(&error),
        }
    })
    .into()
}

/// Says what is wrong with the command line, or what was asked for. What the user typed does nothing to a terminal.
fn usage(error: &clap::Error) -> Status {
    let is_obeyed = |argument: std::ffi::OsString| argument.to_string_lossy().contains(char::is_control);
    if !error.use_stderr() || !std::env::args_os().any(is_obeyed) {
        error.exit();
    }
    output::say(visible_lines(error.render().to_string().trim_end()));
    Status::Usage
}

/// Runs a command to its end, and says why it failed if it did.
fn run(command: Command, hang_ups: Option<HangUps>) -> Status {
    let outcome = match command {
        Command::Demo(args) => commands::demo::run(&args),
        Command::Build(args) => commands::build::run(&args),
        Command::Asm(args) => commands::asm::run(&args),
        Command::Disasm(args) => commands::disasm::run(&args),
        Command::Inspect(args) => commands::inspect::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Cases(args) => commands::cases::run(&args),
        Command::Fuzz(args) => commands::fuzz::run(&args),
        Command::RunInGuest(args) => commands::run_in_guest::run(&args),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Learn(args) => commands::learn::run(&args),
        Command::Run(args) => commands::run::run(&args, hang_ups),
        Command::Check(args) => commands::check::run(&args),
        Command::Status(args) => commands::status::run(&args),
        Command::Unload(args) => commands::unload::run(&args),
        Command::Knock(args) => commands::knock::run(&args),
        Command::Completions(args) => commands::manual::completions(&args),
        Command::Man(args) => commands::manual::man(&args),
    };
    outcome.unwrap_or_else(|failure| {
        output::say(format_args!("{}error:{:#} {failure}", style::ERROR, style::ERROR));
        failure.status
    })
}
