//! What can be wrong, or risky, in a configuration.

use std::fmt;

use knockwright_programs::knock::MAX_SEQUENCE_LENGTH;

use super::MAX_BYTES;
use crate::door::MAX_TIMEOUT;
use crate::duration::{DurationError, Readable};

/// A problem and its place. `Display` is `LINE:COLUMN: error: MESSAGE`, without a place for the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Where; `None` for the file as a whole.
    pub place: Option<Place>,
    /// What.
    pub kind: ProblemKind,
}

/// A place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The configuration can't be used.
    Error,
    /// It can be used, and probably shouldn't.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// What is wrong. No message holds a port of a sequence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The text is too long to be one.
    #[error("larger than {MAX_BYTES} bytes: this is no configuration")]
    TooLarge,
    /// The text isn't TOML.
    #[error("{0}")]
    Syntax(String),
    /// A key that means nothing here.
    #[error("unknown key `{key}`; the keys here are {known}")]
    UnknownKey {
        /// The key.
        key: String,
        /// Those that there are.
        known: String,
    },
    /// A value of another type.
    #[error("{what} must be {wanted}, not {found}")]
    WrongType {
        /// The key, or which knock.
        what: String,
        /// What it should be.
        wanted: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A key that a door needs.
    #[error("this door has no `{key}`: {hint}")]
    Missing {
        /// The key.
        key: &'static str,
        /// An example.
        hint: &'static str,
    },
    /// A text that isn't one of those possible.
    #[error("`{key}` is {known}, not {found:?}")]
    NotOneOf {
        /// The key.
        key: &'static str,
        /// What is possible.
        known: &'static str,
        /// What is there.
        found: String,
    },
    /// Not the name of an interface.
    #[error("{0:?} can't be an interface's name: 1 to 15 bytes without `/` and white space")]
    BadInterface(String),
    /// No door at all.
    #[error("there is no door: add `[[door]]` with its `name`, `port` and `sequence`")]
    NoDoor,
    /// A second door.
    #[error("this version guards one door; take this one out, or guard it on another interface")]
    SecondDoor,
    /// Not the name of a door.
    #[error(
        "{0:?} can't be a door's name: use letters, digits, `_` and `-`, and more than digits, so that it isn't taken for a port"
    )]
    BadName(String),
    /// Not a port, for `port`.
    #[error("`port` must be 1 to 65535, not {0}")]
    BadPort(String),
    /// Not a port, in a sequence.
    #[error("knock {knock} must be a port, 1 to 65535")]
    BadKnock {
        /// Which one, from 1.
        knock: usize,
    },
    /// An empty sequence.
    #[error("the sequence is empty: nobody could open the door; give at least 3 ports")]
    EmptySequence,
    /// Too many knocks.
    #[error("the sequence has {length} knocks, at most {MAX_SEQUENCE_LENGTH} are possible")]
    LongSequence {
        /// How many there are.
        length: usize,
    },
    /// Not a duration.
    #[error("`{key}`: {error}")]
    BadTime {
        /// The key.
        key: &'static str,
        /// Why not.
        error: DurationError,
    },
    /// No time at all.
    #[error("`{key}` is 0: {consequence}")]
    NoTime {
        /// The key.
        key: &'static str,
        /// What would follow.
        consequence: &'static str,
    },
    /// More than the program can count.
    #[error("`{key}` is longer than {}, the most that can be counted", Readable(MAX_TIMEOUT))]
    LongTime {
        /// The key.
        key: &'static str,
    },

    /// A sequence of one or two knocks.
    #[error(
        "a sequence of {length} is found by trying: {}; use 3 or more",
        if *length == 1 { "one sweep over all ports opens the door" } else { "within hours at a million packets a second" }
    )]
    ShortSequence {
        /// How many there are.
        length: usize,
    },
    /// The whole sequence is a run of ports one after the other.
    #[error(
        "the ports are neighbours in order: one sweep over all ports opens the door; choose them far apart"
    )]
    Sweep,
    /// Two knocks at neighbouring ports.
    #[error("knocks {knock} and {} are neighbours: a sweep makes both at once; choose ports far apart", .knock + 1)]
    Neighbours {
        /// The first of them, from 1.
        knock: usize,
    },
    /// The same distance between all knocks.
    #[error("the ports are the same distance apart, which is easy to guess; choose them at random")]
    EvenSteps,
    /// The same port twice in a row.
    #[error(
        "knocks {knock} and {} are the same port: a packet that the network repeats counts as both; choose another port",
        .knock + 1
    )]
    Repeated {
        /// The first of them, from 1.
        knock: usize,
    },
    /// The same port twice.
    #[error("knock {knock} is the same port as knock {earlier}: that leaves less to guess")]
    Again {
        /// The later, from 1.
        knock: usize,
        /// The earlier, from 1.
        earlier: usize,
    },
    /// A pause that is hard to keep.
    #[error("`step_timeout` is {0}: knocks over a network, 50ms apart by default, may come too late")]
    ShortStep(Readable),
    /// The guarded port may be the local port of outgoing connections.
    #[error(
        "port {port} is among those that this machine gives to outgoing connections ({first} to {last}), whose answers would be \
         dropped; reserve it: `sysctl net.ipv4.ip_local_reserved_ports={port}`"
    )]
    LocalPort {
        /// The port.
        port: u16,
        /// The first of the range.
        first: u16,
        /// The last of the range.
        last: u16,
    },
    /// IPv6 isn't guarded.
    #[error("the port is open to everyone over IPv6; leave `ipv6` out to drop that")]
    OpenIpv6,
    /// Others can read or change the file.
    #[error(
        "every user of this machine can {0} this file, and the sequence in it is a secret: `chmod 600` it"
    )]
    OpenFile(&'static str),
}

impl ProblemKind {
    /// Whether it's an error or a warning.
    pub fn severity(&self) -> Severity {
        match self {
            Self::ShortSequence { .. }
            | Self::Sweep
            | Self::Neighbours { .. }
            | Self::EvenSteps
            | Self::Repeated { .. }
            | Self::Again { .. }
            | Self::ShortStep(_)
            | Self::LocalPort { .. }
            | Self::OpenIpv6
            | Self::OpenFile(_) => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

impl Problem {
    /// Whether it's an error or a warning.
    pub fn severity(&self) -> Severity {
        self.kind.severity()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place {
            write!(f, "{}:{}: ", place.line, place.column)?;
        }
        write!(f, "{}: {}", self.severity(), self.kind)
    }
}
