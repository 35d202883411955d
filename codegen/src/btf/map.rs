//! Maps as BTF defines them: a variable in section `.maps` whose struct says it all.
//!
//! ```c
//! struct {
//!     int (*type)[1];             // a number is the length of an array
//!     __u32 *key;                 // a type is what a pointer leads to; or int (*key_size)[4]
//!     struct ip_state *value;
//!     int (*max_entries)[10000];
//!     enum { unique = 1ull << 44 } *map_extra;    // or one of an enum, where it's too large for a length
//!     struct { … } *values[];                     // the maps in a map of maps
//! } ip_tracking_map SEC(".maps");
//! ```
//!
//! Loaders refuse members that they don't know (libbpf, cilium/ebpf), so only members of all of them are written, but where a
//! definition has what needs another.

use knockwright_asm::layout::checked_size;
use knockwright_asm::{DataType, Extent, MapDef, MapType};

use knockwright_btf::{Btf, Builder, Enumerator, Field, IntEncoding, Kind, Linkage, TypeId};

use super::{LayoutError, check_identifier};

/// `LIBBPF_PIN_BY_NAME`.
pub(crate) const PIN_BY_NAME: u32 = 1;

/// The size of a pointer, which every member of a definition is.
const POINTER_BYTES: u32 = 8;

/// A map's variable: its type's number and its size in bytes.
pub(crate) struct MapVar {
    pub(crate) var: TypeId,
    pub(crate) size: u32,
}

/// Adds the variable of a map.
pub(crate) fn add_map(btf: &mut Builder, map: &MapDef) -> Result<MapVar, LayoutError> {
    check_identifier(&map.name)?;
    let (ty, size) = add_struct(btf, map)?;
    let var = btf.add(Kind::Var { name: map.name.clone(), ty, linkage: Linkage::Global });
    Ok(MapVar { var, size })
}

/// Adds the struct that says what a map is like; gives its type and its size in bytes.
fn add_struct(btf: &mut Builder, map: &MapDef) -> Result<(TypeId, u32), LayoutError> {
    let mut members = numbers(btf, map)?;
    let size = members.len() as u32 * POINTER_BYTES;
    if let Some(inner) = &map.inner {
        // It has no length, and so no size.
        let (inner, _) = add_struct(btf, inner)?;
        let pointer = btf.add(Kind::Ptr { to: inner });
        members.push(("values", btf.add_array(pointer, 0)));
    }
    let places = (0..).step_by((POINTER_BYTES * u8::BITS) as usize);
    let member = |(bit_offset, (name, ty)): (u32, (&str, TypeId))| Field {
        name: name.to_owned(),
        ty,
        bit_offset,
        bit_width: 0,
    };
    let members = places.zip(members).map(member).collect();
    Ok((btf.add(Kind::Struct { name: String::new(), size, members }), size))
}

/// The members that say a number or a type.
fn numbers(btf: &mut Builder, map: &MapDef) -> Result<Vec<(&'static str, TypeId)>, LayoutError> {
    let mut members = vec![("type", add_number(btf, map.map_type.number()))];
    // The kernel refuses a map with the type of its key alone (or of its value, for most kinds of map), and not every
    // loader then tries again without types. So it's both types or none.
    let typed = has_type(&map.key) && has_type(&map.value);
    // What is zero is left out, as in C: a ring buffer must not have a key or a value.
    for (name, size_name, extent) in [("key", "key_size", &map.key), ("value", "value_size", &map.value)] {
        match extent {
            Extent::Typed(ty) if typed => members.push((name, ty.add_to(btf)?)),
            Extent::Typed(DataType::Rust(ty)) => {
                members.push((size_name, add_number(btf, checked_size(ty)?)));
            }
            Extent::Typed(DataType::Btf(ty)) => {
                members.push((size_name, add_number(btf, ty.size().unwrap_or(0))));
            }
            Extent::Bytes(0) => {}
            Extent::Bytes(size) => members.push((size_name, add_number(btf, *size))),
        }
    }
    for (name, number) in [
        ("max_entries", map.max_entries),
        ("map_flags", map.flags),
        ("pinning", if map.pinned { PIN_BY_NAME } else { 0 }),
    ] {
        if number != 0 {
            members.push((name, add_number(btf, number)));
        }
    }
    match u32::try_from(map.extra) {
        Ok(0) => {}
        Ok(extra) => members.push(("map_extra", add_number(btf, extra))),
        Err(_) => members.push(("map_extra", add_large_number(btf, map.extra))),
    }
    for (name, ty) in &mut members {
        // An enum stands for itself.
        if !matches!((*name, map.extra > u32::MAX.into()), ("map_extra", true)) {
            *ty = btf.add(Kind::Ptr { to: *ty });
        }
    }
    Ok(members)
}

fn add_number(btf: &mut Builder, number: u32) -> TypeId {
    let int = btf.add_int("int", 4, IntEncoding::SIGNED);
    btf.add_array(int, number)
}

/// A number that no array is as long as: the only value of an enum.
fn add_large_number(btf: &mut Builder, number: u64) -> TypeId {
    let value = Enumerator { name: "map_extra_value".to_owned(), value: number as i64 };
    btf.add(Kind::Enum64 { name: String::new(), size: 8, signed: false, values: vec![value] })
}

/// Whether a key or value has a type, or isn't there and needs none.
fn has_type(extent: &Extent) -> bool {
    matches!(extent, Extent::Typed(_) | Extent::Bytes(0))
}

/// A map definition as an object holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) map_type: u32,
    pub(crate) key: Part,
    pub(crate) value: Part,
    pub(crate) max_entries: u32,
    pub(crate) flags: u32,
    pub(crate) pinning: u32,
    /// The node whose memory the map is in, if its flags say that it is of one.
    pub(crate) numa_node: u32,
    /// What a number more means to this kind of map.
    pub(crate) extra: u64,
    /// What the maps in it are like, of a map of maps.
    pub(crate) inner: Option<Box<Definition>>,
    /// Members that are none of these, and those that don't fit.
    pub(crate) others: Vec<String>,
    /// Whether the map is another object's.
    pub(crate) linkage: Linkage,
    /// Where its variable stands in the section, if the object says it; compilers leave that to loaders.
    pub(crate) offset: u32,
}

impl Default for Definition {
    fn default() -> Self {
        Self {
            name: String::new(),
            map_type: 0,
            key: Part::Absent,
            value: Part::Absent,
            max_entries: 0,
            flags: 0,
            pinning: 0,
            numa_node: 0,
            extra: 0,
            inner: None,
            others: Vec::new(),
            linkage: Linkage::Global,
            offset: 0,
        }
    }
}

/// A key or a value in a map definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Part {
    #[default]
    Absent,
    Bytes(u32),
    Typed(TypeId),
}

impl Part {
    /// The size in bytes, 0 if unknown.
    pub(crate) fn size(self, btf: &Btf) -> u32 {
        match self {
            Self::Absent => 0,
            Self::Bytes(size) => size,
            Self::Typed(id) => btf.size(id).unwrap_or(0),
        }
    }
}

/// The maps of section `.maps`.
pub(crate) fn definitions(btf: &Btf) -> Vec<Definition> {
    let sections = btf.iter().filter_map(|(_, kind)| match kind {
        Kind::DataSec { name, vars, .. } if name == ".maps" => Some(vars),
        _ => None,
    });
    sections
        .flatten()
        .filter_map(|var| Some(Definition { offset: var.offset, ..map(btf, var.var)? }))
        .collect()
}

fn map(btf: &Btf, var: TypeId) -> Option<Definition> {
    let Kind::Var { name, ty, linkage } = btf.get(var)? else {
        return None;
    };
    Some(Definition { linkage: *linkage, ..struct_of(btf, name, *ty, Depth::Outer)? })
}

/// Whether a definition is that of a map, or of the maps in one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Outer,
    Inner,
}

/// What a struct says of a map.
fn struct_of(btf: &Btf, name: &str, ty: TypeId, depth: Depth) -> Option<Definition> {
    let Kind::Struct { members, .. } = btf.get(btf.resolve(ty))? else {
        return None;
    };
    let mut map = Definition { name: name.to_owned(), ..Definition::default() };
    for member in members {
        if member.name == "values" && depth == Depth::Outer && map.take_values(btf, member.ty).is_some() {
            continue;
        }
        if let ("map_extra", Some(number)) = (member.name.as_str(), only_value(btf, member.ty)) {
            map.extra = number;
            continue;
        }
        let Some(Kind::Ptr { to }) = btf.get(btf.resolve(member.ty)) else {
            map.others.push(member.name.clone());
            continue;
        };
        let number = match btf.get(btf.resolve(*to)) {
            Some(Kind::Array { len, .. }) => Some(*len),
            _ => None,
        };
        match (member.name.as_str(), number) {
            ("type", Some(number)) => map.map_type = number,
            ("key_size", Some(size)) => map.key = Part::Bytes(size),
            ("value_size", Some(size)) => map.value = Part::Bytes(size),
            ("max_entries", Some(number)) => map.max_entries = number,
            ("map_flags", Some(number)) => map.flags = number,
            ("pinning", Some(number)) => map.pinning = number,
            ("numa_node", Some(number)) => map.numa_node = number,
            ("map_extra", Some(number)) => map.extra = number.into(),
            ("key", _) => map.key = Part::Typed(*to),
            ("value", _) => map.value = Part::Typed(*to),
            (name, _) => map.others.push(name.to_owned()),
        }
    }
    Some(map)
}

/// The number that an enum of one value stands for.
fn only_value(btf: &Btf, ty: TypeId) -> Option<u64> {
    match btf.get(btf.resolve(ty))? {
        Kind::Enum { values, size: 4, signed, .. } => match values.as_slice() {
            // Of 32 bits, without a sign unless it has one.
            [value] if *signed => Some(value.value as u64),
            [value] => Some(u64::from(value.value as u32)),
            _ => None,
        },
        Kind::Enum64 { values, .. } => match values.as_slice() {
            [value] => Some(value.value as u64),
            _ => None,
        },
        _ => None,
    }
}

impl Definition {
    /// Takes what an array of pointers says of the values: to structs, the maps in a map of maps; to functions, the programs of
    /// an array of them. Contents are for loaders to put there. `None` if it's neither.
    fn take_values(&mut self, btf: &Btf, ty: TypeId) -> Option<()> {
        let Some(Kind::Array { element, .. }) = btf.get(btf.resolve(ty)) else { return None };
        let Some(Kind::Ptr { to }) = btf.get(btf.resolve(*element)) else { return None };
        match (MapType::from_number(self.map_type)?, btf.get(btf.resolve(*to))?) {
            (MapType::ArrayOfMaps | MapType::HashOfMaps, Kind::Struct { .. }) => {
                let name = format!("{}.inner", self.name);
                self.inner = Some(Box::new(struct_of(btf, &name, *to, Depth::Inner)?));
            }
            (MapType::ProgArray, Kind::FuncProto { .. }) => {}
            _ => return None,
        }
        if self.value == Part::Absent {
            self.value = Part::Bytes(size_of::<u32>() as u32);
        }
        Some(())
    }
}
