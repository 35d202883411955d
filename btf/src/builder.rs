//! Writing the `.BTF` section.

use std::collections::HashMap;

use crate::bytes::Writer;
use crate::endian::Endian;
use crate::format::{self, HEADER_LEN, MAGIC, VERSION, info, int};
use crate::kind::{Enumerator, Field, Kind, TypeId};
use crate::parse::Btf;

/// Collects types and strings and writes them as a `.BTF` section.
///
/// Equal types get one number and equal strings one offset. A type may only name types that were added before it; types that
/// lead back to themselves come from other BTF ([`Builder::add_from`]).
///
/// ```
/// use knockwright_btf::{Btf, Builder, Endian, Kind, TypeId};
///
/// let mut builder = Builder::new();
/// let pointer = builder.add(Kind::Ptr { to: TypeId::VOID });
/// assert_eq!(builder.add(Kind::Ptr { to: TypeId::VOID }), pointer);
///
/// let btf = Btf::parse(&builder.finish(Endian::Little), Endian::Little).unwrap();
/// assert_eq!(btf.get(pointer), Some(&Kind::Ptr { to: TypeId::VOID }));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Builder {
    kinds: Vec<Kind>,
    ids: HashMap<Kind, TypeId>,
    strings: Strings,
}

impl Builder {
    /// No types and no strings.
    pub fn new() -> Self {
        Self::default()
    }

    /// All types and strings of other BTF, each with its number and its offset.
    ///
    /// ```
    /// use knockwright_btf::{Builder, Endian, Kind, TypeId};
    ///
    /// let mut first = Builder::new();
    /// let pointer = first.add(Kind::Ptr { to: TypeId::VOID });
    /// let mut second = Builder::of(&first.clone().build());
    /// assert_eq!(second.finish(Endian::Little), first.finish(Endian::Little));
    ///
    /// second.replace(pointer, Kind::Const { to: TypeId::VOID });
    /// assert_eq!(second.build().get(pointer), Some(&Kind::Const { to: TypeId::VOID }));
    /// ```
    pub fn of(btf: &Btf) -> Self {
        let mut builder = Self { strings: Strings::of(btf.string_table()), ..Self::default() };
        for (id, kind) in btf.iter() {
            // Names that aren't UTF-8 were replaced, and are new strings.
            builder.intern_names(kind);
            builder.ids.entry(kind.clone()).or_insert(id);
            builder.kinds.push(kind.clone());
        }
        builder
    }

    /// The number of a type, which is new if no equal type was added before.
    pub fn add(&mut self, kind: Kind) -> TypeId {
        if let Some(&id) = self.ids.get(&kind) {
            return id;
        }
        self.intern_names(&kind);
        self.kinds.push(kind.clone());
        let id = TypeId(self.kinds.len() as u32);
        self.ids.insert(kind, id);
        id
    }

    /// A number for a type that is added later, so that others can refer to it before.
    pub(crate) fn reserve(&mut self) -> TypeId {
        self.kinds.push(Kind::Ptr { to: TypeId::VOID });
        TypeId(self.kinds.len() as u32)
    }

    /// Puts another type where one is; whatever refers to the number refers to the new one. Nothing happens if there is no
    /// such number.
    pub fn replace(&mut self, id: TypeId, kind: Kind) {
        // No other type than the one that is there can be known by the number.
        let old = index(id).and_then(|index| self.kinds.get(index));
        if let Some(old) = old.filter(|old| self.ids.get(*old) == Some(&id)) {
            self.ids.remove(old);
        }
        self.fill(id, kind);
    }

    /// Puts a type where a number was reserved.
    pub(crate) fn fill(&mut self, id: TypeId, kind: Kind) -> TypeId {
        self.intern_names(&kind);
        if let Some(place) = index(id).and_then(|index| self.kinds.get_mut(index)) {
            *place = kind;
        }
        id
    }

    /// The types so far, to look at them without a section.
    pub fn build(self) -> Btf {
        Btf::from_parts(self.kinds, self.strings.bytes)
    }

    /// The offset of a string in the section's string table, where line information looks for it.
    ///
    /// The table is of NUL-terminated strings, so a NUL in `text` ends it early.
    pub fn string(&mut self, text: &str) -> u32 {
        self.strings.intern(text)
    }

    /// The section's bytes.
    pub fn finish(&self, endian: Endian) -> Vec<u8> {
        let mut types = Writer::new(endian);
        for kind in &self.kinds {
            self.write(kind, &mut types);
        }
        let mut out = Writer::new(endian);
        let (type_len, str_len) = (types.bytes.len() as u32, self.strings.bytes.len() as u32);
        out.u16(MAGIC);
        out.u8(VERSION);
        out.u8(0); // flags
        out.u32(HEADER_LEN);
        out.u32(0); // the types start right after the header
        out.u32(type_len);
        out.u32(type_len); // the strings start after the types: the kernel refuses gaps
        out.u32(str_len);
        out.bytes.extend_from_slice(&types.bytes);
        out.bytes.extend_from_slice(&self.strings.bytes);
        out.bytes
    }

    fn intern_names(&mut self, kind: &Kind) {
        self.strings.intern(kind.name());
        match kind {
            Kind::Struct { members, .. } | Kind::Union { members, .. } => {
                members.iter().for_each(|member| {
                    self.strings.intern(&member.name);
                });
            }
            Kind::Enum { values, .. } | Kind::Enum64 { values, .. } => {
                values.iter().for_each(|value| {
                    self.strings.intern(&value.name);
                });
            }
            Kind::FuncProto { params, .. } => {
                params.iter().for_each(|param| {
                    self.strings.intern(&param.name);
                });
            }
            _ => {}
        }
    }

    /// `struct btf_type` and what follows it for its kind.
    fn write(&self, kind: &Kind, out: &mut Writer) {
        let (flag, len, size_or_type) = head(kind);
        out.u32(self.strings.offset(kind.name()));
        out.u32(
            u32::from(flag) << info::FLAG_SHIFT
                | kind.number() << info::KIND_SHIFT
                | len as u32 & info::LEN_MASK,
        );
        out.u32(size_or_type);
        self.write_parts(kind, flag, out);
    }

    /// What follows the fixed part of a type.
    fn write_parts(&self, kind: &Kind, flag: bool, out: &mut Writer) {
        match kind {
            Kind::Int { encoding, bit_offset, bits, .. } => {
                out.u32(
                    encoding.bits() << int::ENCODING_SHIFT
                        | u32::from(*bit_offset) << int::OFFSET_SHIFT
                        | u32::from(*bits),
                );
            }
            Kind::Array { element, index, len } => {
                out.u32(element.0);
                out.u32(index.0);
                out.u32(*len);
            }
            Kind::Struct { members, .. } | Kind::Union { members, .. } => {
                for member in members {
                    out.u32(self.strings.offset(&member.name));
                    out.u32(member.ty.0);
                    out.u32(match flag {
                        true => {
                            u32::from(member.bit_width) << format::member::WIDTH_SHIFT
                                | member.bit_offset & format::member::OFFSET_MASK
                        }
                        false => member.bit_offset,
                    });
                }
            }
            Kind::Enum { values, .. } => {
                for Enumerator { name, value } in values {
                    out.u32(self.strings.offset(name));
                    out.u32(*value as u32);
                }
            }
            Kind::Enum64 { values, .. } => {
                for Enumerator { name, value } in values {
                    out.u32(self.strings.offset(name));
                    out.u32(*value as u32);
                    out.u32((*value >> 32) as u32);
                }
            }
            Kind::FuncProto { params, .. } => {
                for param in params {
                    out.u32(self.strings.offset(&param.name));
                    out.u32(param.ty.0);
                }
            }
            Kind::Var { linkage, .. } => out.u32(*linkage as u32),
            Kind::DataSec { vars, .. } => {
                for var in vars {
                    out.u32(var.var.0);
                    out.u32(var.offset);
                    out.u32(var.size);
                }
            }
            Kind::DeclTag { component, .. } => out.u32(component.unwrap_or(format::WHOLE_DECLARATION)),
            _ => {}
        }
    }
}

/// Where the type with a number stands; `void` stands nowhere.
fn index(id: TypeId) -> Option<usize> {
    (id.0 as usize).checked_sub(1)
}

/// The flag, the number of parts and the size or type in the fixed part of a type.
fn head(kind: &Kind) -> (bool, usize, u32) {
    let bit_fields = |members: &[Field]| members.iter().any(|member| member.bit_width != 0);
    match kind {
        Kind::Int { size, .. } | Kind::Float { size, .. } => (false, 0, *size),
        Kind::Array { .. } => (false, 0, 0),
        Kind::Struct { size, members, .. } | Kind::Union { size, members, .. } => {
            (bit_fields(members), members.len(), *size)
        }
        Kind::Enum { size, signed, values, .. } | Kind::Enum64 { size, signed, values, .. } => {
            (*signed, values.len(), *size)
        }
        Kind::Fwd { union, .. } => (*union, 0, 0),
        Kind::Ptr { to }
        | Kind::Typedef { to, .. }
        | Kind::Volatile { to }
        | Kind::Const { to }
        | Kind::Restrict { to }
        | Kind::DeclTag { to, .. }
        | Kind::TypeTag { to, .. } => (false, 0, to.0),
        Kind::Func { proto, linkage, .. } => (false, *linkage as usize, proto.0),
        Kind::FuncProto { result, params } => (false, params.len(), result.0),
        Kind::Var { ty, .. } => (false, 0, ty.0),
        Kind::DataSec { size, vars, .. } => (false, vars.len(), *size),
    }
}

/// NUL-terminated strings, each once, the empty one first.
#[derive(Debug, Clone)]
struct Strings {
    bytes: Vec<u8>,
    offsets: HashMap<String, u32>,
}

impl Default for Strings {
    fn default() -> Self {
        Self { bytes: vec![0], offsets: HashMap::from([(String::new(), 0)]) }
    }
}

impl Strings {
    /// A table that starts with the strings of another one.
    fn of(table: &[u8]) -> Self {
        let mut strings = Self { bytes: table.to_vec(), offsets: HashMap::new() };
        let mut start = 0;
        while let Some(len) = table[start..].iter().position(|&byte| byte == 0) {
            if let Ok(text) = std::str::from_utf8(&table[start..start + len]) {
                strings.offsets.entry(text.to_owned()).or_insert(start as u32);
            }
            start += len + 1;
        }
        // What has no end is no string; an empty table hasn't even the empty one.
        strings.bytes.truncate(start);
        strings.intern("");
        strings
    }

    fn intern(&mut self, text: &str) -> u32 {
        if let Some(&offset) = self.offsets.get(text) {
            return offset;
        }
        let offset = self.bytes.len() as u32;
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
        self.offsets.insert(text.to_owned(), offset);
        offset
    }

    fn offset(&self, text: &str) -> u32 {
        self.offsets.get(text).copied().unwrap_or(0)
    }
}
