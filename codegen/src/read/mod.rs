//! Reading an object back as programs.
//!
//! What a loader does before it asks the kernel happens here without one: the functions of `.text` that a program calls are
//! put behind it and the calls set to where they are, instructions that load a map's address name it by index, and source
//! lines come from `.BTF.ext`. Sections of constants and variables are maps with contents. What [`Program`] can't express is
//! an error that names it: CO-RE, kernel functions by name, maps of maps.

mod error;
mod link;
pub(crate) mod maps;
mod types;

use knockwright_asm::Program;

pub use error::ReadError;

use self::maps::PlacedMap;
use crate::elf_file::{ElfFile, Symbol};
use crate::section_name;

/// The programs of an object, in the order of their sections and addresses.
///
/// Each program has all maps of the object, in the order of the section; of the functions in `.text` it has those that it
/// reaches by calls and callbacks, in their order there. For an object of one program that [`Object`](crate::Object) wrote,
/// that's the program written, but for what objects don't hold:
/// * [`Item::place`](knockwright_asm::Item::place) is `None`;
/// * an instruction without a source line has that of the one before it in its function;
/// * characters of a source line that aren't printable ASCII were replaced;
/// * maps with contents come after the others;
/// * a map of which only the key or only the value has a type has the sizes of both.
///
/// A map's key or value of a type with pointers, unions, enums or bit fields is read as its size. A map that can't be
/// expressed at all is left out if no program uses it.
///
/// # Errors
/// [`ReadError`] if the object is damaged, no BPF object, or holds what a program can't express. [`program`] reads one
/// program where others can't be read.
pub fn programs(object: &[u8]) -> Result<Vec<Program>, ReadError> {
    let file = ElfFile::parse(object)?;
    let maps = maps::maps(&file)?;
    let programs = entries(&file)?;
    programs.into_iter().map(|entry| read(&file, &maps, entry)).collect()
}

/// The program of an object whose entry has a name. See [`programs`].
///
/// # Errors
/// Those of [`programs`], but of other programs' code; [`ReadError::NoProgram`] if there is none of this name.
pub fn program(object: &[u8], name: &str) -> Result<Program, ReadError> {
    let file = ElfFile::parse(object)?;
    let maps = maps::maps(&file)?;
    let programs = entries(&file)?;
    match programs.iter().find(|entry| entry.name == name) {
        Some(entry) => read(&file, &maps, entry),
        None => Err(ReadError::NoProgram {
            name: name.to_owned(),
            programs: programs.into_iter().map(|entry| entry.name.clone()).collect(),
        }),
    }
}

/// The symbols of all entries.
fn entries<'a>(file: &'a ElfFile<'_>) -> Result<Vec<&'a Symbol>, ReadError> {
    let mut entries = Vec::new();
    for (index, section) in file.sections.iter().enumerate() {
        if section.is_code() && section.name != ".text" {
            entries.extend(file.functions(index).into_iter().filter(|symbol| !link::is_static(symbol)));
        }
    }
    match entries.is_empty() {
        true => Err(ReadError::NoPrograms),
        false => Ok(entries),
    }
}

fn read(file: &ElfFile<'_>, maps: &[PlacedMap], entry: &Symbol) -> Result<Program, ReadError> {
    let section = file.section_name(entry.section);
    let prog_type = section_name::prog_type(section)
        .ok_or_else(|| ReadError::UnknownSection { section: section.to_owned() })?;
    let linked = link::link(file, maps, entry)?;
    Ok(Program {
        name: entry.name.clone(),
        prog_type,
        license: file.license().unwrap_or_default(),
        items: linked.items,
        maps: maps.iter().filter_map(|map| map.def.clone().ok()).collect(),
        functions: linked.functions,
    })
}
