//! Reading an object back as programs.
//!
//! What a loader does before it asks the kernel happens here without one: the functions of `.text` that a program calls are
//! put after it and the calls set to where they are, instructions that load a map's address name it by index, and source
//! lines come from `.BTF.ext`. Sections of constants and variables are maps with contents. What [`Program`] can't express is
//! an error that names it: CO-RE, maps of maps, and for [`programs`] what is named in the kernel.

mod dropped;
mod error;
mod link;
pub(crate) mod maps;
mod types;

use knockwright_asm::Program;

pub use dropped::{Dropped, FunctionFact, MapFact, Reading};
pub use error::ReadError;

use self::link::Linked;
use self::maps::PlacedMap;
use crate::elf_file::{ElfFile, STB_LOCAL, Symbol};
use crate::section_name::{self, Meaning};

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
/// Maps and functions have the types that the object says they have, whatever C can say; an entry of the usual type has none.
/// A map that can't be expressed at all is left out if no program uses it.
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
    read(&file, &maps, named(&entries(&file)?, name)?)
}

/// The programs of an object, or the one with a name, each with what an object says of it beyond a [`Program`]: what
/// verdicts are asked of.
///
/// Static functions in sections of programs are among them, as something that no loader takes.
///
/// Maps that a program doesn't name and that only a loader with types can make (`sk_storage` and the like) are left out.
/// What one program can't express stands in its [`Reading::program`] and is no error of the others.
///
/// # Errors
/// Those of [`programs`] that say that the object is damaged, no BPF object, or without such a program.
pub fn readings(object: &[u8], name: Option<&str>) -> Result<Vec<Reading>, ReadError> {
    let file = ElfFile::parse(object)?;
    let maps = maps::maps(&file)?;
    let mut programs = functions_of_sections(&file, |_| true);
    if programs.is_empty() {
        return Err(ReadError::NoPrograms);
    }
    if let Some(name) = name {
        programs = vec![named(&programs, name)?];
    }
    programs.into_iter().map(|entry| reading(&file, &maps, entry)).collect()
}

fn named<'a>(programs: &[&'a Symbol], name: &str) -> Result<&'a Symbol, ReadError> {
    programs.iter().copied().find(|entry| entry.name == name).ok_or_else(|| ReadError::NoProgram {
        name: name.to_owned(),
        programs: programs.iter().map(|entry| entry.name.clone()).collect(),
    })
}

/// The symbols of all entries: a hidden function is one too, a static one isn't.
fn entries<'a>(file: &'a ElfFile<'_>) -> Result<Vec<&'a Symbol>, ReadError> {
    let entries = functions_of_sections(file, |symbol| symbol.binding != STB_LOCAL);
    match entries.is_empty() {
        true => Err(ReadError::NoPrograms),
        false => Ok(entries),
    }
}

/// The functions of the sections of programs that are wanted.
fn functions_of_sections<'a>(file: &'a ElfFile<'_>, wanted: impl Fn(&Symbol) -> bool) -> Vec<&'a Symbol> {
    let mut functions = Vec::new();
    for (index, section) in file.sections.iter().enumerate() {
        if section.is_code() && section.name != ".text" {
            functions.extend(file.functions(index).into_iter().filter(|symbol| wanted(symbol)));
        }
    }
    functions
}

fn read(file: &ElfFile<'_>, maps: &[PlacedMap], entry: &Symbol) -> Result<Program, ReadError> {
    let meaning = meaning(file, entry)?;
    let linked = link::link(file, maps, entry)?;
    match linked.first_extern {
        Some(error) => Err(error),
        None => Ok(program_of(file, maps, entry, &meaning, linked)),
    }
}

fn reading(file: &ElfFile<'_>, maps: &[PlacedMap], entry: &Symbol) -> Result<Reading, ReadError> {
    let meaning = meaning(file, entry)?;
    let mut dropped: Vec<Dropped> = meaning.tells.iter().copied().map(Dropped::Section).collect();
    if entry.binding == STB_LOCAL {
        dropped.push(Dropped::Function { name: entry.name.clone(), what: FunctionFact::Section });
    }
    let program = match link::link(file, maps, entry) {
        Ok(linked) => {
            match linked.first_extern.clone() {
                // Nothing else matters as long as nobody looks it up.
                Some(error) => dropped = vec![Dropped::Extern(error)],
                None => dropped.extend(dropped::of(file, &linked, maps)),
            }
            let used = dropped::used_maps(&linked);
            let mut program = program_of(file, maps, entry, &meaning, linked);
            dropped::without_unmakable(&mut program, maps, &used);
            Ok(program)
        }
        Err(error) if error.is_unsupported() => Err(error),
        Err(error) => return Err(error),
    };
    let section = file.section_name(entry.section).to_owned();
    Ok(Reading { name: entry.name.clone(), section, program, dropped })
}

fn meaning(file: &ElfFile<'_>, entry: &Symbol) -> Result<Meaning, ReadError> {
    let section = file.section_name(entry.section);
    section_name::meaning(section).ok_or_else(|| ReadError::UnknownSection { section: section.to_owned() })
}

fn program_of(
    file: &ElfFile<'_>,
    maps: &[PlacedMap],
    entry: &Symbol,
    meaning: &Meaning,
    mut linked: Linked<'_>,
) -> Program {
    if let Some(function) = linked.functions.first_mut() {
        function.prototype = types::entry(file, entry, meaning.prog_type);
    }
    let mut program = Program::new(&entry.name, meaning.prog_type);
    program.license = file.license().unwrap_or_default();
    program.items = linked.items;
    program.maps = maps.iter().filter_map(|map| map.def.clone().ok()).collect();
    program.functions = linked.functions;
    program.externs = linked.externs;
    program
}
