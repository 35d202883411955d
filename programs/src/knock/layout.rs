//! What the firewall shares with user space: its maps' keys and values, and its events.

use knockwright_asm::{MapDef, MapType, bpf_struct};

/// The largest number of knocks in a sequence.
pub const MAX_SEQUENCE_LENGTH: usize = 10;

/// The number of sources that are remembered; the least recently seen goes first.
pub const MAX_SOURCES: u32 = 10_000;

/// The size of the ring buffer of events in bytes.
pub const EVENTS_BYTES: u32 = 1 << 18;

/// How far in nanoseconds a time of the map of sources may lie ahead of the clock's and still be one that the program wrote.
///
/// Two processors can read the coarse clock in one order and come to the map in the other: the second one's time may be a
/// tick (1 to 10 ms) earlier than what it finds there. Such a time means "just now". A time further ahead is none of this
/// program's, since the map doesn't outlive the kernel whose clock it is: it counts as long ago, so that it opens nothing.
pub const CLOCK_SLACK_NS: u32 = 1_000_000_000;

/// A bit of [`KnockConfig::flags`]: IPv6 to the target port passes without a knock.
pub const ALLOW_IPV6: u16 = 1;

bpf_struct! {
    /// The ports to knock at, in order.
    pub struct PortSequence as "port_sequence" {
        /// The ports in host order; those from `length` on don't count.
        pub ports: [u16; MAX_SEQUENCE_LENGTH],
        /// The number of knocks, at most [`MAX_SEQUENCE_LENGTH`]; 0 opens for nobody.
        pub length: u8,
        /// The longest pause between two knocks, in milliseconds.
        pub timeout_ms: u64,
    }

    /// The configuration: the only value of `config_map`.
    pub struct KnockConfig as "knock_config" {
        /// The TCP port that is guarded, in host order.
        pub target_port: u16,
        /// [`ALLOW_IPV6`] or 0.
        pub flags: u16,
        /// What to knock.
        pub seq: PortSequence,
        /// How long the port stays open for a source after its last knock, in milliseconds.
        pub session_timeout: u64,
    }

    /// What is known of a source address: a value of `ip_tracking_map`.
    pub struct IpState as "ip_state" {
        /// How far its knocks have come: the number of right knocks in the upper 8 bits, and in the lower 56 the time of the
        /// last one, in units of 256 ns of the coarse monotonic clock. One word, so that it changes atomically.
        pub progress: u64,
        /// When the port was opened for it, in nanoseconds of the coarse monotonic clock; 0 if it is closed.
        pub opened_at: u64,
    }

    /// Something that happened, as the ring buffer `events` carries it.
    pub struct KnockEvent as "knock_event" {
        /// When, in nanoseconds of the coarse monotonic clock.
        pub at: u64,
        /// The source address in network order.
        pub source: u32,
        /// The destination port in host order.
        pub port: u16,
        /// An [`EventKind`] in the lower byte, the number of right knocks so far in the upper one: one store.
        pub told: u16,
    }

    /// A value of `lost_events`.
    pub struct LostEvents as "lost_count" {
        /// How many events found no room in the ring buffer.
        pub count: u64,
    }
}

impl KnockEvent {
    /// What happened; `None` for a number that this version doesn't know.
    pub fn kind(&self) -> Option<EventKind> {
        EventKind::from_number(self.told.to_le_bytes()[0])
    }

    /// The number of right knocks so far.
    pub const fn step(&self) -> u8 {
        self.told.to_le_bytes()[1]
    }
}

/// What happened.
///
/// Exhaustive by design: user space has to tell of each kind that the program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum EventKind {
    /// A right knock that doesn't complete the sequence.
    Knock = 1,
    /// The last knock: the port is open for the source.
    Opened = 2,
    /// A wrong knock: the source starts again.
    Reset = 3,
    /// A packet came after the session's end; it was dropped.
    Expired = 4,
}

impl EventKind {
    /// All kinds, by their numbers.
    pub const ALL: [Self; 4] = [Self::Knock, Self::Opened, Self::Reset, Self::Expired];

    /// The kind of an event's number, if there is one.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }

    /// The kind in one word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Knock => "knock",
            Self::Opened => "opened",
            Self::Reset => "reset",
            Self::Expired => "expired",
        }
    }
}

impl IpState {
    /// The number of right knocks so far.
    pub const fn step(&self) -> u8 {
        (self.progress >> 56) as u8
    }
}

/// The map with the configuration under key 0.
pub fn config_map() -> MapDef {
    MapDef::new::<u32, KnockConfig>("config_map", MapType::Array, 1)
}

/// The map of sources; the key is an IPv4 address in network order.
pub fn ip_tracking_map() -> MapDef {
    MapDef::new::<u32, IpState>("ip_tracking_map", MapType::LruHash, MAX_SOURCES)
}

/// The ring buffer of [`KnockEvent`]s.
pub fn events() -> MapDef {
    MapDef::ring_buffer("events", EVENTS_BYTES)
}

/// The map that counts events which found no room in the ring buffer; the key is the kind's number.
pub fn lost_events() -> MapDef {
    MapDef::new::<u32, LostEvents>("lost_events", MapType::Array, EventKind::ALL.len() as u32 + 1)
}
