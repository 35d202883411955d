//! The contexts of programs: the structs that R1 points to when a program starts, each field a row.
//!
//! One file a struct. A row says where a field is, what it holds, since which kernel it's there, and which program types
//! read and write it in which sizes: programs of several types share `struct __sk_buff`, and each may see another part.
//! Each row is a constant too, named as the field in capitals:
//!
//! ```
//! use knockwright_linux::context::{sk_buff, xdp_md};
//!
//! assert_eq!((sk_buff::MARK.name, sk_buff::MARK.offset), ("mark", 8));
//! assert_eq!(xdp_md::RX_QUEUE_INDEX.offset, 16);
//! ```
//!
//! Source: `include/uapi/linux/bpf.h` for names, offsets and sizes; `net/core/filter.c` (the functions that end in
//! `_is_valid_access`) and `drivers/media/rc/bpf-lirc.c` for accesses. `tests/contexts.rs` asks the running kernel for every
//! access to every byte.

mod page;
pub mod sk_buff;
pub mod xdp_md;

pub use page::page;

use crate::{AttachType, KernelVersion, ProgType, ProgTypes};

/// A context and its fields, each a constant and a row of the context. The constant's name is the field's in capitals.
macro_rules! context {
    (
        $(#[$meta:meta])*
        $context:ident = $name:literal, $kernel_name:literal {
            $(
                $(#[$doc:meta])*
                $field:ident = $make:ident($text:literal, $offset:literal $($part:tt)*)
                    $(.$method:ident($($more:tt)*))*;
            )*
        }
    ) => {
        $(
            #[doc = concat!("`", $text, "`, at offset ", $offset, ".")]
            $(#[$doc])*
            pub const $field: $crate::context::Field =
                $make($text, $offset $($part)*)$(.$method($($more)*))*;
            const _: () = assert!($crate::context::in_capitals($text, stringify!($field)));
        )*

        $(#[$meta])*
        pub static $context: $crate::context::Context = {
            static FIELDS: &[$crate::context::Field] = &[$($field),*];
            const LENGTH: usize = $crate::context::length(FIELDS);
            $crate::context::Context::described(
                $name,
                $kernel_name,
                FIELDS,
                &$crate::context::by_offset::<LENGTH>(FIELDS),
            )
        };
    };
}

pub(crate) use context;

/// The struct that programs see as their context.
#[derive(Debug)]
pub struct Context {
    /// Its name in the kernel's interface, without `struct`.
    pub name: &'static str,
    /// The kernel's own struct that it stands for, which functions of programs may name as well.
    pub kernel_name: Option<&'static str>,
    /// Its fields, by offset. `None` if they aren't described here.
    pub fields: Option<&'static [Field]>,
    /// The field of each byte.
    by_offset: &'static [Option<&'static Field>],
}

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
    /// Which program types read it.
    pub read: ProgTypes,
    /// Which program types write it.
    pub written: ProgTypes,
    /// What a program must be attached to for it, if that matters.
    pub attached: Option<AttachType>,
    /// The first kernel that has it.
    pub since: KernelVersion,
}

/// What a field of a context holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A number.
    Number,
    /// The start of the packet.
    PacketStart,
    /// The end of the packet.
    PacketEnd,
    /// The start of the room for data about the packet, which lies before it.
    PacketMeta,
    /// A `struct bpf_sock` with the members that every socket has, or NULL.
    SockCommonOrNull,
    /// A `struct bpf_sock`, or NULL.
    SockOrNull,
    /// A `struct bpf_flow_keys`.
    FlowKeys,
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
            Self::SockOrNull => "socket or NULL",
            Self::FlowKeys => "flow keys",
        }
    }
}

/// In which sizes a field may be read and written; always at a multiple of the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sizes {
    /// Any size, as long as it stays inside.
    Any,
    /// Read in parts too, but of 4 bytes at most; written as a whole.
    Parts,
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

impl Context {
    const fn described(
        name: &'static str,
        kernel_name: &'static str,
        fields: &'static [Field],
        by_offset: &'static [Option<&'static Field>],
    ) -> Self {
        Self { name, kernel_name: Some(kernel_name), fields: Some(fields), by_offset }
    }

    /// A context of which only the name is known here.
    pub(crate) const fn named(name: &'static str) -> Self {
        Self { name, kernel_name: None, fields: None, by_offset: &[] }
    }

    /// The field that has the byte at an offset.
    pub fn field_at(&self, offset: i32) -> Option<&'static Field> {
        *self.by_offset.get(usize::try_from(offset).ok()?)?
    }

    /// The field that holds such a thing, if there is one of it.
    pub fn holding(&self, holds: Holds) -> Option<&'static Field> {
        self.fields?.iter().find(|field| field.holds == holds)
    }

    /// The field that an access of a program reads or writes; `None` if the kernel refuses it.
    ///
    /// A field that programs only have where they are attached to something certain isn't given.
    pub fn allows(
        &self,
        access: Access,
        prog_type: ProgType,
        kernel: KernelVersion,
    ) -> Option<&'static Field> {
        let field = self.field_at(access.offset)?;
        let fine = field.attached.is_none() && kernel >= field.since && field.allows(access, prog_type);
        fine.then_some(field)
    }
}

impl Field {
    /// A number of 4 bytes that nobody reads yet, in parts too.
    const fn number(name: &'static str, offset: u32, since: KernelVersion) -> Self {
        Self {
            name,
            offset,
            size: 4,
            elements: None,
            holds: Holds::Number,
            sizes: Sizes::Parts,
            read: ProgTypes::NONE,
            written: ProgTypes::NONE,
            attached: None,
            since,
        }
    }

    /// A pointer, which in the interface has this size.
    const fn pointer(name: &'static str, offset: u32, size: u32, holds: Holds, since: KernelVersion) -> Self {
        Self { size, holds, sizes: Sizes::Whole, ..Self::number(name, offset, since) }
    }

    const fn read_by(self, read: ProgTypes) -> Self {
        Self { read, ..self }
    }

    const fn written_by(self, written: ProgTypes) -> Self {
        Self { written, ..self }
    }

    const fn sized(self, size: u32, sizes: Sizes) -> Self {
        Self { size, sizes, ..self }
    }

    const fn attached(self, attached: AttachType) -> Self {
        Self { attached: Some(attached), ..self }
    }

    const fn array(self, elements: u32) -> Self {
        Self { elements: Some(elements), ..self }
    }

    /// The offset after its last byte.
    pub const fn end(&self) -> u32 {
        match self.elements {
            Some(elements) => self.offset + self.size * elements,
            None => self.offset + self.size,
        }
    }

    /// Whether programs of the type may make the access, which starts in the field.
    pub fn allows(&self, access: Access, prog_type: ProgType) -> bool {
        let types = if access.way == Way::Write { self.written } else { self.read };
        let Ok(offset) = u32::try_from(access.offset) else {
            return false;
        };
        let size = access.size;
        let fits = match self.sizes {
            Sizes::Any => offset + size <= self.end(),
            Sizes::Parts => size == self.size || (size < 4 && access.way != Way::Write),
            Sizes::Whole => size == self.size && access.way != Way::ReadSigned,
            Sizes::WholeSigned => size == self.size,
        };
        fits && types.contains(prog_type) && offset.is_multiple_of(size)
    }
}

/// The offset after the last byte of the last field.
const fn length(fields: &[Field]) -> usize {
    match fields.last() {
        Some(last) => last.end() as usize,
        None => 0,
    }
}

/// Whether a constant has the name of a field in capitals.
const fn in_capitals(field: &str, constant: &str) -> bool {
    let (field, constant) = (field.as_bytes(), constant.as_bytes());
    let mut same = 0;
    while same < field.len() && same < constant.len() && field[same].to_ascii_uppercase() == constant[same] {
        same += 1;
    }
    same == field.len() && same == constant.len()
}

/// The field of each byte of a struct of `N` bytes.
const fn by_offset<const N: usize>(fields: &'static [Field]) -> [Option<&'static Field>; N] {
    let mut bytes: [Option<&'static Field>; N] = [None; N];
    let mut next = 0;
    while next < fields.len() {
        let mut at = fields[next].offset as usize;
        while at < fields[next].end() as usize {
            bytes[at] = Some(&fields[next]);
            at += 1;
        }
        next += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_in_order_and_apart() {
        for context in page::described() {
            let fields = context.fields.expect("fields");
            for pair in fields.windows(2) {
                assert!(pair[0].end() <= pair[1].offset, "{} {}", context.name, pair[1].name);
            }
            for field in fields {
                assert_eq!(context.field_at(field.offset as i32), Some(field), "{}", field.name);
                assert_eq!(context.field_at(field.end() as i32 - 1), Some(field), "{}", field.name);
                assert!(field.offset.is_multiple_of(field.size), "{}", field.name);
            }
            assert_eq!((context.field_at(-1), context.field_at(i32::MAX)), (None, None));
        }
    }

    #[test]
    fn accesses_are_judged_by_size_and_way() {
        let allowed = |prog_type: ProgType, offset, size, way| {
            let context = prog_type.context().expect("a context");
            let field = context.allows(Access { offset, size, way }, prog_type, KernelVersion::new(6, 18));
            field.map(|field| field.name)
        };
        assert_eq!(allowed(ProgType::Xdp, 4, 4, Way::Read), Some("data_end"));
        assert_eq!(allowed(ProgType::Xdp, 4, 4, Way::ReadSigned), None);
        assert_eq!(allowed(ProgType::Xdp, 20, 4, Way::Read), None, "only in a device map");
        assert_eq!(allowed(ProgType::SchedCls, 8, 4, Way::Write), Some("mark"));
        assert_eq!(allowed(ProgType::SchedCls, 8, 2, Way::Write), None);
        assert_eq!(allowed(ProgType::SchedCls, 10, 2, Way::Read), Some("mark"));
        assert_eq!(allowed(ProgType::SocketFilter, 76, 4, Way::Read), None);
    }
}
