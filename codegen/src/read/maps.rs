//! The maps of an object as definitions.

use knockwright_asm::{Endian, MapDef, MapType};

use super::dropped::{self, MapFact};
use super::{ReadError, types};
use crate::btf::map::{Definition, PIN_BY_NAME, Part, definitions};
use crate::btf::{Btf, Kind, TypeId, check_identifier};
use crate::elf_file::{ElfFile, Section};

/// A map with the symbol that instructions name it by.
pub(super) struct PlacedMap {
    /// Its definition, or why it can't be expressed: that matters only to programs that use it.
    pub(super) def: Result<MapDef, ReadError>,
    /// The index of its section.
    pub(super) section: usize,
    /// Its first byte there.
    pub(super) offset: u64,
    /// Why a verdict can depend on its types, which the definition doesn't have; `None` where none can.
    pub(super) types: Option<MapFact>,
}

impl PlacedMap {
    /// Whether it's a whole section of data.
    pub(super) fn is_data(&self) -> bool {
        self.def.as_ref().is_ok_and(|def| def.data.is_some())
    }
}

/// How many bytes of constants and variables are read in all, counted once for each function, as each program has them:
/// the size of a section without bytes in the file is a number that anyone can write.
const MAX_DATA: u64 = 256 << 20;

/// The maps of an object, in the order of their BTF variables, then those of a legacy `maps` section, then the sections of
/// data.
pub(super) fn maps(file: &ElfFile<'_>) -> Result<Vec<PlacedMap>, ReadError> {
    let mut maps = Vec::new();
    for definition in file.btf.as_deref().into_iter().flat_map(definitions) {
        let symbol = file
            .symbols
            .iter()
            .find(|symbol| symbol.name == definition.name && file.section_name(symbol.section) == ".maps");
        let Some(symbol) = symbol else {
            return Err(error(&definition.name, "it has a BTF variable but no symbol in section .maps"));
        };
        let types = fact(file, &definition);
        let def = define(file, definition);
        maps.push(PlacedMap { section: symbol.section, offset: symbol.value, def, types });
    }
    for legacy in legacy(file) {
        let types = fact(file, &legacy.definition);
        let def = define(file, legacy.definition);
        maps.push(PlacedMap { section: legacy.section, offset: legacy.offset, def, types });
    }
    let functions: usize = (0..file.sections.len()).map(|section| file.functions(section).len()).sum();
    let mut left = MAX_DATA / functions.max(1) as u64;
    for (index, section) in file.sections.iter().enumerate() {
        if is_data(&section.name) && section.header.sh_size > 0 {
            let types = file.btf.as_ref().and_then(|btf| variables(btf, &section.name));
            maps.push(PlacedMap { section: index, offset: 0, def: data(section, &mut left), types });
        }
    }
    Ok(maps)
}

/// Why a verdict can depend on the types of a map.
fn fact(file: &ElfFile<'_>, definition: &Definition) -> Option<MapFact> {
    let kind = MapType::from_number(definition.map_type).filter(|kind| kind.facts().needs_types);
    kind.map(MapFact::Kind).or_else(|| match (definition.value, &file.btf) {
        (Part::Typed(id), Some(btf)) => dropped::known_part(btf, id),
        _ => None,
    })
}

/// The same for a section of variables.
fn variables(btf: &Btf, section: &str) -> Option<MapFact> {
    let is_section = |kind: &Kind| matches!(kind, Kind::DataSec { name, .. } if name == section);
    let (id, _) = btf.iter().find(|(_, kind)| is_section(kind))?;
    dropped::known_part(btf, id)
}

/// Whether loaders make a map of a section's contents.
pub(crate) fn is_data(section: &str) -> bool {
    [".rodata", ".data", ".bss"]
        .iter()
        .any(|name| section.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// The map of a section's contents. `.rodata.NAME` and `.data.NAME` are called `NAME`, as the writer's are, if that is a
/// name.
fn data(section: &Section<'_>, left: &mut u64) -> Result<MapDef, ReadError> {
    let size = section.header.sh_size;
    *left = left.checked_sub(size).ok_or_else(|| {
        error(&section.name, &format!("its {size} bytes are too many to read for each program"))
    })?;
    let data = match section.data {
        [] => vec![0; size as usize],
        data => data.to_vec(),
    };
    let short = [".rodata.", ".data."].iter().find_map(|prefix| section.name.strip_prefix(prefix));
    let name = short.filter(|name| check_identifier(name).is_ok()).unwrap_or(&section.name);
    let constants = MapDef::constants(name, data);
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
        let Some(section) = file.section(symbol.section).filter(|section| section.name == "maps") else {
            continue;
        };
        let bytes = usize::try_from(symbol.value).ok().and_then(|start| section.data.get(start..));
        let Some((fields, _)) = bytes.and_then(|bytes| bytes.split_first_chunk::<LEGACY_LEN>()) else {
            continue;
        };
        if symbol.name.is_empty() {
            continue;
        }
        let (fields, _) = fields.as_chunks::<4>();
        let field = |index: usize| match file.endian {
            Endian::Little => u32::from_le_bytes(fields[index]),
            Endian::Big => u32::from_be_bytes(fields[index]),
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

fn define(file: &ElfFile<'_>, definition: Definition) -> Result<MapDef, ReadError> {
    let Definition { name, map_type, key, value, max_entries, flags, pinning, others } = definition;
    let Some(map_type) = MapType::from_number(map_type) else {
        return Err(error(&name, &format!("map type {map_type} is unknown")));
    };
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
    map.pinned = pinning == PIN_BY_NAME;
    Ok(map)
}

fn error(map: &str, reason: &str) -> ReadError {
    ReadError::Map { map: map.to_owned(), reason: reason.to_owned() }
}
