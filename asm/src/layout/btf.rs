//! The layouts of Rust types as BTF.

use knockwright_btf::{Builder, Field, Kind, TypeId, is_identifier};

use super::{IntType, StructType, Type};

/// How deep types may nest: the kernel resolves at most 32 levels (`MAX_RESOLVE_DEPTH` in `kernel/bpf/btf.c`), some of
/// which typedefs take.
const MAX_DEPTH: u32 = 16;

/// A layout that BTF or the kernel doesn't allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
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
    #[error("types nest more than {MAX_DEPTH} deep{}: flatten them", inside(*.name))]
    TooDeep {
        /// The name of the innermost struct, if one is among them.
        name: Option<&'static str>,
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

fn inside(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!(" in `{name}`"))
}

/// Checks that a name may stand in BTF.
///
/// # Errors
/// [`LayoutError::Name`] unless it's an identifier.
pub fn check_identifier(name: &str) -> Result<(), LayoutError> {
    match is_identifier(name) {
        true => Ok(()),
        false => Err(LayoutError::Name { name: name.to_owned() }),
    }
}

/// Adds the type of a layout and all types that it's made of: what clang makes of the same definitions in C.
///
/// `__u8` … `__s64` become typedefs of `unsigned char` … `long long`, other integers get the name that they have.
///
/// # Errors
/// [`LayoutError`] if the kernel would refuse the result.
pub fn add_layout(btf: &mut Builder, ty: &Type) -> Result<TypeId, LayoutError> {
    add_nested(btf, ty, None, MAX_DEPTH)
}

fn add_nested(
    btf: &mut Builder,
    ty: &Type,
    inside: Option<&'static str>,
    depth: u32,
) -> Result<TypeId, LayoutError> {
    let depth = depth.checked_sub(1).ok_or(LayoutError::TooDeep { name: inside })?;
    match ty {
        Type::Int(int) => add_int_type(btf, int),
        Type::Array { element, len } => {
            let id = add_nested(btf, element, inside, depth)?;
            checked_size(ty)?;
            Ok(btf.add_array(id, *len))
        }
        Type::Struct(layout) => add_struct(btf, layout, depth),
    }
}

fn add_int_type(btf: &mut Builder, int: &IntType) -> Result<TypeId, LayoutError> {
    if !matches!(int.size, 1 | 2 | 4 | 8) {
        return Err(LayoutError::IntSize { name: int.name, size: int.size });
    }
    // C's own names have several words: `unsigned long`.
    int.name.split(' ').try_for_each(check_identifier)?;
    Ok(btf.add_kernel_int(int.name, int.size, int.encoding))
}

fn add_struct(btf: &mut Builder, layout: &StructType, depth: u32) -> Result<TypeId, LayoutError> {
    if let Some(name) = named(layout) {
        check_identifier(name)?;
    }
    let mut members = Vec::with_capacity(layout.members.len());
    let mut lowest = 0;
    for member in layout.members {
        let ty = add_nested(btf, &member.ty, named(layout), depth)?;
        check_identifier(member.name)?;
        let end = member.offset.checked_add(checked_size(&member.ty)?);
        let bit_offset = member.offset.checked_mul(u8::BITS);
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
    Ok(btf.add(Kind::Struct { name: layout.name.to_owned(), size: layout.size, members }))
}

/// The name of a struct; `None` if it's anonymous.
fn named(layout: &StructType) -> Option<&'static str> {
    Some(layout.name).filter(|name| !name.is_empty())
}

/// The size of a type in bytes, at most 16 arrays deep.
///
/// # Errors
/// [`LayoutError::TooLarge`] if that's more than 4 GiB, [`LayoutError::TooDeep`] if it has no end.
pub fn checked_size(ty: &Type) -> Result<u32, LayoutError> {
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
    Err(LayoutError::TooDeep { name: None })
}
