//! The maps of an object as definitions.

use knockwright_asm::linux::map_type::NUMA_NODE;
use knockwright_asm::{Endian, MapDef, MapType};
use knockwright_btf::MapTypes;

use super::{ReadError, types};
use crate::btf::map::{Definition, PIN_BY_NAME, Part, definitions};
use crate::btf::{Btf, Kind, Linkage, TypeId, check_identifier};
use crate::elf_file::{ElfFile, Section, Symbol};

/// A map with the symbol that instructions name it by.
pub(super) struct PlacedMap {
    /// Its definition, or why it can't be expressed: that matters only to programs that use it.
    pub(super) def: Result<MapDef, ReadError>,
    /// As much of a definition as can be expressed, where that isn't all.
    pub(super) partial: Option<MapDef>,
    /// Whether it's a whole section of data.
    pub(super) is_section: bool,
    /// The index of its section.
    pub(super) section: usize,
    /// Its first byte there.
    pub(super) offset: u64,
    /// The types of its keys and values, which the definition doesn't have, if it has some.
    pub(super) types: Option<MapTypes>,
}

/// How many bytes of constants and variables are read in all, counted once for each function, as each program has them:
/// the size of a section without bytes in the file is a number that anyone can write.
const MAX_DATA: u64 = 256 << 20;

/// The maps of an object, in the order of their BTF variables, then those of a legacy `maps` section, then the sections of
/// data. Maps of other objects (`extern`) aren't among them.
///
/// # Errors
/// Of maps that have a definition and aren't there.
pub(super) fn maps(file: &ElfFile<'_>) -> Result<Vec<PlacedMap>, ReadError> {
    let (maps, missing) = found(file);
    match missing.into_iter().next() {
        None => Ok(maps),
        Some(error) => Err(error),
    }
}

/// The maps that are there, and errors of the others.
fn found(file: &ElfFile<'_>) -> (Vec<PlacedMap>, Vec<ReadError>) {
    let (mut maps, mut missing) = (Vec::new(), Vec::new());
    for definition in file.btf.as_deref().into_iter().flat_map(definitions) {
        // Static maps of linked objects may share a name: then the place tells them apart.
        let of_name =
            |symbol: &&Symbol| symbol.name == definition.name && file.section_name(symbol.section) == ".maps";
        let at_place = |symbol: &&Symbol| symbol.value == u64::from(definition.offset);
        let mut named = file.symbols.iter().filter(of_name);
        let symbol = named.clone().find(at_place).or_else(|| named.next());
        match symbol {
            None if definition.linkage == Linkage::Extern => {}
            None => {
                missing.push(error(&definition.name, "it has a BTF variable but no symbol in section .maps"));
            }
            Some(symbol) => maps.push(PlacedMap::new(file, definition, symbol.section, symbol.value)),
        }
    }
    for legacy in legacy(file) {
        maps.push(PlacedMap::new(file, legacy.definition, legacy.section, legacy.offset));
    }
    let functions: usize = (0..file.sections.len()).map(|section| file.functions(section).len()).sum();
    let mut left = MAX_DATA / functions.max(1) as u64;
    for (index, section) in file.sections.iter().enumerate() {
        if is_data(&section.name) && section.header.sh_size > 0 {
            maps.push(PlacedMap {
                section: index,
                offset: 0,
                def: data(section, &mut left),
                partial: Some(MapDef::of_bytes(&section.name, MapType::Array, 4, size(section), 1)),
                is_section: true,
                types: file.btf.as_ref().and_then(|btf| variables(btf, &section.name)),
            });
        }
    }
    (maps, missing)
}

/// The size of a section's contents, or the largest that a map's value has.
fn size(section: &Section<'_>) -> u32 {
    u32::try_from(section.header.sh_size).unwrap_or(u32::MAX)
}

impl PlacedMap {
    fn new(file: &ElfFile<'_>, definition: Definition, section: usize, offset: u64) -> Self {
        let types = map_types(&definition);
        let partial = partial(file, &definition);
        let def = define(file, definition);
        Self { def, partial, is_section: false, section, offset, types }
    }

    /// The map as far as it can be shown, with what can't be.
    fn shown(mut self) -> (Self, Option<ReadError>) {
        let error = match &self.def {
            Err(error) => Some(error.clone()),
            Ok(def) if def.inner.is_some() => {
                Some(error(&def.name, "its member `values` has no form in listings"))
            }
            Ok(def) if def.extra != 0 => {
                Some(error(&def.name, "its member `map_extra` has no form in listings"))
            }
            Ok(_) => None,
        };
        if let Some(partial) = self.partial.take().filter(|_| self.def.is_err()) {
            self.def = Ok(partial);
        }
        (self, error)
    }
}

/// A map as it's shown, and what isn't shown of it.
pub(super) struct ShownMaps {
    pub(super) maps: Vec<PlacedMap>,
    /// For each map that can be named, in the order of their indexes, why it isn't all.
    pub(super) errors: Vec<Option<ReadError>>,
    pub(super) missing: Vec<ReadError>,
}

/// The maps of an object as far as each can be shown.
pub(super) fn shown(file: &ElfFile<'_>) -> ShownMaps {
    let (maps, missing) = found(file);
    let (maps, errors): (Vec<_>, Vec<_>) = maps.into_iter().map(PlacedMap::shown).unzip();
    let named = maps.iter().zip(errors).filter(|(map, _)| map.def.is_ok()).map(|(_, error)| error).collect();
    ShownMaps { maps, errors: named, missing }
}

/// The types of a map, and of the maps in it.
fn map_types(definition: &Definition) -> Option<MapTypes> {
    let id = |part| if let Part::Typed(id) = part { id } else { TypeId::VOID };
    let inner = definition.inner.as_deref().and_then(map_types);
    let types = MapTypes::new(id(definition.key), id(definition.value)).with_inner(inner);
    (types != MapTypes::NONE).then_some(types)
}

/// Those of a section of variables, which has no keys.
pub(super) fn variables(btf: &Btf, section: &str) -> Option<MapTypes> {
    let is_section = |kind: &Kind| matches!(kind, Kind::DataSec { name, .. } if name == section);
    let (id, _) = btf.iter().find(|(_, kind)| is_section(kind))?;
    Some(MapTypes::new(TypeId::VOID, id))
}

/// Whether loaders make a map of a section's contents.
pub(crate) fn is_data(section: &str) -> bool {
    [".rodata", ".data", ".bss"]
        .iter()
        .any(|name| section.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// What the map of a section of data is called: `.rodata.NAME` and `.data.NAME` are called `NAME`, as the writer's are, if that is
/// a name.
pub(super) fn data_name(section: &str) -> &str {
    let short = [".rodata.", ".data."].iter().find_map(|prefix| section.strip_prefix(prefix));
    short.filter(|name| check_identifier(name).is_ok()).unwrap_or(section)
}

/// The map of a section's contents.
fn data(section: &Section<'_>, left: &mut u64) -> Result<MapDef, ReadError> {
    let size = section.header.sh_size;
    *left = left.checked_sub(size).ok_or_else(|| {
        error(&section.name, &format!("its {size} bytes are too many to read for each program"))
    })?;
    let data = match section.data {
        [] => vec![0; size as usize],
        data => data.to_vec(),
    };
    let constants = MapDef::constants(data_name(&section.name), data);
    match section.name.starts_with(".rodata") {
        true => Ok(constants),
        false => Ok(constants.with_flags(0)),
    }
}

/// A map of the legacy section `maps`, which libbpf 1.0 and later refuse and aya takes.
pub(crate) struct LegacyMap {
    pub(crate) definition: Definition,
    section: usize,
    offset: u64,
}

/// The length of a `struct bpf_map_def` of libbpf 0.x: type, key size, value size, number of entries and flags.
const LEGACY_LEN: usize = 5 * size_of::<u32>();

/// The maps of the legacy section: a `struct bpf_map_def` for each symbol.
pub(crate) fn legacy(file: &ElfFile<'_>) -> Vec<LegacyMap> {
    let mut maps = Vec::new();
    for symbol in &file.symbols {
        let Some(section) = file.section(symbol.section).filter(|section| is_legacy(&section.name)) else {
            continue;
        };
        let bytes = usize::try_from(symbol.value).ok().and_then(|start| section.data.get(start..));
        let Some((fields, _)) = bytes.and_then(|bytes| bytes.split_first_chunk::<LEGACY_LEN>()) else {
            continue;
        };
        if symbol.name.is_empty() {
            continue;
        }
        let field = |index: usize| {
            let bytes = [0, 1, 2, 3].map(|byte| fields[4 * index + byte]);
            match file.endian {
                Endian::Little => u32::from_le_bytes(bytes),
                Endian::Big => u32::from_be_bytes(bytes),
            }
        };
        let part = |size| {
            if size == 0 { Part::Absent } else { Part::Bytes(size) }
        };
        maps.push(LegacyMap {
            section: symbol.section,
            offset: symbol.value,
            definition: Definition {
                name: symbol.name.clone(),
                map_type: field(0),
                key: part(field(1)),
                value: part(field(2)),
                max_entries: field(3),
                flags: field(4),
                ..Definition::default()
            },
        });
    }
    maps.sort_by_key(|map| map.offset);
    maps
}

/// What of a definition can be expressed; nothing if the kind of map can't.
fn partial(file: &ElfFile<'_>, definition: &Definition) -> Option<MapDef> {
    let size = |part: Part| match (part, &file.btf) {
        (Part::Bytes(size), _) => size,
        (part, Some(btf)) => part.size(btf),
        _ => 0,
    };
    let (key, value) = (size(definition.key), size(definition.value));
    let map_type = MapType::from_number(definition.map_type)?;
    let def = MapDef::of_bytes(&definition.name, map_type, key, value, definition.max_entries);
    let mut def = def.with_flags(definition.flags);
    def.pinned = definition.pinning == PIN_BY_NAME;
    Some(def)
}

/// Whether a section holds maps of the old kind: libbpf 0.x looked into `maps`, gobpf into one for each map.
pub(super) fn is_legacy(section: &str) -> bool {
    section == "maps" || section.starts_with("maps/")
}

fn define(file: &ElfFile<'_>, definition: Definition) -> Result<MapDef, ReadError> {
    let Definition {
        name,
        map_type,
        key,
        value,
        max_entries,
        flags,
        pinning,
        numa_node,
        extra,
        inner,
        others,
        ..
    } = definition;
    let Some(map_type) = MapType::from_number(map_type) else {
        return Err(ReadError::NoMapType { map: name, number: map_type });
    };
    // The first node is where a map is whose definition names none.
    if flags & NUMA_NODE != 0 && numa_node != 0 {
        let why = format!("whether a machine has the node {numa_node} of its `numa_node` isn't known here");
        return Err(error(&name, &why));
    }
    if let Some(other) = others.first() {
        return Err(error(&name, &format!("its member `{other}` can't be expressed in a program yet")));
    }
    if pinning > PIN_BY_NAME {
        return Err(error(&name, &format!("pinning {pinning} is unknown: 0 is none, 1 by name")));
    }
    let extent = |part| {
        types::extent(file.btf.as_ref(), part).ok_or_else(|| {
            let id = if let Part::Typed(id) = part { id } else { TypeId::VOID };
            error(&name, &format!("its key or value type {id} has no size"))
        })
    };
    let mut map = MapDef::of(&name, map_type, extent(key)?, extent(value)?, max_entries);
    map.flags = flags;
    map.extra = extra;
    map.inner = inner.map(|inner| define(file, *inner)).transpose()?.map(Box::new);
    map.pinned = pinning == PIN_BY_NAME;
    Ok(map)
}

/// Gives maps, and the maps in them, the sizes that loaders make them of: a ring buffer has pages in a number that is a power of two, at least as many
/// bytes as its definition says. What is too large stays, and 0.
pub(super) fn as_loaders_make(maps: &mut [MapDef]) {
    /// Of the machines whose kernels are asked.
    const PAGE: u32 = 4096;
    for map in maps {
        if matches!(map.map_type, MapType::Ringbuf | MapType::UserRingbuf) && map.max_entries > 0 {
            let pages = map.max_entries.div_ceil(PAGE).checked_next_power_of_two();
            map.max_entries = pages.and_then(|pages| pages.checked_mul(PAGE)).unwrap_or(map.max_entries);
        }
        as_loaders_make(map.inner.as_deref_mut().map(std::slice::from_mut).unwrap_or_default());
    }
}

fn error(map: &str, reason: &str) -> ReadError {
    ReadError::Map { map: map.to_owned(), reason: reason.to_owned() }
}
