//! The firewall in plain Rust: what the XDP program is held against.
//!
//! Written from the rules, not from the program: one enum a source, no words of bits, no registers.

use std::collections::HashMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Pass,
    Drop,
}

/// What a packet is to the firewall, once its headers are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packet {
    /// A whole UDP datagram to a port.
    Datagram { source: u32, port: u16 },
    /// A TCP segment, or the first fragment of one, to a port.
    Segment { source: u32, port: u16 },
}

/// When something happened, as far as it matters: times don't pass in this model, tests set them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Within its limit; a moment ahead of the clock counts as now.
    InTime,
    /// Longer ago than its limit. Far ahead of the clock means the same: nobody has seen that time.
    TooLate,
}

/// Whether the port is open to a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Session {
    #[default]
    None,
    Running,
    /// Its time is over, and no packet has shown it yet.
    Over,
}

/// What is known of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Source {
    pub(crate) step: usize,
    /// Whether the pause after its last knock is too long.
    pub(crate) late: bool,
    pub(crate) session: Session,
}

/// What the firewall tells of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    Knock(usize),
    Opened(usize),
    Reset,
    Expired,
}

#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) target: u16,
    pub(crate) sequence: Vec<u16>,
    pub(crate) sources: HashMap<u32, Source>,
}

impl Model {
    pub(crate) fn new(target: u16, sequence: &[u16]) -> Self {
        Self { target, sequence: sequence.to_vec(), sources: HashMap::new() }
    }

    pub(crate) fn verdict(&mut self, packet: Packet) -> (Action, Option<Told>) {
        match packet {
            Packet::Segment { port, .. } if port != self.target => (Action::Pass, None),
            Packet::Segment { source, .. } => {
                let Some(source) = self.sources.get_mut(&source) else {
                    return (Action::Drop, None);
                };
                match source.session {
                    Session::Running => (Action::Pass, None),
                    Session::None => (Action::Drop, None),
                    Session::Over => {
                        source.session = Session::None;
                        (Action::Drop, Some(Told::Expired))
                    }
                }
            }
            Packet::Datagram { source, port } => (Action::Pass, self.knock(source, port)),
        }
    }

    fn knock(&mut self, address: u32, port: u16) -> Option<Told> {
        let first = port == *self.sequence.first()?;
        let Some(source) = self.sources.get_mut(&address) else {
            return first
                .then(|| self.sources.entry(address).or_default().advance(self.sequence.len()))
                .flatten();
        };
        let step = if source.late { 0 } else { source.step };
        if port == self.sequence[step] {
            source.step = step;
            return source.advance(self.sequence.len());
        }
        if step == 0 || port == self.sequence[step - 1] {
            return None; // nothing begun, or the network repeated the packet
        }
        source.step = 0;
        if first { source.advance(self.sequence.len()) } else { Some(Told::Reset) }
    }

    /// The last knock of a source was then.
    pub(crate) fn knocked(&mut self, address: u32, when: When) {
        if let Some(source) = self.sources.get_mut(&address).filter(|source| source.step > 0) {
            source.late = when == When::TooLate;
        }
    }

    /// The port was opened to a source then.
    pub(crate) fn opened(&mut self, address: u32, when: When) {
        if let Some(source) = self.sources.get_mut(&address).filter(|source| source.session != Session::None)
        {
            source.session = if when == When::InTime { Session::Running } else { Session::Over };
        }
    }
}

impl Source {
    fn advance(&mut self, length: usize) -> Option<Told> {
        self.step += 1;
        self.late = false;
        if self.step < length {
            return Some(Told::Knock(self.step));
        }
        let before = std::mem::replace(&mut self.session, Session::Running);
        self.step = 0;
        // Where one knock opens, the next one makes the session longer: that is no event.
        (length > 1 || before != Session::Running).then_some(Told::Opened(length))
    }
}
