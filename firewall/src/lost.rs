//! What a program tells: its events, and how many it had no room for.

use std::fmt;
use std::ops::AddAssign;

use knockwright_loader::map::{Array, MapError};
use knockwright_loader::pin::PinFolder;
use knockwright_loader::ring_buffer::RingBuffer;
use knockwright_loader::xdp::XdpProgram;
use knockwright_programs::knock::{EventKind, LostEvents};
use serde::Serialize;

use crate::event::Event;
use crate::pins::{EVENTS, LOST};
use crate::service::Notice;

/// Numbers of events that were lost, since the ring buffer was full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Lost {
    /// Right knocks that didn't complete the sequence.
    pub knock: u64,
    /// Openings.
    pub opened: u64,
    /// Wrong knocks.
    pub reset: u64,
    /// Packets after the end of a session.
    pub expired: u64,
}

impl Lost {
    /// Whether there are none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// How many there are of all kinds.
    pub fn total(&self) -> u64 {
        EventKind::ALL.iter().fold(0, |sum: u64, kind| sum.saturating_add(self.of(*kind)))
    }

    /// How many of a kind.
    pub fn of(&self, kind: EventKind) -> u64 {
        match kind {
            EventKind::Knock => self.knock,
            EventKind::Opened => self.opened,
            EventKind::Reset => self.reset,
            EventKind::Expired => self.expired,
        }
    }

    pub(crate) fn of_mut(&mut self, kind: EventKind) -> &mut u64 {
        match kind {
            EventKind::Knock => &mut self.knock,
            EventKind::Opened => &mut self.opened,
            EventKind::Reset => &mut self.reset,
            EventKind::Expired => &mut self.expired,
        }
    }

    /// Reads a program's counters.
    pub(crate) fn read(counters: &Array<LostEvents>) -> Result<Self, MapError> {
        let mut lost = Self::default();
        for kind in EventKind::ALL {
            *lost.of_mut(kind) = counters.get(kind as u32)?.map_or(0, |counter| counter.count);
        }
        Ok(lost)
    }

    /// What came since an earlier reading.
    fn since(mut self, earlier: &Self) -> Self {
        for kind in EventKind::ALL {
            *self.of_mut(kind) -= earlier.of(kind).min(self.of(kind));
        }
        self
    }
}

impl AddAssign for Lost {
    fn add_assign(&mut self, other: Self) {
        for kind in EventKind::ALL {
            let sum = self.of_mut(kind);
            *sum = sum.saturating_add(other.of(kind));
        }
    }
}

/// `12 (2 opened, 10 knock)`: openings first.
impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ORDER: [EventKind; 4] =
            [EventKind::Opened, EventKind::Expired, EventKind::Knock, EventKind::Reset];
        write!(f, "{}", self.total())?;
        let some: Vec<String> = ORDER
            .iter()
            .filter(|kind| self.of(**kind) > 0)
            .map(|kind| format!("{} {}", self.of(*kind), kind.name()))
            .collect();
        if some.is_empty() { Ok(()) } else { write!(f, " ({})", some.join(", ")) }
    }
}

/// The reading end of a program's events, with its counters of those that were lost.
#[derive(Debug)]
pub(crate) struct Telling {
    events: RingBuffer,
    /// None in the pins of a version that had none.
    counters: Option<Array<LostEvents>>,
    seen: Lost,
}

impl Telling {
    pub(crate) fn of(program: &XdpProgram) -> Result<Self, MapError> {
        let counters = Some(program.array(LOST)?);
        Ok(Self { events: program.ring_buffer(EVENTS)?, counters, seen: Lost::default() })
    }

    /// What the program of a killed service told meanwhile, as far as its pins are there.
    pub(crate) fn pinned(folder: &PinFolder) -> Option<Self> {
        let events = RingBuffer::open(&folder.open_map(EVENTS).ok()?).ok()?;
        let counters = folder.open_map(LOST).ok().and_then(|map| map.into_array().ok());
        Some(Self { events, counters, seen: Lost::default() })
    }

    pub(crate) fn events(&self) -> &RingBuffer {
        &self.events
    }

    /// Gives waiting events to `f`, at most so many.
    pub(crate) fn drain(&mut self, at_most: usize, f: &mut impl FnMut(Notice)) {
        self.events.drain(at_most, |bytes| {
            if let Some(event) = Event::from_bytes(bytes) {
                f(Notice::Event(event));
            }
        });
    }

    /// How many events were lost since the last call.
    pub(crate) fn lost(&mut self) -> Result<Lost, MapError> {
        let Some(counters) = &self.counters else {
            return Ok(Lost::default());
        };
        let now = Lost::read(counters)?;
        let new = now.since(&self.seen);
        self.seen = now;
        Ok(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words() {
        let mut lost = Lost { knock: 10, opened: 2, reset: 0, expired: 0 };
        assert_eq!(lost.to_string(), "12 (2 opened, 10 knock)");
        assert!(!lost.is_none());
        assert_eq!(Lost::default().to_string(), "0");
        lost += Lost { knock: 1, opened: 0, reset: u64::MAX, expired: 1 };
        lost += Lost { knock: 0, opened: 0, reset: 1, expired: 0 };
        assert_eq!(lost, Lost { knock: 11, opened: 2, reset: u64::MAX, expired: 1 });
        assert_eq!(lost.total(), u64::MAX);
        let later = Lost { knock: 12, opened: 5, reset: 0, expired: 1 };
        assert_eq!(later.since(&lost), Lost { knock: 1, opened: 3, reset: 0, expired: 0 });
    }
}
