//! Reading a `.BTF` section.

use crate::bytes::Reader;
use crate::endian::Endian;
use crate::format::{HEADER_LEN, MAGIC, MAX_CHAIN, VERSION, WHOLE_DECLARATION, info, int, kind, member};
use crate::kind::{Enumerator, Field, IntEncoding, Kind, Linkage, Param, SectionVar, TypeId};

/// A `.BTF` or `.BTF.ext` section that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
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
        Self::parse_after(section, endian, None)
    }

    /// The names of the types in a section that goes on after another, as that of a kernel's module after the kernel's, each with
    /// the number of its kind; types without a name aren't among them.
    pub(crate) fn names_after(
        base: &Self,
        section: &[u8],
        endian: Endian,
    ) -> Result<impl Iterator<Item = (u32, String)>, BtfError> {
        let own = Self::parse_after(section, endian, Some(base))?;
        let named = own.kinds.into_iter().map(|kind| (kind.number(), kind.name().to_owned()));
        Ok(named.filter(|(_, name)| !name.is_empty()))
    }

    /// Reads a section whose types and strings are counted from the end of another's.
    fn parse_after(section: &[u8], endian: Endian, base: Option<&Self>) -> Result<Self, BtfError> {
        let header = Header::parse(section, endian, ".BTF")?;
        let [type_off, type_len, str_off, str_len] = header.fields;
        let part = |offset, len, part| {
            header.part(offset, len).ok_or(BtfError::OutOfSection { section: ".BTF", part })
        };
        let types = part(type_off, type_len, "types")?;
        let strings = part(str_off, str_len, "strings")?;
        let mut btf = Self {
            kinds: Vec::new(),
            strings: [base.map_or(&[][..], |base| &base.strings), strings].concat(),
        };
        let first = base.map_or(0, |base| base.kinds.len()) as u32 + 1;
        let mut reader = Reader::new(types, endian);
        while !reader.is_empty() {
            let id = TypeId(first + btf.kinds.len() as u32);
            let kind = btf.read_type(id, &mut reader)?;
            btf.kinds.push(kind);
        }
        Ok(btf)
    }

    /// The byte order of a section by its magic number; `None` if it's no BTF.
    pub fn endian_of(section: &[u8]) -> Option<Endian> {
        let magic = section.first_chunk::<2>()?;
        match (u16::from_le_bytes(*magic), u16::from_be_bytes(*magic)) {
            (MAGIC, _) => Some(Endian::Little),
            (_, MAGIC) => Some(Endian::Big),
            _ => None,
        }
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

    /// The string table as it stands in the section.
    pub(crate) fn string_table(&self) -> &[u8] {
        &self.strings
    }

    /// The string at an offset of the string table; bytes that aren't UTF-8 are replaced.
    pub fn string(&self, offset: u32) -> Option<String> {
        let rest = self.strings.get(offset as usize..)?;
        let end = rest.iter().position(|&byte| byte == 0)?;
        Some(String::from_utf8_lossy(&rest[..end]).into_owned())
    }

    /// The type behind typedefs, qualifiers and tags, or what is left after 32 of them.
    pub fn resolve(&self, mut id: TypeId) -> TypeId {
        for _ in 0..MAX_CHAIN {
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
        for _ in 0..MAX_CHAIN {
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

    fn read_type(&self, id: TypeId, reader: &mut Reader<'_>) -> Result<Kind, BtfError> {
        let mut parts = Parts { btf: self, id, reader };
        let name = parts.name()?;
        let bits = parts.next()?;
        let size = parts.next()?;
        let to = TypeId(size); // kinds without a size have a type there
        let flag = bits >> info::FLAG_SHIFT != 0;
        let len = bits & info::LEN_MASK;
        Ok(match bits >> info::KIND_SHIFT & info::KIND_MASK {
            kind::INT => parts.int(name, size)?,
            kind::PTR => Kind::Ptr { to },
            kind::ARRAY => Kind::Array { element: parts.id()?, index: parts.id()?, len: parts.next()? },
            kind::STRUCT => Kind::Struct { name, size, members: parts.members(len, flag)? },
            kind::UNION => Kind::Union { name, size, members: parts.members(len, flag)? },
            kind::ENUM => Kind::Enum { name, size, signed: flag, values: parts.values(len, flag)? },
            kind::FWD => Kind::Fwd { name, union: flag },
            kind::TYPEDEF => Kind::Typedef { name, to },
            kind::VOLATILE => Kind::Volatile { to },
            kind::CONST => Kind::Const { to },
            kind::RESTRICT => Kind::Restrict { to },
            kind::FUNC => Kind::Func { name, proto: to, linkage: parts.linkage(len)? },
            kind::FUNC_PROTO => Kind::FuncProto { result: to, params: parts.params(len)? },
            kind::VAR => {
                let linkage = parts.next()?;
                Kind::Var { name, ty: to, linkage: parts.linkage(linkage)? }
            }
            kind::DATASEC => Kind::DataSec { name, size, vars: parts.vars(len)? },
            kind::FLOAT => Kind::Float { name, size },
            kind::DECL_TAG => {
                let component = Some(parts.next()?).filter(|&component| component != WHOLE_DECLARATION);
                Kind::DeclTag { name, to, component }
            }
            kind::TYPE_TAG => Kind::TypeTag { name, to },
            kind::ENUM64 => Kind::Enum64 { name, size, signed: flag, values: parts.wide_values(len)? },
            kind => return Err(BtfError::UnknownKind { id, kind }),
        })
    }
}

/// What follows the fixed part of a type.
struct Parts<'r, 'b> {
    btf: &'r Btf,
    id: TypeId,
    reader: &'r mut Reader<'b>,
}

impl Parts<'_, '_> {
    fn next(&mut self) -> Result<u32, BtfError> {
        self.reader.u32().ok_or(BtfError::TypeCutOff(self.id))
    }

    fn id(&mut self) -> Result<TypeId, BtfError> {
        self.next().map(TypeId)
    }

    fn name(&mut self) -> Result<String, BtfError> {
        let offset = self.next()?;
        let user = || format!("type {}", self.id);
        self.btf.string(offset).ok_or_else(|| BtfError::BadString { user: user(), offset })
    }

    fn linkage(&self, number: u32) -> Result<Linkage, BtfError> {
        Linkage::from_number(number).ok_or(BtfError::UnknownLinkage { id: self.id, linkage: number })
    }

    fn int(&mut self, name: String, size: u32) -> Result<Kind, BtfError> {
        let data = self.next()?;
        Ok(Kind::Int {
            name,
            size,
            encoding: IntEncoding::from_bits(data >> int::ENCODING_SHIFT),
            bit_offset: (data >> int::OFFSET_SHIFT) as u8,
            bits: data as u8,
        })
    }

    fn members(&mut self, count: u32, has_bit_fields: bool) -> Result<Vec<Field>, BtfError> {
        let mut member = || {
            let (name, ty, place) = (self.name()?, self.id()?, self.next()?);
            let (bit_offset, bit_width) = match has_bit_fields {
                true => (place & member::OFFSET_MASK, (place >> member::WIDTH_SHIFT) as u8),
                false => (place, 0),
            };
            Ok(Field { name, ty, bit_offset, bit_width })
        };
        (0..count).map(|_| member()).collect()
    }

    fn values(&mut self, count: u32, signed: bool) -> Result<Vec<Enumerator>, BtfError> {
        let mut value = || {
            let (name, bits) = (self.name()?, self.next()?);
            let value = if signed { i64::from(bits as i32) } else { i64::from(bits) };
            Ok(Enumerator { name, value })
        };
        (0..count).map(|_| value()).collect()
    }

    fn wide_values(&mut self, count: u32) -> Result<Vec<Enumerator>, BtfError> {
        let mut value = || {
            let (name, low, high) = (self.name()?, self.next()?, self.next()?);
            Ok(Enumerator { name, value: (u64::from(high) << 32 | u64::from(low)) as i64 })
        };
        (0..count).map(|_| value()).collect()
    }

    fn params(&mut self, count: u32) -> Result<Vec<Param>, BtfError> {
        (0..count).map(|_| Ok(Param { name: self.name()?, ty: self.id()? })).collect()
    }

    fn vars(&mut self, count: u32) -> Result<Vec<SectionVar>, BtfError> {
        let mut var = || Ok(SectionVar { var: self.id()?, offset: self.next()?, size: self.next()? });
        (0..count).map(|_| var()).collect()
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

    /// A part by its length and its offset from the header's end.
    pub(crate) fn part(&self, offset: u32, len: u32) -> Option<&'a [u8]> {
        let start = (self.len as usize).checked_add(offset as usize)?;
        self.section.get(start..start.checked_add(len as usize)?)
    }
}
