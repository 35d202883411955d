//! The firewall in plain Rust: what the XDP program is held against.
//!
//! Written from the rules, not from the program: one enum a source, no words of bits, no registers.

use std::collections::HashMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
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

/// What is known of a source. Times don't pass in this model: sessions and pauses end when the test says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Source {
    pub(crate) step: usize,
    pub(crate) open: bool,
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

    pub(crate) fn verdict(&mut self, packet: Packet) -> Verdict {
        match packet {
            Packet::Segment { port, .. } if port != self.target => Verdict::Pass,
            Packet::Segment { source, .. } => {
                if self.sources.get(&source).is_some_and(|source| source.open) {
                    Verdict::Pass
                } else {
                    Verdict::Drop
                }
            }
            Packet::Datagram { source, port } => {
                self.knock(source, port);
                Verdict::Pass
            }
        }
    }

    fn knock(&mut self, address: u32, port: u16) {
        if self.sequence.is_empty() {
            return;
        }
        let first = port == self.sequence[0];
        let Some(source) = self.sources.get_mut(&address) else {
            if first {
                let mut source = Source::default();
                source.advance(self.sequence.len());
                self.sources.insert(address, source);
            }
            return;
        };
        if port == self.sequence[source.step] {
            source.advance(self.sequence.len());
        } else if source.step > 0 && port == self.sequence[source.step - 1] {
            // The network repeated the packet.
        } else {
            source.step = 0;
            if first {
                source.advance(self.sequence.len());
            }
        }
    }

    /// The pause after the last knock was too long.
    pub(crate) fn pause(&mut self, address: u32) {
        if let Some(source) = self.sources.get_mut(&address) {
            source.step = 0;
        }
    }
}

impl Source {
    fn advance(&mut self, length: usize) {
        self.step += 1;
        if self.step == length {
            *self = Self { step: 0, open: true };
        }
    }
}
