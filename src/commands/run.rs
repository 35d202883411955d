//! `run`: the firewall in the foreground.

use std::io::{self, Write as _};

use knockwright_firewall::door::Door;
use knockwright_firewall::event::{Event, Restraint};
use knockwright_firewall::service::{Earlier, End, Service, Start, StartError};
use knockwright_firewall::signals::StopRequest;
use knockwright_firewall::span::Span;
use knockwright_loader::interface::XdpMode;
use knockwright_loader::xdp::{LoadError, ModeChoice};

use super::check::{self, User};
use crate::cli::{AttachMode, Format, Run};
use crate::failure::{Failure, Outcome, Status};
use crate::files;

/// The firewall's program, assembled at build time.
const KNOCK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/knock.o"));

/// How many lines a second knocks and resets may cause: anybody can send them.
const LINES_PER_SECOND: u32 = 50;

pub(crate) fn run(args: &Run) -> Outcome {
    let config = check::usable(&args.config, User::Service)?;
    let interface = args.interface.as_deref().or(config.interface.as_deref()).ok_or_else(|| {
        Failure::bad_input(format!(
            "{}: no interface: add `interface = \"…\"`, or name it with --interface",
            files::name(&args.config)
        ))
    })?;
    let mode = match args.mode {
        None => config.mode,
        Some(AttachMode::Auto) => ModeChoice::Auto,
        Some(AttachMode::Native) => ModeChoice::Only(XdpMode::Native),
        Some(AttachMode::Generic) => ModeChoice::Only(XdpMode::Generic),
    };
    // From here on Ctrl-C waits until it can end things in order.
    let stop = StopRequest::on_signals()
        .map_err(|error| Failure::internal(format!("signals can't be caught: {error}")))?;
    let start = Start { object: KNOCK, interface, mode, door: &config.door, root: &args.pins.pins };
    let mut service = Service::start(start).map_err(start_failure)?;
    announce(&service, &config.door);

    let mut log = Log::new(&config.door, args.format);
    let end = service.follow(&stop, |event| log.take(event));
    let stopped = service.stop();
    let end = end.map_err(Failure::not_possible)?;
    stopped.map_err(Failure::not_possible)?;
    match end {
        End::Stopped => {
            note(format_args!("detached from {interface}: port {} is no longer guarded", config.door.port));
            Ok(Status::Done)
        }
        End::InterfaceGone => Err(Failure::not_possible(format!(
            "interface `{interface}` is gone, and the program with it; run again when it is back"
        ))),
        End::Detached => Err(Failure::not_possible(format!(
            "another process detached the program from `{interface}`: port {} is no longer guarded",
            config.door.port
        ))),
    }
}

fn start_failure(error: StartError) -> Failure {
    let status = match &error {
        StartError::Interface(_) => Status::BadInput,
        StartError::Load(LoadError::Object(_) | LoadError::NoProgram { .. } | LoadError::NotXdp { .. }) => {
            Status::Internal
        }
        _ => Status::NotPossible,
    };
    Failure::new(status, error)
}

/// Says something on standard error; if that is closed there's nobody to tell.
fn note(text: impl std::fmt::Display) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

fn announce(service: &Service, door: &Door) {
    let interface = &service.interface().name;
    match service.earlier() {
        Earlier::None => {}
        Earlier::Remains => note("removed what an earlier service left pinned"),
        Earlier::Replaced { kept: true } => note("took over from a killed service, with its sessions"),
        Earlier::Replaced { kept: false } => note(
            "took over from a killed service; its sessions are closed, since the configuration is another",
        ),
        Earlier::Reattached => {
            note("detached a killed service's program of another mode; its sessions are closed")
        }
    }
    let mode = service.mode().map_or_else(|| "XDP".to_owned(), |mode| format!("{mode} XDP"));
    note(format_args!(
        "guarding TCP port {} (door {}) on {interface}, {mode}: {} knocks, at most {} apart, open it for {}",
        door.port,
        door.name,
        door.sequence.ports().len(),
        Span(door.step_timeout),
        Span(door.session),
    ));
    if let Some(fallback) = service.fallback() {
        note(format_args!("generic, because native XDP was refused: {fallback}"));
    }
    if !service.interface().up {
        note(format_args!("{interface} is down"));
    }
    note("Ctrl-C detaches");
}

/// Writes events to standard output. When its reader goes away the firewall goes on without.
struct Log<'d> {
    door: &'d Door,
    format: Format,
    restraint: Restraint,
    closed: bool,
}

impl<'d> Log<'d> {
    fn new(door: &'d Door, format: Format) -> Self {
        Self { door, format, restraint: Restraint::new(LINES_PER_SECOND), closed: false }
    }

    /// Takes an event, or the notice that time has passed.
    fn take(&mut self, event: Option<Event>) {
        if self.closed {
            return;
        }
        if let Some(count) = self.restraint.held_back() {
            note(format_args!("{count} knocks and resets not shown: there were too many a second"));
        }
        let Some(event) = event.filter(|event| self.restraint.shows(event.kind)) else {
            return;
        };
        if let Err(error) = self.write(&event) {
            self.closed = true;
            note(format_args!("events are no longer shown ({error}); the port stays guarded"));
        }
    }

    fn write(&self, event: &Event) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match self.format {
            Format::Text => writeln!(out, "{}", event.line(self.door))?,
            Format::Json => {
                serde_json::to_writer(&mut out, &event.record(self.door))?;
                writeln!(out)?;
            }
        }
        out.flush()
    }
}
