//! How an interface is guarded, read from its pins.

use std::fmt;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use knockwright_loader::interface::Interface;
use knockwright_loader::map::MapError;
use knockwright_loader::pin::{PinError, PinFolder};
use knockwright_loader::sys::SysError;
use knockwright_loader::xdp::{LinkStatus, XdpLink, XdpProgram};
use knockwright_programs::knock::{ALLOW_IPV6, CLOCK_SLACK_NS, IpState, KnockConfig};
use serde::Serialize;

use crate::duration::Readable;
use crate::event::coarse_now;
use crate::lost::Lost;
use crate::pins::{
    self, CONFIG, Found, Holder, LINK, LOST, PROGRAM, PROGRAM_WITHOUT_ETHERNET, PinsError, SOURCES,
};

/// A status that can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// The pins can't be read, or there are none.
    #[error(transparent)]
    Pins(#[from] PinsError),
    /// A map can't be read.
    #[error(transparent)]
    Map(#[from] MapError),
    /// The link can't be asked.
    #[error(transparent)]
    System(#[from] SysError),
}

impl From<PinError> for StatusError {
    fn from(error: PinError) -> Self {
        Self::Pins(error.into())
    }
}

/// How an interface is guarded. Never holds the sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// The interface: its present name if it's one of this network namespace, else the name that it had at the start.
    pub interface: String,
    /// The name that it had when its service started, if that was another one.
    pub started_as: Option<String>,
    /// Whether this network namespace has an interface of the same name which isn't guarded, while this one is elsewhere.
    pub namesake_here: bool,
    /// Whether the program is attached.
    pub state: State,
    /// `native`, `generic` or `hardware`, if it's attached to an interface of this network namespace.
    pub mode: Option<String>,
    /// The link's id, as `bpftool link` lists it.
    pub link_id: Option<u32>,
    /// The program.
    pub program: Option<Program>,
    /// What it guards.
    pub door: Option<GuardedDoor>,
    /// The process that follows its events.
    pub service: Service,
    /// The open sessions, by address.
    pub sessions: Vec<Session>,
    /// How many sources are in the middle of the sequence.
    pub knocking: usize,
    /// How many events found no room in the ring buffer since the program was loaded.
    pub lost_events: Lost,
}

/// Whether a program is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// It is.
    Guarded,
    /// It is, to an interface of another network namespace.
    GuardedElsewhere,
    /// It isn't: the interface is gone, or someone detached it. Only pins are left.
    Detached,
}

/// A program in the kernel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Program {
    /// Its id, as `bpftool prog` lists it.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// The truncated hash of its instructions, in hexadecimal.
    pub tag: String,
    /// How many instructions the verifier walked; none on kernels before 5.16, which don't say.
    pub verified_insns: Option<u32>,
    /// The size in bytes of the code after the verifier's rewriting; 0 for readers without `CAP_BPF`.
    pub xlated_bytes: u32,
    /// The size in bytes of the machine code; 0 if it's interpreted, and for readers without `CAP_BPF`.
    pub jited_bytes: u32,
}

/// A door as the program knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GuardedDoor {
    /// The TCP port.
    pub port: u16,
    /// The number of knocks that open.
    pub knocks: u8,
    /// The longest pause between two knocks in milliseconds.
    pub step_timeout_ms: u64,
    /// How long it stays open in milliseconds.
    pub session_ms: u64,
    /// Whether IPv6 to the port passes.
    pub ipv6_passes: bool,
}

/// The process of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Service {
    /// Whether it runs.
    pub running: bool,
    /// Its process id, if it can be told.
    pub pid: Option<u32>,
}

/// An open session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Session {
    /// The source that the door is open to.
    pub source: Ipv4Addr,
    /// For how many milliseconds more.
    pub remaining_ms: u64,
}

impl Status {
    /// Whether the interface that this is the status of, by its name in this network namespace, is guarded.
    pub fn is_guarded_here(&self) -> bool {
        self.state == State::Guarded
    }
}

/// Reads how an interface is guarded.
///
/// # Errors
/// [`StatusError`], with [`PinsError::NotGuarded`] if it isn't.
pub fn read(root: &Path, interface: &str) -> Result<Status, StatusError> {
    let found = pins::find(root, interface)?;
    match found.must_be_of(interface) {
        Ok(()) | Err(PinsError::Elsewhere { .. }) => of(found),
        Err(error) => Err(error.into()),
    }
}

/// Reads how all interfaces are guarded that have pins under the root.
///
/// # Errors
/// [`StatusError`].
pub fn read_all(root: &Path) -> Result<Vec<Status>, StatusError> {
    let mut all = pins::all(root)?.into_iter().map(of).collect::<Result<Vec<_>, _>>()?;
    all.sort_by(|one, other| one.interface.cmp(&other.interface));
    Ok(all)
}

fn of(Found { interface, started_as, folder, .. }: Found) -> Result<Status, StatusError> {
    let link = found(XdpLink::open(&folder, LINK))?;
    let link = link.map(|link| link.status()).transpose()?;
    let program = match found(XdpProgram::open(&folder, PROGRAM, &[]))? {
        Some(program) => Some(program),
        None => found(XdpProgram::open(&folder, PROGRAM_WITHOUT_ETHERNET, &[]))?,
    };
    let config = config(&folder)?;
    let sources = match &config {
        Some(config) => sources(&folder, config)?,
        None => Sources::default(),
    };
    let holder = pins::holder(folder.path());
    let lost_events = match found(folder.open_map(LOST))? {
        Some(map) => Lost::read(&map.into_array()?)?,
        None => Lost::default(),
    };
    let state = state(link.as_ref());
    Ok(Status {
        started_as: (started_as != interface).then_some(started_as),
        namesake_here: state == State::GuardedElsewhere && Interface::named(&interface).is_ok(),
        interface,
        state,
        mode: link.as_ref().and_then(LinkStatus::mode).map(|mode| mode.to_string()),
        link_id: link.as_ref().map(|link| link.link_id),
        program: program.map(|program| {
            let info = program.info();
            Program {
                id: info.id,
                name: info.name.clone(),
                tag: info.tag.iter().map(|byte| format!("{byte:02x}")).collect(),
                verified_insns: info.verified_insns,
                xlated_bytes: info.xlated_len,
                jited_bytes: info.jited_len,
            }
        }),
        door: config.map(|config| GuardedDoor {
            port: config.target_port,
            knocks: config.seq.length,
            step_timeout_ms: config.seq.timeout_ms,
            session_ms: config.session_timeout,
            ipv6_passes: config.flags & ALLOW_IPV6 != 0,
        }),
        service: match holder {
            Holder::Nobody => Service { running: false, pid: None },
            Holder::Process(pid) => Service { running: true, pid },
        },
        sessions: sources.sessions,
        knocking: sources.knocking,
        lost_events,
    })
}

/// A pin may be missing: a service that was killed while it started pinned only some.
fn found<T>(opened: Result<T, PinError>) -> Result<Option<T>, PinError> {
    match opened {
        Err(PinError::NotFound { .. }) => Ok(None),
        other => other.map(Some),
    }
}

fn state(link: Option<&LinkStatus>) -> State {
    match link {
        Some(LinkStatus { gone: false, interface: Some(_), .. }) => State::Guarded,
        Some(LinkStatus { gone: false, interface: None, .. }) => State::GuardedElsewhere,
        _ => State::Detached,
    }
}

fn config(folder: &PinFolder) -> Result<Option<KnockConfig>, StatusError> {
    match found(folder.open_map(CONFIG))? {
        Some(map) => Ok(map.into_array::<KnockConfig>()?.get(0)?),
        None => Ok(None),
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Sources {
    sessions: Vec<Session>,
    knocking: usize,
}

fn sources(folder: &PinFolder, config: &KnockConfig) -> Result<Sources, StatusError> {
    let Some(map) = found(folder.open_map(SOURCES))? else {
        return Ok(Sources::default());
    };
    let entries = map.into_hash::<u32, IpState>()?.entries()?;
    Ok(count(&entries, config, coarse_now()))
}

/// Counts as the program does, at a time of its clock in nanoseconds.
fn count(entries: &[(u32, IpState)], config: &KnockConfig, now: u64) -> Sources {
    let ns = |ms: u64| ms.saturating_mul(1_000_000);
    // A time further ahead than a tick or two isn't one that the program wrote, and counts as long ago.
    let since = |time: u64| match now.checked_sub(time) {
        None if time - now <= CLOCK_SLACK_NS.into() => Some(0),
        since => since,
    };
    let mut sources = Sources::default();
    for (source, state) in entries {
        let open_for = since(state.opened_at).filter(|age| *age <= ns(config.session_timeout));
        if let Some(open_for) = open_for.filter(|_| state.opened_at != 0) {
            let remaining_ms = (ns(config.session_timeout) - open_for) / 1_000_000;
            sources.sessions.push(Session { source: Ipv4Addr::from(source.to_ne_bytes()), remaining_ms });
        }
        let last_knock = state.progress << 8; // the step falls out, units of 256 ns become ns
        if state.step() > 0 && since(last_knock).is_some_and(|pause| pause <= ns(config.seq.timeout_ms)) {
            sources.knocking += 1;
        }
    }
    sources.sessions.sort_by_key(|session| session.source);
    sources
}

/// How many sessions the text names.
const NAMED_SESSIONS: usize = 20;

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_state(f)?;
        if let Some(name) = &self.started_as {
            writeln!(f, "  renamed   it was called {name} when its service started")?;
        }
        if let Some(program) = &self.program {
            writeln!(f, "  program   {program}")?;
        }
        if let Some(door) = &self.door {
            writeln!(f, "  door      {door}")?;
        }
        self.write_service(f)?;
        writeln!(f, "  sessions  {} open", self.sessions.len())?;
        for session in self.sessions.iter().take(NAMED_SESSIONS) {
            let remaining = Duration::from_secs(session.remaining_ms.div_ceil(1000));
            writeln!(f, "            {} for {} more", session.source, Readable(remaining))?;
        }
        if self.sessions.len() > NAMED_SESSIONS {
            writeln!(f, "            and {} more", self.sessions.len() - NAMED_SESSIONS)?;
        }
        writeln!(f, "  knocking  {} in the middle of the sequence", counted(self.knocking, "source"))?;
        if !self.lost_events.is_none() {
            let events = if self.lost_events.total() == 1 { "event" } else { "events" };
            writeln!(f, "  lost      {} {events}, too many at once for their reader", self.lost_events)?;
        }
        Ok(())
    }
}

impl Status {
    fn write_state(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = self.mode.as_deref().unwrap_or("unknown");
        match self.state {
            State::Guarded => writeln!(f, "{}: guarded, {mode} XDP", self.interface),
            State::GuardedElsewhere => {
                writeln!(f, "{}: guarded, in another network namespace", self.interface)?;
                if self.namesake_here {
                    writeln!(f, "  here      {} of this network namespace is NOT guarded", self.interface)?;
                }
                Ok(())
            }
            State::Detached => writeln!(
                f,
                "{}: NOT guarded: the interface is gone or the program was detached, only pins are left; `knockwright unload \
                 {0}` removes them",
                self.interface
            ),
        }
    }

    fn write_service(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.service {
            Service { running: true, pid: Some(pid) } => writeln!(f, "  service   process {pid}"),
            Service { running: true, pid: None } => writeln!(f, "  service   running"),
            Service { running: false, .. } if self.state == State::Detached => {
                writeln!(f, "  service   none")
            }
            Service { running: false, .. } => writeln!(
                f,
                "  service   none: it was killed, the program goes on; `knockwright run` takes it over, `knockwright unload {}` \
                 removes it",
                self.interface
            ),
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, id {}, tag {}", self.name, self.id, self.tag)?;
        if let Some(insns) = self.verified_insns {
            write!(f, ", {} verified", counted(insns as usize, "instruction"))?;
        }
        match (self.jited_bytes, self.xlated_bytes) {
            (0, 0) => Ok(()), // without CAP_BPF the kernel keeps the sizes back
            (0, bytes) => write!(f, ", {bytes} bytes of code, interpreted"),
            (bytes, _) => write!(f, ", {bytes} bytes of machine code"),
        }
    }
}

impl fmt::Display for GuardedDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TCP port {}, {}", self.port, counted(self.knocks.into(), "knock"))?;
        if self.knocks > 1 {
            write!(f, ", at most {} apart", Readable(Duration::from_millis(self.step_timeout_ms)))?;
        }
        let session = Readable(Duration::from_millis(self.session_ms));
        write!(f, ", open for {session}, IPv6 {}", if self.ipv6_passes { "passes" } else { "dropped" })
    }
}

pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::door::{Door, Ipv6, Sequence};

    const SECOND: u64 = 1_000_000_000;

    fn config() -> KnockConfig {
        let door = Door {
            name: "ssh".to_owned(),
            port: 22,
            sequence: Sequence::new([7000, 8123, 9031]).unwrap(),
            step_timeout: Duration::from_secs(5),
            session: Duration::from_secs(60),
            ipv6: Ipv6::Drop,
        };
        door.knock_config()
    }

    #[test]
    fn counts_sources_as_the_program_does() {
        let source = |last| u32::from_ne_bytes([192, 0, 2, last]);
        let now = 1000 * SECOND;
        let progress = |step: u64, at: u64| step << 56 | at >> 8;
        let entries = [
            (source(9), IpState { progress: 0, opened_at: now - 20 * SECOND }),
            (source(2), IpState { progress: progress(1, now), opened_at: now - 60 * SECOND }),
            (source(3), IpState { progress: 0, opened_at: now - 61 * SECOND }),
            (source(4), IpState { progress: progress(2, now - 4 * SECOND), opened_at: 0 }),
            (source(5), IpState { progress: progress(2, now - 6 * SECOND), opened_at: 0 }),
            (source(6), IpState { progress: 0, opened_at: 0 }),
            // By the clock of another CPU just now; and by none.
            (source(7), IpState { progress: progress(1, now + 4_000_000), opened_at: now + 4_000_000 }),
            (source(8), IpState { progress: progress(1, now + 2 * SECOND), opened_at: now + 2 * SECOND }),
        ];
        let sources = count(&entries, &config(), now);
        let session = |last, remaining_ms| Session { source: Ipv4Addr::new(192, 0, 2, last), remaining_ms };
        assert_eq!(sources.sessions, [session(2, 0), session(7, 60_000), session(9, 40_000)]);
        assert_eq!(sources.knocking, 3);
    }

    #[test]
    fn the_text() {
        let mut status = Status {
            interface: "eth0".to_owned(),
            started_as: None,
            namesake_here: false,
            state: State::Guarded,
            mode: Some("native".to_owned()),
            link_id: Some(3),
            program: Some(Program {
                id: 42,
                name: "knock".to_owned(),
                tag: "0123456789abcdef".to_owned(),
                verified_insns: Some(700),
                xlated_bytes: 2000,
                jited_bytes: 1500,
            }),
            door: Some(GuardedDoor {
                port: 22,
                knocks: 3,
                step_timeout_ms: 5000,
                session_ms: 60_000,
                ipv6_passes: false,
            }),
            service: Service { running: true, pid: Some(77) },
            sessions: vec![Session { source: Ipv4Addr::new(192, 0, 2, 2), remaining_ms: 41_500 }],
            knocking: 1,
            lost_events: Lost::default(),
        };
        assert_eq!(
            status.to_string(),
            "\
eth0: guarded, native XDP
  program   knock, id 42, tag 0123456789abcdef, 700 instructions verified, 1500 bytes of machine code
  door      TCP port 22, 3 knocks, at most 5s apart, open for 1m, IPv6 dropped
  service   process 77
  sessions  1 open
            192.0.2.2 for 42s more
  knocking  1 source in the middle of the sequence
"
        );
        status.service = Service { running: false, pid: None };
        assert!(status.to_string().contains("it was killed, the program goes on"));
        status.lost_events = Lost { knock: 7, opened: 1, reset: 0, expired: 0 };
        status.started_as = Some("wan0".to_owned());
        let text = status.to_string();
        assert!(
            text.ends_with("  lost      8 (1 opened, 7 knock) events, too many at once for their reader\n"),
            "{text}"
        );
        assert!(text.contains("  renamed   it was called wan0 when its service started\n"), "{text}");
        status.state = State::GuardedElsewhere;
        status.namesake_here = true;
        assert!(status.to_string().contains("  here      eth0 of this network namespace is NOT guarded\n"));
        status.state = State::Detached;
        assert!(status.to_string().starts_with("eth0: NOT guarded"));
    }
}
