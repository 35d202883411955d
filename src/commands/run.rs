//! `run`: the firewall in the foreground.

use std::io::{self, Write as _};

use knockwright_firewall::door::{Config, Door};
use knockwright_firewall::duration::Readable;
use knockwright_firewall::event::{HeldBack, LostRecord, Restraint};
use knockwright_firewall::pins::PinsError;
use knockwright_firewall::service::{Earlier, End, Notice, Objects, Reloaded, Service, Start, StartError};
use knockwright_firewall::signals::{HangUps, Requests};
use knockwright_loader::interface::XdpMode;
use knockwright_loader::xdp::{LoadError, ModeChoice};

use super::check::{self, User};
use crate::cli::{AttachMode, Format, Run};
use crate::failure::{Failure, Outcome, Status};
use crate::files;

/// The firewall's programs, assembled at build time.
const OBJECTS: Objects<'static> = Objects {
    ethernet: include_bytes!(concat!(env!("OUT_DIR"), "/knock.o")),
    without_ethernet: include_bytes!(concat!(env!("OUT_DIR"), "/knock_l3.o")),
};

/// How many lines a second knocks and resets may cause, and how many openings and ends of sessions.
const LINES_PER_SECOND: u32 = 50;

/// Catches hang-ups if this is the command that is called. Its name stands first on the command line: there are no options
/// before it.
pub(crate) fn catch_hang_ups() -> Option<HangUps> {
    let is_run = std::env::args_os().nth(1).is_some_and(|name| name == "run");
    is_run.then(HangUps::catch).and_then(Result::ok) // `run` tries once more, and says why
}

pub(crate) fn run(args: &Run, hang_ups: Option<HangUps>) -> Outcome {
    let no_signals = |error| Failure::internal(format!("signals can't be caught: {error}"));
    let hang_ups = hang_ups.map_or_else(HangUps::catch, Ok).map_err(no_signals)?;
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
    let requests = Requests::on_signals(hang_ups).map_err(no_signals)?;
    let start = Start::new(OBJECTS, interface, &config.door).with_mode(mode).with_root(&args.pins.pins);
    let mut service = Service::start(start).map_err(start_failure)?;
    announce(&service, &config.door);

    let mut log = Log::new(config.door.clone(), args.format);
    let end = loop {
        match service.follow(&requests, |notice| log.take(notice)) {
            Ok(End::Reload) => reload(args, &config, &mut service, &mut log),
            end => break end,
        }
    };
    log.close();
    let interface = service.interface().name.clone();
    let stopped = service.stop();
    let end = end.map_err(Failure::not_possible)?;
    stopped.map_err(Failure::not_possible)?;
    match end {
        End::Stopped | End::Reload => {
            note(format_args!("detached from {interface}: port {} is no longer guarded", log.door.port));
            Ok(Status::Done)
        }
        End::InterfaceGone => Err(Failure::not_possible(format!(
            "interface `{interface}` is gone, and the program with it; run again when it is back"
        ))),
        End::EndedElsewhere => Err(Failure::not_possible(format!(
            "interface `{interface}`, which was in another network namespace, is gone, or another process detached the program \
             from it: port {} is no longer guarded",
            log.door.port
        ))),
        End::Detached => Err(Failure::not_possible(format!(
            "another process detached the program from `{interface}`: port {} is no longer guarded",
            log.door.port
        ))),
    }
}

/// Reads the configuration again. Whatever is wrong with it, the port stays guarded as it was.
fn reload(args: &Run, started: &Config, service: &mut Service, log: &mut Log) {
    let name = files::name(&args.config);
    if files::is_standard(&args.config) || files::is_special(&args.config) {
        return note(format_args!("SIGHUP: {name} can't be read again; the door stays as it is"));
    }
    let config = match check::usable(&args.config, User::Service) {
        Ok(config) => config,
        Err(failure) => return note(format_args!("SIGHUP: {failure}; the door stays as it is")),
    };
    let other_place = args.interface.is_none() && config.interface != started.interface;
    if other_place || (args.mode.is_none() && config.mode != started.mode) {
        note("SIGHUP: interface and mode stay as they are until `run` is started again");
    }
    match service.reload(OBJECTS, &config.door) {
        Ok(Reloaded::Same) => note(format_args!("SIGHUP: {name} read again: nothing changes for the door")),
        Ok(Reloaded::Replaced { kept: true }) => note("SIGHUP: reloaded, with the open sessions"),
        Ok(Reloaded::Replaced { kept: false }) => {
            note("SIGHUP: reloaded; the sessions are closed, since port or sequence are others");
        }
        Err(error) => {
            return note(format_args!(
                "SIGHUP: reloading failed: {error}; `knockwright status` shows what is guarded"
            ));
        }
    }
    log.door = config.door;
    describe(service, &log.door);
}

fn start_failure(error: StartError) -> Failure {
    let status = match &error {
        StartError::Interface(_) => Status::BadInput,
        StartError::Pins(PinsError::Name(_)) => Status::BadInput,
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
    describe(service, door);
    if let Some(fallback) = service.fallback() {
        note(format_args!("generic, because native XDP was refused: {fallback}"));
    }
    if !service.interface().up {
        note(format_args!("{} is down", service.interface().name));
    }
    note("Ctrl-C detaches");
}

/// Says what is guarded.
fn describe(service: &Service, door: &Door) {
    let interface = &service.interface().name;
    let mode = service.mode().map_or_else(|| "XDP".to_owned(), |mode| format!("{mode} XDP"));
    note(format_args!(
        "guarding TCP port {} (door {}) on {interface}, {mode}: {}",
        door.port,
        door.name,
        opening(door)
    ));
}

/// What opens a door, and for how long.
fn opening(door: &Door) -> String {
    let session = Readable(door.session);
    match door.sequence.ports().len() {
        1 => format!("1 knock opens it for {session}"),
        knocks => {
            format!("{knocks} knocks, at most {} apart, open it for {session}", Readable(door.step_timeout))
        }
    }
}

/// Writes events to standard output. When its reader goes away the firewall goes on without.
struct Log {
    door: Door,
    format: Format,
    restraint: Restraint,
    closed: bool,
}

impl Log {
    fn new(door: Door, format: Format) -> Self {
        Self { door, format, restraint: Restraint::new(LINES_PER_SECOND), closed: false }
    }

    fn take(&mut self, notice: Notice) {
        if let Some(held_back) = self.restraint.held_back() {
            self.tell_held_back(held_back);
        }
        match notice {
            Notice::Event(event) => {
                if self.restraint.shows(event.kind) {
                    self.write(|log, out| match log.format {
                        Format::Text => writeln!(out, "{}", event.line(&log.door)),
                        Format::Json => json_line(out, &event.record(&log.door)),
                    });
                }
            }
            Notice::Lost(lost) => {
                let hint =
                    if lost.opened > 0 { "; `knockwright status` lists the open sessions" } else { "" };
                let events = if lost.total() == 1 { "event" } else { "events" };
                note(format_args!("lost {lost} {events}: there were too many at once{hint}"));
                if matches!(self.format, Format::Json) {
                    self.write(|log, out| json_line(out, &LostRecord::new(lost, &log.door)));
                }
            }
            Notice::Renamed { from, to } => note(format_args!("{from} is called {to} now")),
            Notice::Moved => note(
                "the interface is in another network namespace now, where its port stays guarded as long as this runs",
            ),
            Notice::PinsGone => note(
                "another process removed the pins: the port stays guarded only as long as this one runs; start it again",
            ),
            Notice::Tick => {}
            other => note(format_args!("{other:?}")),
        }
    }

    /// The last words, before the port opens.
    fn close(&mut self) {
        let held_back = self.restraint.take_held_back();
        self.tell_held_back(held_back);
    }

    fn tell_held_back(&self, HeldBack { knocks, sessions, .. }: HeldBack) {
        if self.closed {
            return;
        }
        for (count, one, many) in [
            (knocks, "knock or reset", "knocks and resets"),
            (sessions, "opening or end of a session", "openings and ends of sessions"),
        ] {
            if count > 0 {
                let what = if count == 1 { one } else { many };
                note(format_args!("{count} {what} not shown: there were too many a second"));
            }
        }
    }

    fn write(&mut self, line: impl FnOnce(&Self, &mut io::StdoutLock<'_>) -> io::Result<()>) {
        if self.closed {
            return;
        }
        let mut out = io::stdout().lock();
        if let Err(error) = line(self, &mut out).and_then(|()| out.flush()) {
            self.closed = true;
            note(format_args!("events are no longer shown ({error}); the port stays guarded"));
        }
    }
}

fn json_line(out: &mut impl io::Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)
}
