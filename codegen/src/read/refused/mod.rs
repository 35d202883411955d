//! Whether libbpf takes anything of an object: what it looks at when it opens one, in its order. What comes first is what it
//! ends with, by its own error number, whichever of the programs is wanted.
//!
//! Written from the behaviour of libbpf 1.7 on objects that it refuses.

mod filled;
mod map;
mod references;
mod variables;

pub(super) use variables::place_by_symbols;

use knockwright_asm::Endian;
use knockwright_asm::linux::errno::{EINVAL, ENOENT, EOPNOTSUPP, ESRCH};

use super::dropped::ObjectFact;
use super::error::ReadError;
use crate::btf::{Btf, BtfError, Kind, Linkage, TypeId};
use crate::elf_file::{
    ElfFile, SHF_EXECINSTR, STB_GLOBAL, STB_LOCAL, STB_WEAK, STT_FUNC, STT_NOTYPE, Section, Symbol, UNDEFINED,
};

/// The numbers that libbpf gives to errors of its own.
pub(super) mod errno {
    /// The object's form.
    pub(crate) const FORMAT: i32 = 4001;
    /// The other byte order.
    pub(crate) const ENDIAN: i32 = 4003;
    /// A relocation.
    pub(crate) const RELOC: i32 = 4005;
}

/// The sections of maps, and those of structs of functions: with links and without, made by themselves or not.
const MAPS: &str = ".maps";
const STRUCTS: [&str; 4] = [".struct_ops", ".struct_ops.link", "?.struct_ops", "?.struct_ops.link"];
/// The section of variables in an arena.
pub(super) const ARENA: &str = ".addr_space.1";
/// The length of an instruction in bytes.
const SLOT: u64 = knockwright_asm::Slot::LEN as u64;

/// Whether kernels take a name of a map or a program, of which they get the first bytes: letters, as far as they know some, digits
/// and two characters more. A letter of UTF-8 has a byte that isn't one, unless only its first gets there.
pub(super) fn is_name(name: &str) -> bool {
    const LEN: usize = 15;
    let is_taken = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'.')
            || matches!(byte, 0xc0..) && !matches!(byte, 0xd7 | 0xf7)
    };
    name.as_bytes().iter().take(LEN).all(is_taken)
}

/// Nothing, or why libbpf refuses the object.
type Taken = Result<(), ObjectFact>;

fn refuse<T>(errno: i32, why: impl Into<String>) -> Result<T, ObjectFact> {
    Err(ObjectFact::Refused { errno, why: why.into() })
}

/// Why libbpf takes nothing of an object, if it doesn't.
pub(super) fn whole(file: &ElfFile<'_>) -> Option<ObjectFact> {
    let taken = || -> Taken {
        sections(file)?;
        types(file)?;
        externs(file)?;
        variables::fixed(file)?;
        let maps = map::definitions(file)?;
        variables::structs(file)?;
        let filled = references::all(file, &maps)?;
        if file.endian == Endian::Big {
            return Err(ObjectFact::BigEndian);
        }
        core_relocations(file)?;
        for map in &maps {
            if !is_name(map.name) {
                return refuse(EINVAL, format!("map '{}': the kernel takes no map of such a name", map.name));
            }
        }
        filled::all(file.btf.as_deref(), &maps, &filled)
    };
    taken().err()
}

/// The sections that aren't passed over, with their indexes.
fn looked_at<'a, 'f>(file: &'a ElfFile<'f>) -> impl Iterator<Item = (usize, &'a Section<'f>)> {
    let is_passed_over = |section: &Section<'_>| {
        section.is_strings() || section.name.starts_with(".debug_") || section.name.starts_with(".rel.debug_")
    };
    file.sections.iter().enumerate().skip(1).filter(move |(_, section)| !is_passed_over(section))
}

/// Whether a section's bytes are a program's code for libbpf.
fn is_code(section: &Section<'_>) -> bool {
    section.is_progbits() && section.header.sh_size > 0 && section.header.sh_flags & SHF_EXECINSTR != 0
}

fn sections(file: &ElfFile<'_>) -> Taken {
    if !file.sections.iter().any(Section::is_symbols) {
        return refuse(ENOENT, "it has no table of symbols: stripped object file?");
    }
    for (index, section) in looked_at(file) {
        if !section.is_named {
            return refuse(
                errno::FORMAT,
                format!("the name of section {index} lies outside of the table of names"),
            );
        }
        match section.name.as_str() {
            "license" if section.data.is_empty() => return refuse(errno::FORMAT, "invalid license section"),
            "version" if section.data.len() != size_of::<u32>() => {
                return refuse(errno::FORMAT, "invalid kver section: `version` has other than 4 bytes");
            }
            "maps" => return Err(ObjectFact::LegacyMaps),
            _ if is_code(section) => programs(file, index, section)?,
            _ => {}
        }
    }
    Ok(())
}

/// The functions of a section of code by their symbols.
fn programs(file: &ElfFile<'_>, index: usize, section: &Section<'_>) -> Taken {
    let own = |symbol: &&Symbol| symbol.section == index && symbol.kind == STT_FUNC;
    for symbol in file.symbols.iter().filter(own) {
        let Symbol { name, value, size, .. } = symbol;
        let end = value.checked_add(*size).filter(|end| *end <= section.header.sh_size);
        if end.is_none() {
            let why = format!("sec '{}': program at offset {value} crosses section boundary", section.name);
            return refuse(errno::FORMAT, why);
        }
        if symbol.binding == STB_LOCAL && section.name != ".text" {
            let (name, section) = (name.clone(), section.name.clone());
            return Err(ObjectFact::StaticProgram { name, section });
        }
        if *size == 0 || *size % SLOT != 0 || value % SLOT != 0 {
            let section = &section.name;
            let why =
                format!("sec '{section}': corrupted program '{name}', offset {value}, size {size} (bytes)");
            return refuse(EINVAL, why);
        }
    }
    Ok(())
}

/// Whether libbpf asks for types of an object's maps or structs.
fn needs_types(file: &ElfFile<'_>) -> bool {
    let has_some = |(_, section): (usize, &Section<'_>)| {
        section.name == MAPS
            || section.is_progbits() && section.header.sh_size > 0 && STRUCTS.contains(&section.name.as_str())
    };
    looked_at(file).any(has_some)
}

/// Whether a part that can't be read is one that libbpf then goes without: types whose header or parts reach past their section,
/// where it needs none.
pub(super) fn does_without(file: &ElfFile<'_>, fault: &ReadError) -> bool {
    let is_of_header = matches!(
        fault,
        ReadError::Btf(BtfError::NoHeader { .. } | BtfError::Version { .. } | BtfError::OutOfSection { .. })
    );
    is_of_header && !needs_types(file)
}

fn types(file: &ElfFile<'_>) -> Taken {
    if file.btf.is_none() && needs_types(file) {
        return Err(ObjectFact::NoBtf);
    }
    Ok(())
}

/// That CO-RE relocations are of a section, and of instructions.
fn core_relocations(file: &ElfFile<'_>) -> Taken {
    for block in file.ext.iter().flat_map(|ext| &ext.core_relocations) {
        if block.section.is_empty() {
            return refuse(EINVAL, "CO-RE relocations of a section without a name");
        }
        let is_odd = |offset: u32| u64::from(offset) % SLOT != 0;
        if let Some(record) = block.records.iter().find(|record| is_odd(record.offset)) {
            let (section, offset) = (&block.section, record.offset);
            return refuse(
                EINVAL,
                format!("sec '{section}': a CO-RE relocation at byte {offset}, which starts no instruction"),
            );
        }
    }
    Ok(())
}

/// Whether a symbol is of something that is defined elsewhere.
fn is_extern(symbol: &Symbol) -> bool {
    symbol.section == UNDEFINED
        && matches!(symbol.binding, STB_GLOBAL | STB_WEAK)
        && symbol.kind == STT_NOTYPE
}

/// The section of variables that a variable or a function of others is in.
fn section_of(btf: &Btf, var: TypeId) -> Option<&str> {
    btf.iter().find_map(|(_, kind)| match kind {
        Kind::DataSec { name, vars, .. } if vars.iter().any(|slot| slot.var == var) => Some(name.as_str()),
        _ => None,
    })
}

fn externs(file: &ElfFile<'_>) -> Taken {
    let symbols = || file.symbols.iter().filter(|symbol| is_extern(symbol) && !symbol.name.is_empty());
    let mut sections = Vec::new();
    for Symbol { name, .. } in symbols() {
        let Some(btf) = file.btf.as_deref() else {
            return refuse(
                ESRCH,
                format!("failed to find BTF for extern '{name}': it has none (compile with -g)"),
            );
        };
        let section = extern_section(btf, name)?;
        sections.push(section);
    }
    // What the object's types have in a section of externs is a symbol too.
    let named = |section| {
        let vars = file.btf.iter().flat_map(|btf| btf.iter()).find_map(|(_, kind)| match kind {
            Kind::DataSec { name, vars, .. } if *name == section => Some(vars.as_slice()),
            _ => None,
        });
        vars.unwrap_or_default().iter().filter_map(|slot| file.btf.as_ref()?.get(slot.var)).map(Kind::name)
    };
    for section in [".ksyms", ".kconfig"].into_iter().filter(|section| sections.contains(section)) {
        if let Some(name) = named(section).find(|name| !symbols().any(|symbol| symbol.name == *name)) {
            return refuse(ESRCH, format!("failed to find extern definition for BTF var '{name}'"));
        }
    }
    Ok(())
}

/// The section that a name of others is in.
fn extern_section<'a>(btf: &'a Btf, name: &str) -> Result<&'a str, ObjectFact> {
    let of_name = btf.iter().find_map(|(id, kind)| match kind {
        Kind::Var { name: its, linkage, .. } | Kind::Func { name: its, linkage, .. } if its == name => {
            Some((id, *linkage, matches!(kind, Kind::Func { .. })))
        }
        _ => None,
    });
    let (id, is_function) = match of_name {
        Some((id, Linkage::Extern, is_function)) => (id, is_function),
        Some(_) => return refuse(EINVAL, format!("its BTF has '{name}' as its own, and no symbol does")),
        None => return refuse(ENOENT, format!("failed to find BTF for extern '{name}'")),
    };
    match section_of(btf, id) {
        None => refuse(ENOENT, format!("failed to find BTF for extern '{name}' [{}] section", id.0)),
        Some(".kconfig") if is_function => {
            refuse(EOPNOTSUPP, format!("extern function {name} is unsupported under .kconfig section"))
        }
        Some(section @ (".kconfig" | ".ksyms")) => Ok(section),
        Some(MAPS) => Err(ObjectFact::ExternMap(name.to_owned())),
        Some(other) => refuse(EOPNOTSUPP, format!("unrecognized extern section '{other}' of '{name}'")),
    }
}
