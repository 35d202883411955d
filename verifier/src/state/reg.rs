//! What a register or a spilled register holds.

use crate::scalar::Scalar;

/// The kind of a value. Pointers may be NULL besides ([`Reg::nullable`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RegType {
    /// Never written.
    NotInit,
    Scalar,
    Ctx,
    /// A map, by its index in the program.
    MapPtr(u16),
    /// A value in a map.
    MapValue(u16),
    /// A key in a map, as callbacks see it.
    MapKey(u16),
    /// The stack of a frame.
    Stack,
    /// Packet data.
    Packet,
    /// What stands before packet data.
    PacketMeta,
    /// The end of packet data.
    PacketEnd,
    /// Memory of a known size.
    Mem,
    /// A function of the program, by its number.
    Func(u16),
    /// Any socket.
    SockCommon,
    /// A full socket.
    Sock,
}

impl RegType {
    /// Whether it's a pointer.
    pub(crate) const fn is_pointer(self) -> bool {
        !matches!(self, Self::NotInit | Self::Scalar)
    }

    /// Whether it points into packet data or before it.
    pub(crate) const fn is_packet(self) -> bool {
        matches!(self, Self::Packet | Self::PacketMeta)
    }

    /// Whether it points to memory: what may be moved in, and given to helpers.
    pub(crate) const fn is_memory(self) -> bool {
        matches!(
            self,
            Self::Stack | Self::Packet | Self::PacketMeta | Self::MapValue(_) | Self::MapKey(_) | Self::Mem
        )
    }

    /// The map that it is, or is part of.
    pub(crate) const fn map(self) -> Option<u16> {
        match self {
            Self::MapPtr(map) | Self::MapValue(map) | Self::MapKey(map) => Some(map),
            _ => None,
        }
    }

    /// Whether it's a socket of some kind.
    pub(crate) const fn is_socket(self) -> bool {
        matches!(self, Self::SockCommon | Self::Sock)
    }

    /// Whether two kinds are the same, whatever map they belong to.
    pub(crate) fn same_sort(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }

    /// The name that the log gives it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NotInit => "?",
            Self::Scalar => "scalar",
            Self::Ctx => "ctx",
            Self::MapPtr(_) => "map_ptr",
            Self::MapValue(_) => "map_value",
            Self::MapKey(_) => "map_key",
            Self::Stack => "fp",
            Self::Packet => "pkt",
            Self::PacketMeta => "pkt_meta",
            Self::PacketEnd => "pkt_end",
            Self::Mem => "mem",
            Self::Func(_) => "func",
            Self::SockCommon => "sock_common",
            Self::Sock => "sock",
        }
    }
}

/// How a number relates to the others of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Link {
    /// It is the same number.
    Same = 0,
    /// It differs by a constant, in 64 bits.
    Apart64 = 1,
    /// It differs by a constant, in 32 bits.
    Apart32 = 2,
}

/// How much of a packet from a pointer on is proved to be there.
pub(crate) struct PacketRange;

impl PacketRange {
    /// The pointer is at the end of the packet or beyond it.
    pub(crate) const AT_END: i32 = -1;
    /// The pointer is beyond the end of the packet.
    pub(crate) const BEYOND_END: i32 = -2;
}

/// What values share that change together, or that stand for one reference. The log has 0 for none.
pub(crate) type Id = std::num::NonZeroU32;

/// The content of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reg {
    pub(crate) kind: RegType,
    /// NULL instead of a pointer is possible.
    pub(crate) nullable: bool,
    /// Memory that the program must not write.
    pub(crate) read_only: bool,
    /// Memory of a ring buffer's record.
    pub(crate) ringbuf: bool,
    /// A pointer's fixed offset; a number's distance from the others of its id, if [`Reg::link`] says so.
    pub(crate) off: i32,
    /// A packet pointer's proved range (or [`PacketRange`]), memory's size.
    pub(crate) extent: i32,
    /// The number, or a pointer's variable offset.
    pub(crate) num: Scalar,
    /// Values of one id change together.
    pub(crate) id: Option<Id>,
    /// How the number relates to the others of its id.
    pub(crate) link: Link,
    /// The reference that it stands for.
    pub(crate) ref_id: Option<Id>,
    /// The frame whose stack it points into.
    pub(crate) frame: u8,
    /// Its exact value matters for safety.
    pub(crate) precise: bool,
}

impl Reg {
    /// Never written.
    pub(crate) const NOT_INIT: Self = Self {
        kind: RegType::NotInit,
        nullable: false,
        read_only: false,
        ringbuf: false,
        off: 0,
        extent: 0,
        num: Scalar::UNKNOWN,
        id: None,
        link: Link::Same,
        ref_id: None,
        frame: 0,
        precise: false,
    };

    /// An unknown number.
    pub(crate) const UNKNOWN: Self = Self { kind: RegType::Scalar, ..Self::NOT_INIT };

    /// A known number.
    pub(crate) const fn known(value: u64) -> Self {
        Self { num: Scalar::known(value), ..Self::UNKNOWN }
    }

    /// A pointer with no offset.
    pub(crate) const fn pointer(kind: RegType) -> Self {
        Self { kind, num: Scalar::known(0), ..Self::NOT_INIT }
    }

    /// A pointer to a frame's stack.
    pub(crate) const fn frame_pointer(frame: u8) -> Self {
        Self { frame, ..Self::pointer(RegType::Stack) }
    }

    /// Whether it's a number.
    pub(crate) fn is_scalar(&self) -> bool {
        self.kind == RegType::Scalar
    }

    /// Whether it's a pointer, NULL or not.
    pub(crate) const fn is_pointer(&self) -> bool {
        self.kind.is_pointer()
    }

    /// The number, if it's one known number.
    pub(crate) fn constant(&self) -> Option<u64> {
        if self.is_scalar() { self.num.as_const() } else { None }
    }

    /// Whether it's the number 0.
    pub(crate) fn is_zero(&self) -> bool {
        self.constant() == Some(0)
    }

    /// Takes it out of the numbers that are equal to it.
    pub(crate) fn unlink(&mut self) {
        self.id = None;
        self.link = Link::Same;
        if self.is_scalar() {
            self.off = 0;
        }
    }

    /// Whether the pointer can't be NULL, judged by its kind alone.
    pub(crate) fn is_not_null(&self) -> bool {
        !self.nullable
            && matches!(
                self.kind,
                RegType::Sock
                    | RegType::SockCommon
                    | RegType::MapValue(_)
                    | RegType::MapPtr(_)
                    | RegType::Mem
            )
    }

    /// The type's name as messages and state lines have it.
    pub(crate) fn type_name(&self) -> String {
        let mut name = String::new();
        self.push_type_name(&mut name);
        name
    }

    /// Appends the type's name.
    pub(crate) fn push_type_name(&self, out: &mut String) {
        if self.read_only {
            out.push_str("rdonly_");
        }
        if self.ringbuf {
            out.push_str("ringbuf_");
        }
        out.push_str(self.kind.name());
        if self.nullable {
            out.push_str("_or_null");
        }
    }
}
