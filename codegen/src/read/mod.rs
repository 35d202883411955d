//! Reading an object back as programs.
//!
//! What a loader does before it asks the kernel happens here without one: the functions of `.text` that a program calls are
//! put behind it and the calls set to where they are, instructions that load a map's address name it by index, and source
//! lines come from `.BTF.ext`. What [`Program`] can't express is an error that names it: global data, CO-RE, kernel
//! functions by name, maps of maps.

mod error;
mod link;
pub(crate) mod maps;
mod types;

use knockwright_asm::{MapDef, Program};

pub use error::ReadError;

use crate::elf_file::ElfFile;
use crate::section_name;

/// The programs of an object, in the order of their sections and addresses.
///
/// Each program has all maps of the object, in the order of the section; of the functions in `.text` it has those that it
/// reaches by calls and callbacks, in their order there. For an object of one program that [`Object`](crate::Object) wrote,
/// that's the program written, but for what objects don't hold:
/// * [`Item::place`](knockwright_asm::Item::place) is `None`;
/// * an instruction without a source line has that of the one before it in its function;
/// * characters of a source line that aren't printable ASCII were replaced.
///
/// A map's key or value of a type with pointers, unions, enums or bit fields is read as its size.
///
/// # Errors
/// [`ReadError`] if the object is damaged, no BPF object, or holds what a program can't express.
pub fn programs(object: &[u8]) -> Result<Vec<Program>, ReadError> {
    let file = ElfFile::parse(object)?;
    let maps = maps::maps(&file)?;
    let license = file.license().unwrap_or_default();
    let mut programs = Vec::new();
    for (index, section) in file.sections.iter().enumerate() {
        if !section.is_code() || section.name == ".text" {
            continue;
        }
        let functions = file.functions(index);
        let entries = functions.iter().filter(|symbol| !link::is_static(symbol));
        for entry in entries {
            let prog_type = section_name::prog_type(&section.name)
                .ok_or_else(|| ReadError::UnknownSection { section: section.name.clone() })?;
            let linked = link::link(&file, &maps, entry)?;
            programs.push(Program {
                name: entry.name.clone(),
                prog_type,
                license: license.clone(),
                items: linked.items,
                maps: maps.iter().map(|map| map.def.clone()).collect::<Vec<MapDef>>(),
                functions: linked.functions,
            });
        }
    }
    match programs.is_empty() {
        true => Err(ReadError::NoPrograms),
        false => Ok(programs),
    }
}
