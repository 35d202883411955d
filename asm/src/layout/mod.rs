//! The shape of the data that programs share with user space: map keys, map values, events.
//!
//! A [`Type`] says what a debugger or a loader wants to know of a Rust type: its name, size and members. The macro
//! [`bpf_struct!`](crate::bpf_struct) derives it from a `repr(C)` struct, so that the Rust type, the offsets in the
//! instructions and the BTF in the object are one definition. [`add_layout`] makes BTF of it.

mod btf;

pub use btf::{LayoutError, add_layout, check_identifier, checked_size};
pub use knockwright_btf::IntEncoding;

/// The description of a type that lives in a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// An integer or a boolean.
    Int(IntType),
    /// `len` elements of one type, one after the other.
    Array {
        /// The type of an element.
        element: &'static Type,
        /// The number of elements.
        len: u32,
    },
    /// A struct with named members.
    Struct(&'static StructType),
}

/// An integer or a boolean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntType {
    /// The name in C: `__u8`, `__s64`, `_Bool`, …
    pub name: &'static str,
    /// The size in bytes: 1, 2, 4 or 8.
    pub size: u32,
    /// How its bits read.
    pub encoding: IntEncoding,
}

/// A struct as C lays it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StructType {
    /// The name in C, `ip_state` for `struct ip_state`.
    pub name: &'static str,
    /// The size in bytes, padding included.
    pub size: u32,
    /// The alignment in bytes.
    pub align: u32,
    /// The members in the order of their offsets.
    pub members: &'static [Member],
}

/// One member of a struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The member's name.
    pub name: &'static str,
    /// The distance in bytes from the start of the struct.
    pub offset: u32,
    /// The member's type.
    pub ty: Type,
}

impl Type {
    /// The size in bytes.
    pub const fn size(&self) -> u32 {
        match self {
            Self::Int(int) => int.size,
            Self::Array { element, len } => element.size() * *len,
            Self::Struct(s) => s.size,
        }
    }

    /// The alignment in bytes.
    pub const fn align(&self) -> u32 {
        match self {
            Self::Int(int) => int.size,
            Self::Array { element, .. } => element.align(),
            Self::Struct(s) => s.align,
        }
    }
}

/// A Rust type whose layout is known to programs.
///
/// Implemented for the integers, `bool`, arrays of such types, and every struct of [`bpf_struct!`](crate::bpf_struct).
///
/// # Safety
/// [`TYPE`](Self::TYPE) describes the type's layout truthfully, and the type holds no references or pointers: readers of
/// maps build values of it from bytes, and check those bytes only against the description.
pub unsafe trait BpfType: Copy + 'static {
    /// The description of the type.
    const TYPE: Type;
}

macro_rules! int_types {
    ($($rust:ty, $name:literal, $encoding:ident;)*) => {
        // SAFETY: an integer or a boolean of just this size; readers accept only 0 and 1 for a boolean.
        $(unsafe impl BpfType for $rust {
            const TYPE: Type = Type::Int(IntType {
                name: $name,
                size: size_of::<$rust>() as u32,
                encoding: IntEncoding::$encoding,
            });
        })*
    };
}

int_types! {
    u8, "__u8", UNSIGNED;
    u16, "__u16", UNSIGNED;
    u32, "__u32", UNSIGNED;
    u64, "__u64", UNSIGNED;
    i8, "__s8", SIGNED;
    i16, "__s16", SIGNED;
    i32, "__s32", SIGNED;
    i64, "__s64", SIGNED;
    bool, "_Bool", BOOL;
}

// SAFETY: Rust lays arrays out without gaps.
unsafe impl<T: BpfType, const N: usize> BpfType for [T; N] {
    const TYPE: Type = Type::Array { element: &T::TYPE, len: N as u32 };
}

/// Declares `repr(C)` structs together with their layout.
///
/// Each struct gets the name that C and BTF use, `Copy`, `Clone`, `Debug`, `PartialEq` and a [`BpfType`] with the offsets
/// that rustc gave the members.
///
/// ```
/// use knockwright_asm::{bpf_struct, BpfType, Type};
///
/// bpf_struct! {
///     /// What is known of a source address.
///     pub struct IpState as "ip_state" {
///         /// The number of right knocks so far.
///         pub sequence_step: u8,
///         /// When the last of them came.
///         pub last_packet_time: u64,
///     }
/// }
/// let Type::Struct(layout) = IpState::TYPE else { unreachable!() };
/// assert_eq!((layout.name, layout.size), ("ip_state", 16));
/// assert_eq!(layout.members[1].offset, 8);
/// ```
#[macro_export]
macro_rules! bpf_struct {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident as $c_name:literal {
        $($(#[$member_meta:meta])* $member_vis:vis $member:ident : $ty:ty),* $(,)?
    })*) => {
        $($(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        #[repr(C)]
        $vis struct $name {
            $($(#[$member_meta])* $member_vis $member: $ty,)*
        }

        // SAFETY: `repr(C)`, its members are such types themselves, and the compiler gives sizes and offsets.
        unsafe impl $crate::BpfType for $name {
            const TYPE: $crate::Type = $crate::Type::Struct(&$crate::StructType {
                name: $c_name,
                size: ::core::mem::size_of::<$name>() as u32,
                align: ::core::mem::align_of::<$name>() as u32,
                members: &[$($crate::Member {
                    name: stringify!($member),
                    offset: ::core::mem::offset_of!($name, $member) as u32,
                    ty: <$ty as $crate::BpfType>::TYPE,
                },)*],
            });
        })*
    };
}
