//! The kinds of types of BTF.

use std::fmt;
use std::slice;

use serde::Serialize;

use crate::format::{int, kind};

/// The number of a type in its BTF, counted from 1 in the order of the section; 0 is `void`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct TypeId(pub u32);

impl TypeId {
    /// `void`, which has no entry.
    pub const VOID: Self = Self(0);
}

impl fmt::Display for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.0)
    }
}

/// One type of a BTF section. A name is empty where the type is anonymous; sizes and offsets are bytes unless named bits.
///
/// Source: `Documentation/bpf/btf.rst`, section 2.2 "Type Encoding".
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs)] // the fields are named by the documentation of their variant and of their type
#[non_exhaustive]
pub enum Kind {
    /// An integer of `size` bytes of which `bits` count, from bit `bit_offset`.
    Int { name: String, size: u32, encoding: IntEncoding, bit_offset: u8, bits: u8 },
    /// A pointer.
    Ptr { to: TypeId },
    /// An array. `index` is the type of an index, which only debuggers look at.
    Array { element: TypeId, index: TypeId, len: u32 },
    /// A struct.
    Struct { name: String, size: u32, members: Vec<Field> },
    /// A union.
    Union { name: String, size: u32, members: Vec<Field> },
    /// An enum of at most 32 bits.
    Enum { name: String, size: u32, signed: bool, values: Vec<Enumerator> },
    /// A struct or union that is only declared.
    Fwd { name: String, union: bool },
    /// Another name of a type.
    Typedef { name: String, to: TypeId },
    /// `volatile`.
    Volatile { to: TypeId },
    /// `const`.
    Const { to: TypeId },
    /// `restrict`.
    Restrict { to: TypeId },
    /// A function; `proto` is its [`Kind::FuncProto`].
    Func { name: String, proto: TypeId, linkage: Linkage },
    /// A function's result and parameters.
    FuncProto { result: TypeId, params: Vec<Param> },
    /// A global variable.
    Var { name: String, ty: TypeId, linkage: Linkage },
    /// The variables of an ELF section.
    DataSec { name: String, size: u32, vars: Vec<SectionVar> },
    /// A floating-point number.
    Float { name: String, size: u32 },
    /// A tag of a declaration; `component` is the index of the member or parameter, `None` for the declaration itself.
    DeclTag { name: String, to: TypeId, component: Option<u32> },
    /// A tag of a type.
    TypeTag { name: String, to: TypeId },
    /// An enum of 64 bits.
    Enum64 { name: String, size: u32, signed: bool, values: Vec<Enumerator> },
}

/// How the bits of an integer read; nothing set means unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub struct IntEncoding {
    /// Negative values exist.
    pub signed: bool,
    /// It's text.
    pub char: bool,
    /// It's a boolean.
    pub bool: bool,
}

impl IntEncoding {
    /// A number without negative values.
    pub const UNSIGNED: Self = Self { signed: false, char: false, bool: false };
    /// A number with negative values.
    pub const SIGNED: Self = Self { signed: true, ..Self::UNSIGNED };
    /// A boolean.
    pub const BOOL: Self = Self { bool: true, ..Self::UNSIGNED };

    pub(crate) fn from_bits(bits: u32) -> Self {
        let has = |bit: u32| bits & bit != 0;
        Self { signed: has(int::SIGNED), char: has(int::CHAR), bool: has(int::BOOL) }
    }

    pub(crate) fn bits(self) -> u32 {
        let bits = [(self.signed, int::SIGNED), (self.char, int::CHAR), (self.bool, int::BOOL)];
        bits.into_iter().filter(|(has, _)| *has).fold(0, |bits, (_, bit)| bits | bit)
    }
}

/// A member of a struct or union.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Field {
    /// The member's name.
    pub name: String,
    /// The member's type.
    pub ty: TypeId,
    /// The distance in bits from the start.
    pub bit_offset: u32,
    /// The width in bits of a bit field; 0 for an ordinary member.
    pub bit_width: u8,
}

/// A named value of an enum, as the 64 bits of the number with its sign extended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Enumerator {
    /// The name.
    pub name: String,
    /// The value; of an unsigned 64-bit enum, its bits.
    pub value: i64,
}

/// A parameter of a function. The last may have neither name nor type, for `...`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Param {
    /// The name; empty in the type of a function pointer.
    pub name: String,
    /// The type.
    pub ty: TypeId,
}

/// Where a variable lies in its section.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct SectionVar {
    /// The [`Kind::Var`].
    pub var: TypeId,
    /// The distance in bytes from the start of the section.
    pub offset: u32,
    /// The size in bytes.
    pub size: u32,
}

/// Who sees a function or a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u32)]
pub enum Linkage {
    /// Its own object only. The verifier checks such a function inside its callers.
    Static = 0,
    /// Everyone. The verifier checks such a function once, by itself.
    Global = 1,
    /// It's defined elsewhere: in the kernel.
    Extern = 2,
}

impl Linkage {
    /// The linkage of a number of `enum btf_func_linkage`; the linkages of variables have the same numbers.
    pub fn from_number(number: u32) -> Option<Self> {
        [Self::Static, Self::Global, Self::Extern].into_iter().find(|linkage| *linkage as u32 == number)
    }

    /// The linkage in lower case.
    pub fn label(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Global => "global",
            Self::Extern => "extern",
        }
    }
}

impl Kind {
    /// The number of the kind, `BTF_KIND_*`.
    pub fn number(&self) -> u32 {
        match self {
            Self::Int { .. } => kind::INT,
            Self::Ptr { .. } => kind::PTR,
            Self::Array { .. } => kind::ARRAY,
            Self::Struct { .. } => kind::STRUCT,
            Self::Union { .. } => kind::UNION,
            Self::Enum { .. } => kind::ENUM,
            Self::Fwd { .. } => kind::FWD,
            Self::Typedef { .. } => kind::TYPEDEF,
            Self::Volatile { .. } => kind::VOLATILE,
            Self::Const { .. } => kind::CONST,
            Self::Restrict { .. } => kind::RESTRICT,
            Self::Func { .. } => kind::FUNC,
            Self::FuncProto { .. } => kind::FUNC_PROTO,
            Self::Var { .. } => kind::VAR,
            Self::DataSec { .. } => kind::DATASEC,
            Self::Float { .. } => kind::FLOAT,
            Self::DeclTag { .. } => kind::DECL_TAG,
            Self::TypeTag { .. } => kind::TYPE_TAG,
            Self::Enum64 { .. } => kind::ENUM64,
        }
    }

    /// The kind's name as the kernel and bpftool write it.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Int { .. } => "INT",
            Self::Ptr { .. } => "PTR",
            Self::Array { .. } => "ARRAY",
            Self::Struct { .. } => "STRUCT",
            Self::Union { .. } => "UNION",
            Self::Enum { .. } => "ENUM",
            Self::Fwd { .. } => "FWD",
            Self::Typedef { .. } => "TYPEDEF",
            Self::Volatile { .. } => "VOLATILE",
            Self::Const { .. } => "CONST",
            Self::Restrict { .. } => "RESTRICT",
            Self::Func { .. } => "FUNC",
            Self::FuncProto { .. } => "FUNC_PROTO",
            Self::Var { .. } => "VAR",
            Self::DataSec { .. } => "DATASEC",
            Self::Float { .. } => "FLOAT",
            Self::DeclTag { .. } => "DECL_TAG",
            Self::TypeTag { .. } => "TYPE_TAG",
            Self::Enum64 { .. } => "ENUM64",
        }
    }

    /// The type's name; empty for the kinds that have none.
    pub fn name(&self) -> &str {
        match self {
            Self::Int { name, .. }
            | Self::Struct { name, .. }
            | Self::Union { name, .. }
            | Self::Enum { name, .. }
            | Self::Fwd { name, .. }
            | Self::Typedef { name, .. }
            | Self::Func { name, .. }
            | Self::Var { name, .. }
            | Self::DataSec { name, .. }
            | Self::Float { name, .. }
            | Self::DeclTag { name, .. }
            | Self::TypeTag { name, .. }
            | Self::Enum64 { name, .. } => name,
            Self::Ptr { .. }
            | Self::Array { .. }
            | Self::Volatile { .. }
            | Self::Const { .. }
            | Self::Restrict { .. }
            | Self::FuncProto { .. } => "",
        }
    }

    /// The types that it refers to, in the order of the section's format.
    pub fn references(&self) -> impl Iterator<Item = TypeId> + '_ {
        let (one, two): (&[TypeId], &[TypeId]) = match self {
            Self::Ptr { to }
            | Self::Typedef { to, .. }
            | Self::Volatile { to }
            | Self::Const { to }
            | Self::Restrict { to }
            | Self::DeclTag { to, .. }
            | Self::TypeTag { to, .. } => (slice::from_ref(to), &[]),
            Self::Func { proto, .. } => (slice::from_ref(proto), &[]),
            Self::Var { ty, .. } => (slice::from_ref(ty), &[]),
            Self::Array { element, index, .. } => (slice::from_ref(element), slice::from_ref(index)),
            Self::FuncProto { result, .. } => (slice::from_ref(result), &[]),
            _ => (&[], &[]),
        };
        let members = match self {
            Self::Struct { members, .. } | Self::Union { members, .. } => members.as_slice(),
            _ => &[],
        };
        let params = if let Self::FuncProto { params, .. } = self { params.as_slice() } else { &[] };
        let vars = if let Self::DataSec { vars, .. } = self { vars.as_slice() } else { &[] };
        let parts = members.iter().map(|member| member.ty);
        let parts = parts.chain(params.iter().map(|param| param.ty)).chain(vars.iter().map(|var| var.var));
        one.iter().chain(two).copied().chain(parts)
    }

    /// The same type with other numbers of the types that it refers to.
    #[must_use]
    pub fn map_references(mut self, mut number: impl FnMut(TypeId) -> TypeId) -> Self {
        match &mut self {
            Self::Ptr { to }
            | Self::Typedef { to, .. }
            | Self::Volatile { to }
            | Self::Const { to }
            | Self::Restrict { to }
            | Self::DeclTag { to, .. }
            | Self::TypeTag { to, .. } => *to = number(*to),
            Self::Func { proto, .. } => *proto = number(*proto),
            Self::Var { ty, .. } => *ty = number(*ty),
            Self::Array { element, index, .. } => {
                *element = number(*element);
                *index = number(*index);
            }
            Self::FuncProto { result, params } => {
                *result = number(*result);
                params.iter_mut().for_each(|param| param.ty = number(param.ty));
            }
            Self::Struct { members, .. } | Self::Union { members, .. } => {
                members.iter_mut().for_each(|member| member.ty = number(member.ty));
            }
            Self::DataSec { vars, .. } => vars.iter_mut().for_each(|var| var.var = number(var.var)),
            Self::Int { .. }
            | Self::Enum { .. }
            | Self::Enum64 { .. }
            | Self::Float { .. }
            | Self::Fwd { .. } => {}
        }
        self
    }
}
