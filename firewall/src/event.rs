//! What happens at the door, as the BPF program tells it. The ports that were knocked at are left out: they are the secret.

use std::fmt;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use knockwright_loader::value::from_bytes;
use knockwright_programs::knock::{EventKind, KnockEvent};
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

use crate::door::Door;
use crate::duration::Readable;
use crate::lost::Lost;

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// When, to the resolution of the kernel's coarse clock (1 to 10 ms).
    pub time: SystemTime,
    /// What.
    pub kind: EventKind,
    /// Whose packet it was; senders of UDP can lie.
    pub source: Ipv4Addr,
    /// The number of right knocks so far; 0 for [`EventKind::Expired`].
    pub step: u8,
}

impl Event {
    /// An event from the ring buffer's bytes; `None` if they are of another version.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let event: KnockEvent = from_bytes(bytes).ok()?;
        let ago = Duration::from_nanos(coarse_now().saturating_sub(event.at));
        Some(Self {
            time: SystemTime::now().checked_sub(ago)?,
            kind: event.kind()?,
            source: Ipv4Addr::from(event.source.to_ne_bytes()),
            step: event.step(),
        })
    }

    /// The event as a line for people.
    pub fn line<'e>(&'e self, door: &'e Door) -> impl fmt::Display + 'e {
        Line { event: self, door }
    }

    /// The event as a record for programs.
    pub fn record<'e>(&self, door: &'e Door) -> Record<'e> {
        Record {
            time: Utc(self.time).to_string(),
            event: self.kind.name(),
            source: self.source,
            door: &door.name,
            port: door.port,
            step: self.step,
            knocks: door.sequence.ports().len(),
        }
    }
}

/// An event as programs read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Record<'e> {
    /// When, in UTC, as RFC 3339 writes it.
    pub time: String,
    /// `knock`, `opened`, `reset` or `expired`.
    pub event: &'static str,
    /// Whose packet it was.
    pub source: Ipv4Addr,
    /// The door's name.
    pub door: &'e str,
    /// The guarded TCP port.
    pub port: u16,
    /// The number of right knocks so far.
    pub step: u8,
    /// The number of knocks that open.
    pub knocks: usize,
}

/// The notice of lost events, as programs read it. It has the key `event` too, with a value that no event has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LostRecord<'e> {
    /// When it was noticed, in UTC, as RFC 3339 writes it.
    pub time: String,
    /// `lost`.
    pub event: &'static str,
    /// The door's name.
    pub door: &'e str,
    /// How many of each kind.
    pub lost: Lost,
}

impl<'e> LostRecord<'e> {
    /// The record of what was lost at a door until now.
    pub fn new(lost: Lost, door: &'e Door) -> Self {
        Self { time: Utc(SystemTime::now()).to_string(), event: "lost", door: &door.name, lost }
    }
}

struct Line<'e> {
    event: &'e Event,
    door: &'e Door,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event, door } = self;
        write!(f, "{} {} door {}: ", Utc(event.time), event.source, door.name)?;
        match event.kind {
            EventKind::Knock => write!(f, "knock {} of {}", event.step, door.sequence.ports().len()),
            EventKind::Opened => write!(f, "opened port {} for {}", door.port, Readable(door.session)),
            EventKind::Reset => f.write_str("reset by a wrong knock"),
            EventKind::Expired => f.write_str("session expired, packet dropped"),
        }
    }
}

/// The time of the kernel's coarse monotonic clock in nanoseconds, the one that the BPF program reads.
pub(crate) fn coarse_now() -> u64 {
    let now = clock_gettime(ClockId::MonotonicCoarse);
    u64::try_from(now.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

/// A time in UTC to the millisecond: `2026-11-22T19:11:09.250Z`.
#[derive(Debug, Clone, Copy)]
pub struct Utc(pub SystemTime);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.0.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (mut days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
        let leap =
            |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
        // 400 years have 146,097 days.
        let mut year = 1970 + days / 146_097 * 400;
        days %= 146_097;
        while days >= 365 + u64::from(leap(year)) {
            days -= 365 + u64::from(leap(year));
            year += 1;
        }
        let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut month = 0;
        while days >= lengths[month] {
            days -= lengths[month];
            month += 1;
        }
        let (month, day) = (month + 1, days + 1);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let ms = since.subsec_millis();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
    }
}

/// Holds back lines where there are too many, so that a flood of packets is no flood of lines.
///
/// Knocks and resets, which anybody can cause, have a budget of their own: they never take the lines of openings.
#[derive(Debug)]
pub struct Restraint {
    per_second: u32,
    second: Instant,
    shown: [u32; 2],
    held_back: HeldBack,
}

/// How many events were not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct HeldBack {
    /// Knocks and resets.
    pub knocks: u64,
    /// Openings and ends of sessions.
    pub sessions: u64,
}

impl Restraint {
    /// Lets through `per_second` knocks and resets, and as many openings and ends of sessions.
    pub fn new(per_second: u32) -> Self {
        Self { per_second, second: Instant::now(), shown: [0; 2], held_back: HeldBack::default() }
    }

    /// Whether to show an event.
    pub fn shows(&mut self, kind: EventKind) -> bool {
        if self.second.elapsed() >= Duration::from_secs(1) {
            self.second = Instant::now();
            self.shown = [0; 2];
        }
        let (shown, held_back) = match kind {
            EventKind::Knock | EventKind::Reset => (&mut self.shown[0], &mut self.held_back.knocks),
            EventKind::Opened | EventKind::Expired => (&mut self.shown[1], &mut self.held_back.sessions),
        };
        if *shown < self.per_second {
            *shown += 1;
            return true;
        }
        *held_back += 1;
        false
    }

    /// How many were held back since the last call, once the flood is over or a second has passed.
    pub fn held_back(&mut self) -> Option<HeldBack> {
        if self.held_back == HeldBack::default() || self.second.elapsed() < Duration::from_secs(1) {
            return None;
        }
        Some(self.take_held_back())
    }

    /// How many were held back since the last call.
    pub fn take_held_back(&mut self) -> HeldBack {
        std::mem::take(&mut self.held_back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::door::{Ipv6, Sequence};

    #[test]
    fn utc() {
        let at = |ms| Utc(UNIX_EPOCH + Duration::from_millis(ms)).to_string();
        assert_eq!(at(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(951_827_696_789), "2000-02-29T12:34:56.789Z");
        assert_eq!(at(1_735_689_599_999), "2024-12-31T23:59:59.999Z");
        assert_eq!(at(4_107_542_400_000), "2100-03-01T00:00:00.000Z");
        assert_eq!(at(13_569_465_600_000), "2400-01-01T00:00:00.000Z");
    }

    #[test]
    fn lines_and_records_hold_no_knock() {
        let door = Door {
            name: "ssh".to_owned(),
            port: 22,
            sequence: Sequence::new([7000, 8123, 9031]).unwrap(),
            step_timeout: Duration::from_secs(5),
            session: Duration::from_secs(90),
            ipv6: Ipv6::Drop,
        };
        let event = |kind, step| Event { time: UNIX_EPOCH, kind, source: Ipv4Addr::new(192, 0, 2, 2), step };
        let lines: Vec<String> = [
            event(EventKind::Knock, 1),
            event(EventKind::Opened, 3),
            event(EventKind::Reset, 0),
            event(EventKind::Expired, 0),
        ]
        .iter()
        .map(|event| event.line(&door).to_string().replace("1970-01-01T00:00:00.000Z 192.0.2.2 ", ""))
        .collect();
        assert_eq!(
            lines,
            [
                "door ssh: knock 1 of 3",
                "door ssh: opened port 22 for 1m30s",
                "door ssh: reset by a wrong knock",
                "door ssh: session expired, packet dropped",
            ]
        );
        let record = event(EventKind::Knock, 1).record(&door);
        assert_eq!((record.event, record.port, record.step, record.knocks), ("knock", 22, 1, 3));
    }

    #[test]
    fn bytes_of_another_version() {
        assert_eq!(Event::from_bytes(&[]), None);
        assert_eq!(Event::from_bytes(&[0; 16]), None, "no such kind");
        assert_eq!(Event::from_bytes(&[0; 17]), None);
    }

    #[test]
    fn a_flood_is_held_back() {
        use EventKind::{Expired, Knock, Opened, Reset};
        let mut restraint = Restraint::new(2);
        assert!(restraint.shows(Knock) && restraint.shows(Reset));
        assert!(!restraint.shows(Knock));
        assert!(restraint.shows(Opened) && restraint.shows(Expired), "they have lines of their own");
        assert!(!restraint.shows(Opened) && !restraint.shows(Reset) && !restraint.shows(Expired));
        assert_eq!(restraint.held_back(), None, "not within the second");
        std::thread::sleep(Duration::from_millis(1010));
        assert_eq!(restraint.held_back(), Some(HeldBack { knocks: 2, sessions: 2 }));
        assert_eq!(restraint.held_back(), None);
        assert!(restraint.shows(Knock));
    }
}
