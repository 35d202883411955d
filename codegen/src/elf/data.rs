//! Maps with contents: sections of constants and variables.
//!
//! Loaders make an array of one value of each section whose name starts with `.rodata`, `.data` or `.bss`, fill it, and
//! freeze it in the first case. An object can't say more about such a map, so a definition must be of just this form.

use knockwright_asm::linux::map_type::RDONLY_PROG;
use knockwright_asm::{Extent, MapDef, MapType};
use object::SectionKind;

use super::error::WriteError;

/// Where a map's contents go.
pub(super) struct DataSection {
    pub(super) name: String,
    pub(super) kind: SectionKind,
    /// The name of the symbol and of the BTF variable that stand for the whole contents.
    pub(super) symbol: String,
    /// Whether others see it by that name. What is called as the section is, many objects have, and they are to be linked.
    pub(super) is_global: bool,
}

impl DataSection {
    /// The section of a map with contents. A map called `.rodata`, `.data` or `.bss`, or one of these with `.NAME`, has a section
    /// of its own name, any other the section `.rodata.NAME` or `.data.NAME`. So has one of `.bss` that isn't all zeros.
    pub(super) fn of(program: &str, map: &MapDef, data: &[u8]) -> Result<Self, WriteError> {
        let refuse = |reason| Err(WriteError::DataForm { map: map.name.clone(), reason });
        if map.map_type != MapType::Array || size(&map.key) != Some(4) || map.max_entries != 1 || map.pinned {
            return refuse("it must be an unpinned array of one entry with a key of 4 bytes");
        }
        if data.is_empty() || size(&map.value) != Some(data.len()) {
            return refuse("its contents must be as long as its value, and not empty");
        }
        let read_only = match map.flags {
            RDONLY_PROG => true, // which loaders give to `.rodata`
            0 => false,
            _ => return refuse("loaders set its flags: only BPF_F_RDONLY_PROG or none can be asked for"),
        };
        let own = |prefix: &str| {
            map.name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let plain = map.name.trim_start_matches('.');
        let (name, kind) = match read_only {
            true if own(".rodata") => (map.name.clone(), SectionKind::ReadOnlyData),
            true => (format!(".rodata.{plain}"), SectionKind::ReadOnlyData),
            false if own(".data") => (map.name.clone(), SectionKind::Data),
            false if own(".bss") && data.iter().all(|&byte| byte == 0) => {
                (map.name.clone(), SectionKind::UninitializedData)
            }
            false => (format!(".data.{plain}"), SectionKind::Data),
        };
        let symbol = plain.replace('.', "_");
        if let Err(reason) = crate::btf::check_identifier(&symbol) {
            return Err(WriteError::Map { program: program.to_owned(), map: map.name.clone(), reason });
        }
        let is_global = ![".rodata", ".data", ".bss"].contains(&name.as_str());
        Ok(Self { name, kind, symbol, is_global })
    }
}

/// The size of a map's key or value in bytes; `None` if it has none or is larger than 4 GiB.
fn size(extent: &Extent) -> Option<usize> {
    let size = match extent {
        Extent::Bytes(size) => Some(*size),
        Extent::Typed(ty) => ty.size(),
    };
    size.map(|size| size as usize)
}
