//! What is guarded: a door, the sequence that opens it, and for how long.

use std::fmt;
use std::time::Duration;

use knockwright_loader::xdp::ModeChoice;
use knockwright_programs::knock::{
    ALLOW_IPV6, CLOCK_SLACK_NS, KnockConfig, MAX_SEQUENCE_LENGTH, PortSequence,
};

/// The longest step timeout and session: their nanoseconds and [`CLOCK_SLACK_NS`] fit in 64 bits, about 584 years.
pub const MAX_TIMEOUT: Duration = Duration::from_millis((u64::MAX - CLOCK_SLACK_NS as u64) / 1_000_000);

/// A configuration: where the firewall stands and what it guards.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// The interface, if the file names one: a client's file needs none.
    pub interface: Option<String>,
    /// How to attach.
    pub mode: ModeChoice,
    /// The door.
    pub door: Door,
}

/// A TCP port that opens to a source after its knocks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Door {
    /// What people call it: ASCII letters, digits, `_` and `-`, and not digits alone.
    pub name: String,
    /// The guarded TCP port, 1 to 65535.
    pub port: u16,
    /// The knocks.
    pub sequence: Sequence,
    /// The longest pause between two knocks: 1 ms to [`MAX_TIMEOUT`], in whole milliseconds.
    pub step_timeout: Duration,
    /// How long the door stays open to a source after its last knock: 1 ms to [`MAX_TIMEOUT`], in whole milliseconds.
    pub session: Duration,
    /// What becomes of IPv6 to the port.
    pub ipv6: Ipv6,
}

impl Door {
    /// The step timeout where a configuration gives none.
    pub const DEFAULT_STEP_TIMEOUT: Duration = Duration::from_secs(5);
    /// The session where a configuration gives none.
    pub const DEFAULT_SESSION: Duration = Duration::from_secs(60);

    /// A door with the default times, closed for IPv6.
    pub fn new(name: impl Into<String>, port: u16, sequence: Sequence) -> Self {
        Self {
            name: name.into(),
            port,
            sequence,
            step_timeout: Self::DEFAULT_STEP_TIMEOUT,
            session: Self::DEFAULT_SESSION,
            ipv6: Ipv6::Drop,
        }
    }

    /// The door as the BPF program reads it. Times beyond [`MAX_TIMEOUT`] become that.
    pub fn knock_config(&self) -> KnockConfig {
        let mut ports = [0; MAX_SEQUENCE_LENGTH];
        let knocks = self.sequence.ports();
        ports[..knocks.len()].copy_from_slice(knocks);
        KnockConfig {
            target_port: self.port,
            flags: match self.ipv6 {
                Ipv6::Drop => 0,
                Ipv6::Pass => ALLOW_IPV6,
            },
            seq: PortSequence { ports, length: knocks.len() as u8, timeout_ms: millis(self.step_timeout) },
            session_timeout: millis(self.session),
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.min(MAX_TIMEOUT).as_millis()).unwrap_or(u64::MAX)
}

/// What becomes of IPv6 to the guarded port; this version opens doors for IPv4 only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Ipv6 {
    /// It is dropped: nobody reaches the port by IPv6.
    #[default]
    Drop,
    /// It passes: everybody does.
    Pass,
}

/// The UDP ports to knock at, in order: 1 to [`MAX_SEQUENCE_LENGTH`] ports, none of them 0.
///
/// It is a secret: `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Sequence {
    ports: Vec<u16>,
}

/// Ports that make no sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SequenceError {
    /// No knock at all.
    #[error("a sequence needs at least one knock")]
    Empty,
    /// More knocks than the program follows.
    #[error("a sequence has at most {MAX_SEQUENCE_LENGTH} knocks, this one has {length}")]
    TooLong {
        /// How many there are.
        length: usize,
    },
    /// Port 0.
    #[error("knock {knock} is no port: ports are 1 to 65535")]
    NoPort {
        /// Which one, from 1.
        knock: usize,
    },
}

impl Sequence {
    /// A sequence of these ports.
    ///
    /// # Errors
    /// [`SequenceError`].
    pub fn new(ports: impl Into<Vec<u16>>) -> Result<Self, SequenceError> {
        let ports = ports.into();
        if ports.is_empty() {
            return Err(SequenceError::Empty);
        }
        if ports.len() > MAX_SEQUENCE_LENGTH {
            return Err(SequenceError::TooLong { length: ports.len() });
        }
        if let Some(at) = ports.iter().position(|&port| port == 0) {
            return Err(SequenceError::NoPort { knock: at + 1 });
        }
        Ok(Self { ports })
    }

    /// The ports, in order. Handle with care.
    pub fn ports(&self) -> &[u16] {
        &self.ports
    }
}

impl fmt::Debug for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sequence({} knocks)", self.ports.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_have_bounds_and_keep_their_secret() {
        assert_eq!(Sequence::new([]), Err(SequenceError::Empty));
        assert_eq!(Sequence::new([1; 11]), Err(SequenceError::TooLong { length: 11 }));
        assert_eq!(Sequence::new([5, 0]), Err(SequenceError::NoPort { knock: 2 }));
        let sequence = Sequence::new([7000, 8123, 9031]).unwrap();
        assert_eq!(format!("{sequence:?}"), "Sequence(3 knocks)");
    }

    #[test]
    fn the_program_gets_what_the_door_says() {
        let door = Door {
            name: "ssh".to_owned(),
            port: 22,
            sequence: Sequence::new([7000, 8123]).unwrap(),
            step_timeout: Duration::from_millis(1500),
            session: Duration::MAX,
            ipv6: Ipv6::Pass,
        };
        let config = door.knock_config();
        assert_eq!((config.target_port, config.flags, config.seq.length), (22, ALLOW_IPV6, 2));
        assert_eq!(config.seq.ports, [7000, 8123, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(config.seq.timeout_ms, 1500);
        let ns = config.session_timeout.checked_mul(1_000_000).unwrap();
        assert!(ns.checked_add(CLOCK_SLACK_NS.into()).is_some());
    }
}
