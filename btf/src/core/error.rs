//! Why a relocation can't be applied.

use crate::kind::TypeId;

/// Why a CO-RE relocation can't be applied. Loaders refuse the object for it; what a kernel merely lacks is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CoreError {
    /// A kind that no compiler had when this was written.
    #[error("relocations of kind {0} are unknown")]
    UnknownKind(u32),
    /// The access string is no list of numbers, or doesn't fit the type.
    #[error("its access string `{access}` doesn't fit type {ty} of the object")]
    Access {
        /// The access string.
        access: String,
        /// The type that the relocation is about.
        ty: TypeId,
    },
    /// A reference between types leads nowhere, or in circles.
    #[error("type {0} isn't there, or leads back to itself")]
    NoType(TypeId),
    /// A type whose size is asked for has none.
    #[error("type {0} has no size")]
    NoSize(TypeId),
    /// Types nest deeper than loaders look.
    #[error("the types nest deeper than is looked at")]
    TooDeep,
    /// A type without a name can't be looked for.
    #[error("type {0} has no name, so it can't be looked for in the kernel")]
    Anonymous(TypeId),
    /// Several types of the kernel have the member, in different places.
    #[error("types {one} and {other} of the kernel both have it, at bit {one_bits} and at bit {other_bits}")]
    Places {
        /// The first.
        one: TypeId,
        /// Where the first has it.
        one_bits: u32,
        /// The other.
        other: TypeId,
        /// Where the other has it.
        other_bits: u32,
    },
    /// Several types of the kernel give different values.
    #[error("types {one} and {other} of the kernel both fit, and give {one_value} and {other_value}")]
    Values {
        /// The first.
        one: TypeId,
        /// What the first gives.
        one_value: u64,
        /// The other.
        other: TypeId,
        /// What the other gives.
        other_value: u64,
    },
    /// No type of the kernel itself has the name, and one of its modules has, or may have.
    #[error("the kernel itself has no type `{0}`, and types of its modules are not looked into")]
    Modules(String),
    /// What is asked for, only members have, and this is an element of an array.
    #[error("an element of an array has no `{0}`")]
    Element(&'static str),
    /// A bit field doesn't lie in any 8 aligned bytes.
    #[error("no load of up to 8 bytes holds the bit field")]
    BitField,
}
