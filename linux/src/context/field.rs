//! A field of a context, and who reads and writes it how.

use crate::{AttachType, AttachTypes, KernelVersion, ProgType, ProgTypes};

/// A field of a context.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Where it starts, in bytes.
    pub offset: u32,
    /// The size of it, or of each of its elements, in bytes.
    pub size: u32,
    /// How many elements it has, if it's an array.
    pub elements: Option<u32>,
    /// What a program finds in it.
    pub holds: Holds,
    /// In which sizes it's read and written.
    pub sizes: Sizes,
    /// Which programs read it.
    pub read: Users,
    /// Which programs write it.
    pub written: Users,
    /// The first kernel that has it.
    pub since: KernelVersion,
}

/// Which programs read a field, or write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Users {
    /// Those of these types.
    pub programs: ProgTypes,
    /// Of those, the ones that are attached so; `None` if it doesn't matter.
    pub attached: Option<AttachTypes>,
    /// The first kernel that lets them; `None` if it's the first that has the field.
    pub since: Option<KernelVersion>,
}

impl Users {
    /// No programs.
    pub const NONE: Self = Self::of(ProgTypes::NONE);

    /// Programs of these types, wherever they are attached, on every kernel that has the field.
    const fn of(programs: ProgTypes) -> Self {
        Self { programs, attached: None, since: None }
    }

    /// Whether programs of a type, attached so, are among them on the kernels that let some: for who asks when a program is
    /// compiled.
    pub const fn include(self, prog_type: ProgType, attach: Option<AttachType>) -> bool {
        if !self.programs.contains(prog_type) {
            return false;
        }
        match (self.attached, attach) {
            (None, _) => true,
            (Some(attached), Some(attach)) => attached.contains(attach),
            (Some(_), None) => false,
        }
    }

    /// Whether a program is one of them, by what its load names as attach type.
    pub fn contain(self, prog_type: ProgType, attach: Option<AttachType>, kernel: KernelVersion) -> bool {
        let attach = prog_type.attached_as(attach);
        self.programs.contains(prog_type)
            && self.attached.is_none_or(|attached| attached.contains(attach))
            && self.since.is_none_or(|since| kernel >= since)
    }
}

/// What a field of a context holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A number.
    Number,
    /// The start of the packet, or of other bytes that are read and written as packets are.
    PacketStart,
    /// The end of the packet.
    PacketEnd,
    /// The start of the room for data about the packet, which lies before it.
    PacketMeta,
    /// A `struct bpf_sock` with the members that every socket has, or NULL.
    SockCommonOrNull,
    /// A `struct bpf_sock`.
    Sock,
    /// A `struct bpf_sock`, or NULL.
    SockOrNull,
    /// A `struct bpf_flow_keys`.
    FlowKeys,
    /// The buffer that a writable trace point lets programs change.
    TracepointBuffer,
    /// The kernel's `struct nf_hook_state`.
    HookState,
    /// The kernel's `struct sk_buff`.
    KernelSkBuff,
}

impl Holds {
    /// What a reader is told.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::PacketStart => "packet",
            Self::PacketEnd => "packet's end",
            Self::PacketMeta => "data about the packet",
            Self::SockCommonOrNull => "socket of any kind or NULL",
            Self::Sock => "socket",
            Self::SockOrNull => "socket or NULL",
            Self::FlowKeys => "flow keys",
            Self::TracepointBuffer => "buffer of the trace point",
            Self::HookState => "`struct nf_hook_state` of the kernel",
            Self::KernelSkBuff => "`struct sk_buff` of the kernel",
        }
    }
}

/// In which sizes a field may be read and written; always at a multiple of the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sizes {
    /// Any size, as long as it stays inside.
    Any,
    /// Read in parts too; written as a whole.
    Parts,
    /// Smaller reads too, but only at its first byte; written as a whole.
    Starts,
    /// As parts; two elements at once as well, read and written.
    Pairs,
    /// Read as a whole or by halves.
    Halves,
    /// Read in parts too, and with as many zeros after it.
    Padded,
    /// Only as a whole, and not sign-extended.
    Whole,
    /// Only as a whole, sign-extended too.
    WholeSigned,
}

impl Sizes {
    /// What a reader is told.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Parts => "parts",
            Self::Starts => "starts",
            Self::Pairs => "pairs",
            Self::Halves => "halves",
            Self::Padded => "padded",
            Self::Whole | Self::WholeSigned => "whole",
        }
    }
}

/// A load from a context or a store to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The distance from the start of the context, in bytes.
    pub offset: i32,
    /// 1, 2, 4 or 8 bytes.
    pub size: u32,
    /// What is done.
    pub way: Way,
}

/// What an access does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It reads, with zeros in front.
    Read,
    /// It reads and extends the sign.
    ReadSigned,
    /// It writes.
    Write,
}

impl Field {
    /// A number of 4 bytes that nobody reads yet, in parts too.
    pub(super) const fn number(name: &'static str, offset: u32, since: KernelVersion) -> Self {
        Self {
            name,
            offset,
            size: 4,
            elements: None,
            holds: Holds::Number,
            sizes: Sizes::Parts,
            read: Users::NONE,
            written: Users::NONE,
            since,
        }
    }

    /// A pointer, which in the interface has this size.
    pub(super) const fn pointer(
        name: &'static str,
        offset: u32,
        size: u32,
        holds: Holds,
        since: KernelVersion,
    ) -> Self {
        Self { size, holds, sizes: Sizes::Whole, ..Self::number(name, offset, since) }
    }

    /// Read by programs of these types, wherever they are attached.
    pub(super) const fn read_by(self, programs: ProgTypes) -> Self {
        Self { read: Users::of(programs), ..self }
    }

    /// Written by programs of these types, wherever they are attached.
    pub(super) const fn written_by(self, programs: ProgTypes) -> Self {
        Self { written: Users::of(programs), ..self }
    }

    /// The same, only for programs that are attached so.
    pub(super) const fn attached(self, attached: &[AttachType]) -> Self {
        let attached = Some(AttachTypes::of(attached));
        let read = Users { attached, ..self.read };
        Self { read, ..self }.written_attached(attached)
    }

    /// The same, written since a later kernel.
    pub(super) const fn written_since(self, since: KernelVersion) -> Self {
        let written = Users { since: Some(since), ..self.written };
        Self { written, ..self }
    }

    /// The same, written only by programs that are attached so.
    pub(super) const fn written_attached(self, attached: Option<AttachTypes>) -> Self {
        let written = Users { attached, ..self.written };
        Self { written, ..self }
    }

    pub(super) const fn sized(self, size: u32, sizes: Sizes) -> Self {
        Self { size, sizes, ..self }
    }

    pub(super) const fn array(self, elements: u32) -> Self {
        Self { elements: Some(elements), ..self }
    }

    /// The offset after its last byte.
    pub const fn end(&self) -> u32 {
        match self.elements {
            Some(elements) => self.offset + self.size * elements,
            None => self.offset + self.size,
        }
    }

    /// Which programs access it in this way.
    pub const fn users(&self, way: Way) -> Users {
        match way {
            Way::Read | Way::ReadSigned => self.read,
            Way::Write => self.written,
        }
    }

    /// Whether a kernel that has the field lets a program make the access, which starts in it; the program's load names an
    /// attach type or none.
    pub fn allows(
        &self,
        access: Access,
        prog_type: ProgType,
        attach: Option<AttachType>,
        kernel: KernelVersion,
    ) -> bool {
        let Access { size, way, .. } = access;
        let Ok(offset) = u32::try_from(access.offset) else {
            return false;
        };
        let (whole, part) = (size == self.size, size < self.size && way != Way::Write);
        let fits = match self.sizes {
            Sizes::Any => true,
            Sizes::Parts => whole || part,
            Sizes::Starts => whole || (part && offset == self.offset),
            Sizes::Pairs => whole || part || size == 2 * self.size,
            Sizes::Halves => whole || (part && 2 * size == self.size),
            Sizes::Padded => whole || part || (offset == self.offset && size == 2 * self.size),
            Sizes::Whole => whole && way != Way::ReadSigned,
            Sizes::WholeSigned => whole,
        };
        let room = if self.sizes == Sizes::Padded { self.end() + self.size } else { self.end() };
        let inside = offset >= self.offset && offset < self.end() && offset + size <= room;
        fits && inside && self.users(way).contain(prog_type, attach, kernel) && offset % size == 0
    }
}
