//! Reading a `.BTF` section.

use crate::endian::Endian;

use crate::builder::{HEADER_LEN, MAGIC, VERSION};
use crate::bytes::Reader;
use crate::kind::{Enumerator, Field, IntEncoding, Kind, Linkage, Param, Slot, TypeId};

/// A `.BTF` or `.BTF.ext` section that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BtfError {
    /// The section is shorter than its header.
    #[error(
        "{section} has {len} bytes, its header alone takes {HEADER_LEN}: the object is cut off or damaged"
    )]
    NoHeader {
        /// The section's name.
        section: &'static str,
        /// Its length in bytes.
        len: usize,
    },
    /// The magic number is another one: it isn't BTF, or the byte order isn't that of the ELF header.
    #[error(
        "{section} starts with {found:#06x} instead of {MAGIC:#06x}: it is no BTF of the object's byte order"
    )]
    Magic {
        /// The section's name.
        section: &'static str,
        /// The number found.
        found: u16,
    },
    /// The version isn't 1.
    #[error("{section} has version {version}, only {VERSION} is known: a newer reader is needed")]
    Version {
        /// The section's name.
        section: &'static str,
        /// The version found.
        version: u8,
    },
    /// A part that the header places reaches past the section's end.
    #[error("the {part} of {section} reach past its end: the object is cut off or damaged")]
    OutOfSection {
        /// The section's name.
        section: &'static str,
        /// `types`, `strings`, `func_info` or `line_info`.
        part: &'static str,
    },
    /// A type is cut off.
    #[error("type {0} of .BTF is cut off: the object is damaged")]
    TypeCutOff(TypeId),
    /// A kind that no kernel had when this was written.
    #[error(
        "type {id} of .BTF has the unknown kind {kind}: a newer reader is needed, or the object is damaged"
    )]
    UnknownKind {
        /// The type.
        id: TypeId,
        /// The number of its kind.
        kind: u32,
    },
    /// A linkage that doesn't exist.
    #[error("type {id} of .BTF has the unknown linkage {linkage}: the object is damaged")]
    UnknownLinkage {
        /// The type.
        id: TypeId,
        /// The number found.
        linkage: u32,
    },
    /// An offset that leads to no string.
    #[error(
        "{user} names a string at {offset} that the string table of .BTF doesn't hold: the object is damaged"
    )]
    BadString {
        /// What has the offset.
        user: String,
        /// The offset.
        offset: u32,
    },
    /// A part of `.BTF.ext` is cut off or has records of an impossible size.
    #[error("the {part} of .BTF.ext are cut off or have an impossible record size: the object is damaged")]
    Records {
        /// `func_info` or `line_info`.
        part: &'static str,
    },
}

/// The types and strings of a `.BTF` section.
#[derive(Debug, Clone, PartialEq)]
pub struct Btf {
    kinds: Vec<Kind>,
    strings: Vec<u8>,
}

impl Btf {
    /// Reads a section.
    ///
    /// References between types are not checked: [`Btf::get`] finds nothing where one leads nowhere.
    ///
    /// # Errors
    /// [`BtfError`] says what is damaged or unknown.
    pub fn parse(section: &[u8], endian: Endian) -> Result<Self, BtfError> {
        let header = Header::parse(section, endian, ".BTF")?;
        let [type_off, type_len, str_off, str_len] = header.fields;
        let part = |offset, len, part| {
            header.part(offset, len).ok_or(BtfError::OutOfSection { section: ".BTF", part })
        };
        let types = part(type_off, type_len, "types")?;
        let mut btf = Self { kinds: Vec::new(), strings: part(str_off, str_len, "strings")?.to_vec() };
        let mut reader = Reader::new(types, endian);
        while !reader.is_empty() {
            let id = TypeId(btf.kinds.len() as u32 + 1);
            let kind = btf.read_type(id, &mut reader)?;
            btf.kinds.push(kind);
        }
        Ok(btf)
    }

    /// Types and the strings that sections beside them name.
    pub(crate) fn from_parts(kinds: Vec<Kind>, strings: Vec<u8>) -> Self {
        Self { kinds, strings }
    }

    /// The type of a number; `None` for `void` and for numbers beyond the last.
    pub fn get(&self, id: TypeId) -> Option<&Kind> {
        self.kinds.get((id.0 as usize).checked_sub(1)?)
    }

    /// All types with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (TypeId, &Kind)> {
        (1..).map(TypeId).zip(&self.kinds)
    }

    /// The string at an offset of the string table; bytes that aren't UTF-8 are replaced.
    pub fn string(&self, offset: u32) -> Option<String> {
        let rest = self.strings.get(offset as usize..)?;
        let end = rest.iter().position(|&byte| byte == 0)?;
        Some(String::from_utf8_lossy(&rest[..end]).into_owned())
    }

    /// The type behind typedefs, qualifiers and tags, or what is left after 32 of them.
    pub fn resolve(&self, mut id: TypeId) -> TypeId {
        for _ in 0..32 {
            match self.get(id) {
                Some(
                    Kind::Typedef { to, .. }
                    | Kind::Volatile { to }
                    | Kind::Const { to }
                    | Kind::Restrict { to }
                    | Kind::TypeTag { to, .. },
                ) => id = *to,
                _ => break,
            }
        }
        id
    }

    /// The size in bytes of a type's values; `None` for what has no values, as `void` or a function.
    pub fn size(&self, id: TypeId) -> Option<u32> {
        let mut count = 1_u32;
        let mut id = id;
        for _ in 0..32 {
            let size = match self.get(self.resolve(id))? {
                Kind::Array { element, len, .. } => {
                    count = count.checked_mul(*len)?;
                    id = *element;
                    continue;
                }
                Kind::Int { size, .. }
                | Kind::Struct { size, .. }
                | Kind::Union { size, .. }
                | Kind::Enum { size, .. }
                | Kind::Enum64 { size, .. }
                | Kind::Float { size, .. }
                | Kind::DataSec { size, .. } => *size,
                Kind::Ptr { .. } => 8,
                _ => return None,
            };
            return count.checked_mul(size);
        }
        None
    }

    fn name(&self, id: TypeId, offset: u32) -> Result<String, BtfError> {
        self.string(offset).ok_or_else(|| BtfError::BadString { user: format!("type {id}"), offset })
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each kind of type")]
    fn read_type(&self, id: TypeId, reader: &mut Reader<'_>) -> Result<Kind, BtfError> {
        let cut_off = || BtfError::TypeCutOff(id);
        let mut next = || reader.u32().ok_or_else(cut_off);
        let name = self.name(id, next()?)?;
        let info = next()?;
        let size_or_type = next()?;
        let (flag, kind, len) = (info >> 31 != 0, info >> 24 & 0x1f, info & 0xffff);
        let (size, to) = (size_or_type, TypeId(size_or_type));
        let linkage =
            |number| Linkage::from_number(number).ok_or(BtfError::UnknownLinkage { id, linkage: number });
        Ok(match kind {
            1 => {
                let data = next()?;
                let encoding = data >> 24;
                Kind::Int {
                    name,
                    size,
                    encoding: IntEncoding {
                        signed: encoding & 1 != 0,
                        char: encoding & 2 != 0,
                        bool: encoding & 4 != 0,
                    },
                    bit_offset: (data >> 16) as u8,
                    bits: data as u8,
                }
            }
            2 => Kind::Ptr { to },
            3 => Kind::Array { element: TypeId(next()?), index: TypeId(next()?), len: next()? },
            4 | 5 => {
                let mut members = Vec::new();
                for _ in 0..len {
                    let name = self.name(id, next()?)?;
                    let ty = TypeId(next()?);
                    let place = next()?;
                    let (bit_offset, bit_width) = match flag {
                        true => (place & 0x00ff_ffff, (place >> 24) as u8),
                        false => (place, 0),
                    };
                    members.push(Field { name, ty, bit_offset, bit_width });
                }
                match kind {
                    4 => Kind::Struct { name, size, members },
                    _ => Kind::Union { name, size, members },
                }
            }
            6 => {
                let mut values = Vec::new();
                for _ in 0..len {
                    let name = self.name(id, next()?)?;
                    let bits = next()?;
                    let value = if flag { i64::from(bits as i32) } else { i64::from(bits) };
                    values.push(Enumerator { name, value });
                }
                Kind::Enum { name, size, signed: flag, values }
            }
            7 => Kind::Fwd { name, union: flag },
            8 => Kind::Typedef { name, to },
            9 => Kind::Volatile { to },
            10 => Kind::Const { to },
            11 => Kind::Restrict { to },
            12 => Kind::Func { name, proto: to, linkage: linkage(len)? },
            13 => {
                let mut params = Vec::new();
                for _ in 0..len {
                    params.push(Param { name: self.name(id, next()?)?, ty: TypeId(next()?) });
                }
                Kind::FuncProto { result: to, params }
            }
            14 => Kind::Var { name, ty: to, linkage: linkage(next()?)? },
            15 => {
                let mut vars = Vec::new();
                for _ in 0..len {
                    vars.push(Slot { var: TypeId(next()?), offset: next()?, size: next()? });
                }
                Kind::DataSec { name, size, vars }
            }
            16 => Kind::Float { name, size },
            17 => Kind::DeclTag { name, to, component: next()? as i32 },
            18 => Kind::TypeTag { name, to },
            19 => {
                let mut values = Vec::new();
                for _ in 0..len {
                    let name = self.name(id, next()?)?;
                    let (low, high) = (next()?, next()?);
                    values.push(Enumerator { name, value: (u64::from(high) << 32 | u64::from(low)) as i64 });
                }
                Kind::Enum64 { name, size, signed: flag, values }
            }
            kind => return Err(BtfError::UnknownKind { id, kind }),
        })
    }
}

/// What the headers of `.BTF` and `.BTF.ext` have in common: two parts, each with offset and length.
pub(crate) struct Header<'a> {
    section: &'a [u8],
    len: u32,
    /// Offset and length of the first part, then of the second.
    pub(crate) fields: [u32; 4],
}

impl<'a> Header<'a> {
    pub(crate) fn parse(section: &'a [u8], endian: Endian, name: &'static str) -> Result<Self, BtfError> {
        let no_header = || BtfError::NoHeader { section: name, len: section.len() };
        let (&[m0, m1, version, _flags], _) = section.split_first_chunk::<4>().ok_or_else(no_header)?;
        let magic = match endian {
            Endian::Little => u16::from_le_bytes([m0, m1]),
            Endian::Big => u16::from_be_bytes([m0, m1]),
        };
        if magic != MAGIC {
            return Err(BtfError::Magic { section: name, found: magic });
        }
        if version != VERSION {
            return Err(BtfError::Version { section: name, version });
        }
        let mut reader = Reader::new(&section[4..], endian);
        let mut next = || reader.u32().ok_or_else(no_header);
        Ok(Self { section, len: next()?, fields: [next()?, next()?, next()?, next()?] })
    }

    /// Offset and length of the CO-RE relocations, which only longer headers of `.BTF.ext` have.
    pub(crate) fn core_relocations(&self, endian: Endian) -> Option<(u32, u32)> {
        let mut reader = Reader::new(self.section.get(HEADER_LEN as usize..self.len as usize)?, endian);
        Some((reader.u32()?, reader.u32()?))
    }

    /// A part by its offset behind the header and its length.
    pub(crate) fn part(&self, offset: u32, len: u32) -> Option<&'a [u8]> {
        let start = (self.len as usize).checked_add(offset as usize)?;
        self.section.get(start..start.checked_add(len as usize)?)
    }
}
