//! The layouts of map keys and values as BTF.

use knockwright_asm::{Extent, IntType, StructType, Type};

use super::builder::Builder;
use super::kind::{Field, IntEncoding, Kind, TypeId};

/// How deep types may nest: the kernel resolves at most 32 levels (`MAX_RESOLVE_DEPTH` in `kernel/bpf/btf.c`), some of
/// which typedefs take.
const MAX_DEPTH: u32 = 16;

/// A layout that BTF or the kernel doesn't allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// A name that is no identifier.
    #[error("`{name}` is no C identifier: letters, digits and `_`, no digit first, at most 127 bytes")]
    Name {
        /// The name.
        name: String,
    },
    /// An integer of a size that doesn't exist.
    #[error("the integer type `{name}` has {size} bytes: only 1, 2, 4 and 8 are possible")]
    IntSize {
        /// The type's name.
        name: &'static str,
        /// Its size in bytes.
        size: u32,
    },
    /// A member that reaches past its struct's end, or lies before the member above it.
    #[error(
        "member `{member}` at offset {offset} doesn't fit into `struct {name}`: list members by rising offset"
    )]
    Member {
        /// The struct's name.
        name: &'static str,
        /// The member's name.
        member: &'static str,
        /// Its offset in bytes.
        offset: u32,
    },
    /// Types that nest deeper than the kernel follows, or endlessly.
    #[error("types nest more than {MAX_DEPTH} deep in `{name}`: flatten them")]
    TooDeep {
        /// The name of the innermost struct.
        name: &'static str,
    },
    /// A type of more than 4 GiB.
    #[error("an array of {len} elements of {element} bytes is larger than 4 GiB")]
    TooLarge {
        /// The number of elements.
        len: u32,
        /// The size of an element in bytes.
        element: u32,
    },
}

/// What C calls the integers that `linux/types.h` names.
const TYPEDEFS: &[(&str, &str, u32, bool)] = &[
    ("__u8", "unsigned char", 1, false),
    ("__u16", "unsigned short", 2, false),
    ("__u32", "unsigned int", 4, false),
    ("__u64", "unsigned long long", 8, false),
    ("__s8", "signed char", 1, true),
    ("__s16", "short", 2, true),
    ("__s32", "int", 4, true),
    ("__s64", "long long", 8, true),
];

/// Whether a name of `linux/types.h` means such an integer.
pub(crate) fn is_kernel_typedef(name: &str, size: u32, signed: bool) -> bool {
    TYPEDEFS.iter().any(|&(typedef, _, s, g)| (typedef, s, g) == (name, size, signed))
}

/// Whether a name is a C identifier that the kernel takes as the name of a function, variable, struct or member.
///
/// Source: `btf_name_valid_identifier` in `kernel/bpf/btf.c`; up to Linux 6.x a name has at most 127 bytes (`KSYM_NAME_LEN`).
pub(crate) fn is_identifier(name: &str) -> bool {
    name.len() < 128
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// An error unless a name is an identifier.
pub(crate) fn check_identifier(name: &str) -> Result<(), LayoutError> {
    match is_identifier(name) {
        true => Ok(()),
        false => Err(LayoutError::Name { name: name.to_owned() }),
    }
}

impl Builder {
    /// Adds the type of a layout and all types that it's made of: what clang makes of the same definitions in C.
    ///
    /// `__u8` … `__s64` become typedefs of `unsigned char` … `long long`, other integers get the name that they have.
    ///
    /// # Errors
    /// [`LayoutError`] if the kernel would refuse the result.
    pub fn add_layout(&mut self, ty: &Type) -> Result<TypeId, LayoutError> {
        self.add_nested(ty, "", MAX_DEPTH)
    }

    /// `unsigned int` as the type of `__u32`, which contexts and map definitions use too.
    pub(crate) fn add_kernel_int(&mut self, name: &'static str, size: u32, signed: bool) -> TypeId {
        let c_name = TYPEDEFS
            .iter()
            .find(|&&(typedef, _, s, g)| (typedef, s, g) == (name, size, signed))
            .map(|&(_, c_name, _, _)| c_name);
        let int = self.add_int(c_name.unwrap_or(name), size, signed);
        match c_name {
            Some(_) => self.add(Kind::Typedef { name: name.to_owned(), to: int }),
            None => int,
        }
    }

    /// An integer type of C.
    pub(crate) fn add_int(&mut self, name: &str, size: u32, signed: bool) -> TypeId {
        self.add(Kind::Int {
            name: name.to_owned(),
            size,
            encoding: IntEncoding { signed, ..IntEncoding::default() },
            bit_offset: 0,
            bits: size as u8 * 8,
        })
    }

    /// An array; its index has the type that clang gives it.
    pub(crate) fn add_array(&mut self, element: TypeId, len: u32) -> TypeId {
        let index = self.add_int("__ARRAY_SIZE_TYPE__", 4, false);
        self.add(Kind::Array { element, index, len })
    }

    fn add_nested(&mut self, ty: &Type, inside: &'static str, depth: u32) -> Result<TypeId, LayoutError> {
        let depth = depth.checked_sub(1).ok_or(LayoutError::TooDeep { name: inside })?;
        match ty {
            Type::Int(int) => self.add_int_type(int),
            Type::Array { element, len } => {
                let id = self.add_nested(element, inside, depth)?;
                checked_size(ty)?;
                Ok(self.add_array(id, *len))
            }
            Type::Struct(layout) => self.add_struct(layout, depth),
        }
    }

    fn add_int_type(&mut self, int: &IntType) -> Result<TypeId, LayoutError> {
        if !matches!(int.size, 1 | 2 | 4 | 8) {
            return Err(LayoutError::IntSize { name: int.name, size: int.size });
        }
        // C's own names have several words: `unsigned long`.
        int.name.split(' ').try_for_each(check_identifier)?;
        if int.boolean {
            return Ok(self.add(Kind::Int {
                name: int.name.to_owned(),
                size: int.size,
                encoding: IntEncoding { signed: int.signed, bool: true, char: false },
                bit_offset: 0,
                bits: int.size as u8 * 8,
            }));
        }
        Ok(self.add_kernel_int(int.name, int.size, int.signed))
    }

    fn add_struct(&mut self, layout: &StructType, depth: u32) -> Result<TypeId, LayoutError> {
        if !layout.name.is_empty() {
            check_identifier(layout.name)?;
        }
        let mut members = Vec::with_capacity(layout.members.len());
        let mut lowest = 0;
        for member in layout.members {
            let ty = self.add_nested(&member.ty, layout.name, depth)?;
            check_identifier(member.name)?;
            let end = member.offset.checked_add(checked_size(&member.ty)?);
            let bit_offset = member.offset.checked_mul(8);
            let fits = member.offset >= lowest && end.is_some_and(|end| end <= layout.size);
            let Some(bit_offset) = bit_offset.filter(|_| fits) else {
                return Err(LayoutError::Member {
                    name: layout.name,
                    member: member.name,
                    offset: member.offset,
                });
            };
            lowest = member.offset;
            members.push(Field { name: member.name.to_owned(), ty, bit_offset, bit_width: 0 });
        }
        Ok(self.add(Kind::Struct { name: layout.name.to_owned(), size: layout.size, members }))
    }
}

/// The size of a map's key or value in bytes; `None` if it's larger than 4 GiB.
pub(crate) fn checked_size_of(extent: &Extent) -> Option<usize> {
    match extent {
        Extent::Bytes(size) => Some(*size as usize),
        Extent::Typed(ty) => checked_size(ty).ok().map(|size| size as usize),
    }
}

/// The size of a type in bytes, at most 16 arrays deep.
pub(crate) fn checked_size(ty: &Type) -> Result<u32, LayoutError> {
    let mut count = 1_u32;
    let mut ty = ty;
    for _ in 0..=MAX_DEPTH {
        let size = match ty {
            Type::Int(int) => int.size,
            Type::Struct(layout) => layout.size,
            Type::Array { element, len } => {
                count = count.checked_mul(*len).ok_or(LayoutError::TooLarge { len: *len, element: count })?;
                ty = element;
                continue;
            }
        };
        return count.checked_mul(size).ok_or(LayoutError::TooLarge { len: count, element: size });
    }
    Err(LayoutError::TooDeep { name: "" })
}
