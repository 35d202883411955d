//! CO-RE: values that a program was compiled with for one kernel, and what they are on another.
//!
//! A compiler notes beside an instruction what its immediate or offset stands for ([`CoreRecord`]): the place of a member,
//! the size of a type, the value of an enumerator. [`Relocator`] looks the same up in the types of a kernel
//! ([`KernelTypes`]) and gives what belongs there, as libbpf 1.7 does; to put it into the instruction is the reader's part.
//! The rules are in `docs/co-re.md`.

mod access;
mod compatible;
mod error;
mod find;
mod kernel;
mod matching;
mod modules;
mod name;
mod relocator;
mod text;
mod value;

use serde::Serialize;

pub use error::CoreError;
pub use kernel::KernelTypes;
pub use modules::ModuleNames;
pub use name::essential_name;
pub use relocator::{Relocator, Resolution, SizeChange};

use crate::kind::{Kind, TypeId};
use crate::parse::Btf;

/// The length of `struct bpf_core_relo` in bytes.
pub(crate) const CORE_RECORD_LEN: u32 = 16;

/// A CO-RE relocation: what the value in an instruction stands for.
///
/// Source: `include/uapi/linux/bpf.h`, `struct bpf_core_relo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoreRecord {
    /// Where the instruction starts, in bytes from the start of its section.
    pub offset: u32,
    /// The type that it's about, in the object's BTF.
    pub ty: TypeId,
    /// The way into the type: indexes of members and elements with colons between, the first of them the index of the
    /// whole; or the index of an enumerator.
    pub access: String,
    /// What of it, a number of `enum bpf_core_relo_kind`: see [`CoreKind::from_number`].
    pub kind: u32,
}

/// What of a type a relocation asks for.
///
/// Source: `include/uapi/linux/bpf.h`, `enum bpf_core_relo_kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CoreKind {
    /// The distance of a member in bytes.
    FieldByteOffset = 0,
    /// The size of a member in bytes.
    FieldByteSize = 1,
    /// 1 if there is such a member, else 0.
    FieldExists = 2,
    /// 1 if a member has negative values, else 0.
    FieldSigned = 3,
    /// By how many bits a bit field is shifted left in 64 bits to lose what stands above it.
    FieldLshiftU64 = 4,
    /// By how many bits it's then shifted right to stand at the lowest.
    FieldRshiftU64 = 5,
    /// The number of the type in the object.
    TypeIdLocal = 6,
    /// The number of the type in the kernel, 0 if there is none.
    TypeIdTarget = 7,
    /// 1 if the kernel has such a type, else 0.
    TypeExists = 8,
    /// The size of the type in bytes, 0 if there is none.
    TypeSize = 9,
    /// 1 if there is such an enumerator, else 0.
    EnumvalExists = 10,
    /// The value of an enumerator.
    EnumvalValue = 11,
    /// 1 if the kernel has a type with all that this one has, else 0.
    TypeMatches = 12,
}

/// What a kind of relocation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Field,
    Type,
    Enumerator,
}

impl CoreKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 13] = [
        Self::FieldByteOffset,
        Self::FieldByteSize,
        Self::FieldExists,
        Self::FieldSigned,
        Self::FieldLshiftU64,
        Self::FieldRshiftU64,
        Self::TypeIdLocal,
        Self::TypeIdTarget,
        Self::TypeExists,
        Self::TypeSize,
        Self::EnumvalExists,
        Self::EnumvalValue,
        Self::TypeMatches,
    ];

    /// The kind of a number of `enum bpf_core_relo_kind`.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.get(number as usize).copied()
    }

    /// The kind's name as libbpf writes it.
    pub fn label(self) -> &'static str {
        match self {
            Self::FieldByteOffset => "byte_off",
            Self::FieldByteSize => "byte_sz",
            Self::FieldExists => "field_exists",
            Self::FieldSigned => "signed",
            Self::FieldLshiftU64 => "lshift_u64",
            Self::FieldRshiftU64 => "rshift_u64",
            Self::TypeIdLocal => "local_type_id",
            Self::TypeIdTarget => "target_type_id",
            Self::TypeExists => "type_exists",
            Self::TypeSize => "type_size",
            Self::EnumvalExists => "enumval_exists",
            Self::EnumvalValue => "enumval_value",
            Self::TypeMatches => "type_matches",
        }
    }

    pub(crate) fn about(self) -> About {
        match self {
            Self::FieldByteOffset
            | Self::FieldByteSize
            | Self::FieldExists
            | Self::FieldSigned
            | Self::FieldLshiftU64
            | Self::FieldRshiftU64 => About::Field,
            Self::TypeIdLocal
            | Self::TypeIdTarget
            | Self::TypeExists
            | Self::TypeSize
            | Self::TypeMatches => About::Type,
            Self::EnumvalExists | Self::EnumvalValue => About::Enumerator,
        }
    }
}

/// How many typedefs, qualifiers and tags may stand before one type; damaged BTF may run in circles.
const MAX_NAMES: u32 = 256;

/// A type without typedefs, qualifiers and tags: its number, and its kind, `None` for `void`.
pub(crate) type Bare<'a> = (TypeId, Option<&'a Kind>);

/// The type after typedefs, qualifiers and tags.
pub(crate) fn bare(btf: &Btf, mut id: TypeId) -> Result<Bare<'_>, CoreError> {
    for _ in 0..MAX_NAMES {
        let kind = match btf.get(id) {
            None if id == TypeId::VOID => return Ok((id, None)),
            None => return Err(CoreError::NoType(id)),
            Some(kind) => kind,
        };
        match kind {
            Kind::Typedef { to, .. }
            | Kind::Volatile { to }
            | Kind::Const { to }
            | Kind::Restrict { to }
            | Kind::TypeTag { to, .. } => id = *to,
            _ => return Ok((id, Some(kind))),
        }
    }
    Err(CoreError::NoType(id))
}

/// The size of a type's values in bytes.
pub(crate) fn size(btf: &Btf, id: TypeId) -> Result<u32, CoreError> {
    btf.size(id).ok_or(CoreError::NoSize(id))
}

/// Whether two types are of one kind; enums of 32 and of 64 bits are.
pub(crate) fn same_kind(one: Option<&Kind>, other: Option<&Kind>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => one.number() == other.number() || is_enum(one) && is_enum(other),
        _ => false,
    }
}

pub(crate) fn is_enum(kind: &Kind) -> bool {
    matches!(kind, Kind::Enum { .. } | Kind::Enum64 { .. })
}
