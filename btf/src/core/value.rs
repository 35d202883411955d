//! What a relocation's kind gives of a way into a type.

use super::access::{Access, Step};
use super::{About, CoreError, CoreKind, bare, size};
use crate::endian::Endian;
use crate::kind::{Field, IntEncoding, Kind, TypeId};
use crate::parse::Btf;

/// What a way gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Value {
    pub(crate) value: u64,
    /// The size in bytes of what a load at the place reads, and its type; `None` where that isn't asked for or is a bit
    /// field.
    pub(crate) read: Option<(u32, TypeId)>,
    /// Whether a compiler may have written another value into the instruction.
    pub(crate) is_ambiguous: bool,
}

impl Value {
    fn of(value: u64) -> Self {
        Self { value, ..Self::default() }
    }
}

/// What a kind of relocation gives of a way that was found; `None` where the instruction can't be reached by a program that
/// is right, because nothing was found.
pub(crate) fn value(
    kind: CoreKind,
    btf: &Btf,
    way: Option<&Access>,
    endian: Endian,
) -> Result<Option<Value>, CoreError> {
    Ok(match (kind, kind.about(), way) {
        (CoreKind::FieldExists | CoreKind::EnumvalExists, _, way) => Some(Value::of(way.is_some().into())),
        (_, About::Type, None) => Some(Value::of(0)),
        (_, _, None) => None,
        (_, About::Type, Some(way)) => Some(of_type(kind, btf, way)?),
        (_, About::Enumerator, Some(way)) => {
            let value = way.steps.first().and_then(|step| step.enumerator_value(btf));
            Some(Value::of(value.ok_or(CoreError::NoType(way.root))?))
        }
        (_, About::Field, Some(way)) => Some(of_field(kind, btf, way, endian)?),
    })
}

fn of_type(kind: CoreKind, btf: &Btf, way: &Access) -> Result<Value, CoreError> {
    Ok(match kind {
        CoreKind::TypeSize => Value::of(size(btf, way.root)?.into()),
        // Linking changes the numbers of an object's types.
        CoreKind::TypeIdTarget | CoreKind::TypeIdLocal => {
            Value { is_ambiguous: true, ..Value::of(way.root.0.into()) }
        }
        _ => Value::of(1),
    })
}

fn of_field(kind: CoreKind, btf: &Btf, way: &Access, endian: Endian) -> Result<Value, CoreError> {
    let step = way.steps.last().ok_or(CoreError::NoType(way.root))?;
    match step.name {
        None => of_element(kind, btf, way, step),
        Some(_) => of_member(kind, btf, way, step.member(btf).ok_or(CoreError::NoType(step.ty))?, endian),
    }
}

/// What an element, or the whole, gives: its place and its size.
fn of_element(kind: CoreKind, btf: &Btf, way: &Access, step: &Step) -> Result<Value, CoreError> {
    match kind {
        CoreKind::FieldByteOffset => {
            let read = Some((read_size(btf, step.ty)?, step.ty));
            Ok(Value { read, ..Value::of((way.bit_offset / 8).into()) })
        }
        CoreKind::FieldByteSize => Ok(Value::of(size(btf, step.ty)?.into())),
        _ => Err(CoreError::Element(kind.label())),
    }
}

fn of_member(
    kind: CoreKind,
    btf: &Btf,
    way: &Access,
    member: &Field,
    endian: Endian,
) -> Result<Value, CoreError> {
    let (id, ty) = bare(btf, member.ty)?;
    let place = Place::of(btf, way.bit_offset, member, id)?;
    let is_bit_field = member.bit_width != 0;
    // Compilers choose the bytes that they read a bit field from; sign and width leave no choice.
    let ambiguous = |value: u64| Value { is_ambiguous: is_bit_field, ..Value::of(value) };
    let above = (place.bit_offset + u64::from(place.bits)).wrapping_sub(place.offset * 8);
    Ok(match kind {
        CoreKind::FieldByteOffset => {
            let read = if is_bit_field { None } else { Some((read_size(btf, id)?, id)) };
            Value { read, ..ambiguous(place.offset) }
        }
        CoreKind::FieldByteSize => ambiguous(place.size),
        CoreKind::FieldSigned => Value::of(ty.is_some_and(is_signed).into()),
        CoreKind::FieldLshiftU64 => ambiguous(match endian {
            Endian::Little => 64_u64.wrapping_sub(above),
            Endian::Big => {
                8_u64.wrapping_sub(place.size).wrapping_mul(8) + (place.bit_offset - place.offset * 8)
            }
        }),
        _ => Value::of(64_u64.wrapping_sub(place.bits.into())),
    }
    .as_loaders_count())
}

impl Value {
    /// Loaders count places and sizes in 32 bits before they give them 64.
    fn as_loaders_count(self) -> Self {
        Self { value: u64::from(self.value as u32), ..self }
    }
}

/// Where a member lies, in whole bytes that a load can read.
struct Place {
    /// The first bit of the member.
    bit_offset: u64,
    /// How many bits it has.
    bits: u32,
    /// The first byte that is read.
    offset: u64,
    /// How many bytes are read.
    size: u64,
}

impl Place {
    fn of(btf: &Btf, bit_offset: u32, member: &Field, ty: TypeId) -> Result<Self, CoreError> {
        let bit_offset = u64::from(bit_offset);
        if member.bit_width == 0 {
            let size = size(btf, ty)?;
            let (offset, bits) = (bit_offset / 8, size.wrapping_mul(8));
            return Ok(Self { bit_offset, bits, offset, size: size.into() });
        }
        let bits = u32::from(member.bit_width);
        let mut size = match btf.get(ty) {
            Some(Kind::Int { size, .. } | Kind::Enum { size, .. } | Kind::Enum64 { size, .. })
                if *size > 0 =>
            {
                u64::from(*size)
            }
            _ => return Err(CoreError::NoSize(ty)),
        };
        // A field that its own type doesn't hold is read with twice the bytes, and again.
        loop {
            let offset = bit_offset / 8 / size * size;
            if bit_offset + u64::from(bits) - offset * 8 <= size * 8 {
                return Ok(Self { bit_offset, bits, offset, size });
            }
            if size >= 8 {
                return Err(CoreError::BitField);
            }
            size *= 2;
        }
    }
}

/// The size in bytes of what a load reads: of an array, one element.
fn read_size(btf: &Btf, id: TypeId) -> Result<u32, CoreError> {
    let mut id = id;
    for _ in 0..256 {
        match bare(btf, id)? {
            (_, Some(Kind::Array { element, .. })) => id = *element,
            (id, _) => return size(btf, id),
        }
    }
    Err(CoreError::TooDeep)
}

fn is_signed(kind: &Kind) -> bool {
    match kind {
        Kind::Int { encoding, .. } => encoding.signed,
        Kind::Enum { signed, .. } | Kind::Enum64 { signed, .. } => *signed,
        _ => false,
    }
}

/// Whether a load may read another number of bytes than it was compiled for: of pointers, and of integers that aren't
/// signed, for what isn't read is 0.
pub(crate) fn may_change_size(local: &Btf, local_id: TypeId, kernel: &Btf, kernel_id: TypeId) -> bool {
    let only_signed = |encoding: &IntEncoding| encoding.signed && !encoding.char && !encoding.bool;
    match (local.get(local_id), kernel.get(kernel_id)) {
        (Some(Kind::Ptr { .. }), Some(Kind::Ptr { .. })) => true,
        (Some(Kind::Int { encoding, .. }), Some(Kind::Int { encoding: other, .. })) => {
            !only_signed(encoding) && !only_signed(other)
        }
        _ => false,
    }
}
