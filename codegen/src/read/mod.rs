//! Reading an object back as programs.
//!
//! What a loader does before it asks the kernel happens here without one: the functions of `.text` that a program calls are
//! put after it and the calls set to where they are, instructions that load a map's address name it by index, and source
//! lines come from `.BTF.ext`. Sections of constants and variables are maps with contents. What [`Program`] can't express is
//! an error that names it: maps of maps, and for [`programs`] CO-RE and what is named in the kernel. [`Disassembly`] refuses
//! nothing of that: it shows what is there, and says in words what is more.
//!
//! Where a kernel's types, symbols and configuration are at hand, [`readings_on`] applies CO-RE relocations and looks up what is
//! named in the kernel as libbpf does.

mod attach;
mod carried;
mod dropped;
mod error;
mod exceptions;
mod externs;
mod facts;
pub mod globals;
mod kconfig;
mod link;
pub(crate) mod maps;
mod patch;
mod refused;
mod relocate;
mod shown;
mod struct_ops;
mod target;
mod types;
pub(crate) mod words;

use knockwright_asm::linux::AttachType;
use knockwright_asm::{KernelVersion, ProgType, Program};
use knockwright_btf::MapTypes;

pub use attach::AttachTo;
pub use carried::Carried;
pub use dropped::{Dropped, FunctionFact, ObjectFact, Reading};
pub use error::ReadError;
pub use exceptions::HandlerFault;
pub use externs::{NotInKernel, Source};
pub use facts::{KernelConfig, KernelFacts, KernelSymbols};
pub use kconfig::ConfigError;
pub use patch::{POISON, PatchError};
pub use relocate::{PoisonCause, Poisoned, RelocationFault};
pub use shown::{Disassembly, Shown};
pub use struct_ops::StructFault;

use self::link::Linked;
use self::maps::PlacedMap;
use self::struct_ops::Structs;
use crate::btf::Builder;
use crate::elf_file::{ElfFile, STB_LOCAL, STT_FUNC, Symbol};
use crate::section_name::{self, Tells};

/// The programs of an object, in the order of their sections and addresses.
///
/// Each program has all maps of the object, in the order of the section; of the functions in `.text` it has those that it
/// reaches by calls and callbacks, in the order that libbpf gives them: as they are first named, and what a function names before
/// what its caller names later. A handler of exceptions comes last. For an object of one program that [`Object`](crate::Object) wrote,
/// that's the program written, but for what objects don't hold, and for functions in another order:
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
    let file = ElfFile::parse_whole(object)?;
    let maps = maps::maps(&file)?;
    let programs = entries(&file)?;
    programs.into_iter().map(|entry| read(&file, &maps, entry)).collect()
}

/// The program of an object whose entry has a name. See [`programs`].
///
/// # Errors
/// Those of [`programs`], but of other programs' code; [`ReadError::NoProgram`] if there is none of this name.
pub fn program(object: &[u8], name: &str) -> Result<Program, ReadError> {
    let file = ElfFile::parse_whole(object)?;
    let maps = maps::maps(&file)?;
    let entries = entries(&file)?;
    let choice = Choice { name: Some(name), ..Choice::default() };
    match entries.iter().find(|entry| entry.name == name) {
        Some(entry) => read(&file, &maps, entry),
        None => Err(no_such(&file, &entries, &choice)),
    }
}

/// Which programs of an object are wanted, and of which type those are whose section says none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Choice<'a> {
    /// Only the one of this name.
    pub name: Option<&'a str>,
    /// Only those of this section.
    pub section: Option<&'a str>,
    /// Their type, whatever their section's name says.
    pub prog_type: Option<ProgType>,
    /// What they are for in the kernel, where their section's name doesn't say it.
    pub attach: &'a [AttachTo],
}

impl Choice<'_> {
    fn fits(&self, file: &ElfFile<'_>, symbol: &Symbol) -> bool {
        self.name.is_none_or(|name| symbol.name == name)
            && self.section.is_none_or(|section| file.section_name(symbol.section) == section)
    }

    /// What a program is for: what is said of it by name, what its section's name says, what is said of all.
    fn target<'c>(&'c self, program: &str, section: &'c str) -> Option<&'c str> {
        let said = |of: Option<&str>| self.attach.iter().find(|attach| attach.program.as_deref() == of);
        let said = |of| said(of).map(|attach| attach.target.as_str());
        said(Some(program)).or_else(|| section_name::target(section)).or_else(|| said(None))
    }
}

/// The programs of an object, or the one with a name: see [`readings_of`].
///
/// # Errors
/// Those of [`readings_of`].
pub fn readings(object: &[u8], name: Option<&str>) -> Result<Vec<Reading>, ReadError> {
    readings_of(object, &Choice { name, ..Choice::default() })
}

/// The programs of an object that are wanted, each with what an object says of it beyond a [`Program`]: what verdicts are
/// asked of.
///
/// Static functions in sections of programs are among them, as something that no loader takes; the function of `.text` is if
/// it's the only one of the object.
///
/// Programs that need the types of a kernel are named in [`Reading::program`] and [`Reading::dropped`]: see [`readings_on`].
///
/// What one program can't express stands in its [`Reading::program`] and is no error of the others.
///
/// # Errors
/// Those of [`programs`] that say that the object is damaged, no BPF object, or without such a program.
pub fn readings_of(object: &[u8], choice: &Choice<'_>) -> Result<Vec<Reading>, ReadError> {
    readings_on(object, choice, None)
}

/// The same as a loader makes them for a kernel, as far as something is known of one: with its values where CO-RE relocations
/// say so, its numbers where functions and variables are named, and its configuration.
///
/// # Errors
/// Those of [`readings_of`].
pub fn readings_on(
    object: &[u8],
    choice: &Choice<'_>,
    kernel: Option<&KernelFacts>,
) -> Result<Vec<Reading>, ReadError> {
    let file = ElfFile::parse(object)?;
    if let Some(fault) = file.faults.iter().find(|fault| !refused::does_without(&file, fault)) {
        return Err(fault.clone());
    }
    let dropped = dropped::of_object(&file);
    let maps = match maps::maps(&file) {
        // That libbpf takes nothing of the object says more.
        Err(_) if !dropped.is_empty() => Vec::new(),
        maps => maps?,
    };
    let functions = functions_of_sections(&file);
    let programs: Vec<&Symbol> = match functions.as_slice() {
        [only] => vec![only],
        functions => {
            let is_program = |symbol: &&&Symbol| file.section_name(symbol.section) != ".text";
            functions.iter().filter(is_program).copied().collect()
        }
    };
    if programs.is_empty() {
        return Err(ReadError::NoPrograms);
    }
    let wanted: Vec<&Symbol> = programs.iter().copied().filter(|symbol| choice.fits(&file, symbol)).collect();
    if wanted.is_empty() {
        return Err(no_such(&file, &programs, choice));
    }
    let kernel = kernel.map(|facts| Kernel::of(&file, facts));
    let refused = kernel.as_ref().and_then(|kernel| kernel.refusal(&file));
    let object = Whole::of(&file, &maps, dropped);
    let reading = |entry| {
        let mut reading = reading(&object, entry, choice, kernel.as_ref());
        match (&refused, &reading.program) {
            // What a program's own struct lacks is met before maps are made.
            (Some(ReadError::StructOps(StructFault::NoLinks)), Err(ReadError::StructOps(_))) | (None, _) => {}
            (Some(error), _) => reading.program = Err(error.clone()),
        }
        reading
    };
    Ok(wanted.into_iter().map(reading).collect())
}

/// The kernel that an object is made for.
struct Kernel<'a> {
    facts: &'a KernelFacts,
    /// What the object's structs of functions are there.
    structs: Option<Structs>,
}

impl<'a> Kernel<'a> {
    fn of(file: &ElfFile<'_>, facts: &'a KernelFacts) -> Self {
        let series = facts.release.map(|release| release.series);
        Self { facts, structs: facts.types.as_ref().map(|types| Structs::of(file, types, series)) }
    }

    /// Whether it takes tags of functions in BTF. Loaders leave them out where it doesn't, and what they say.
    fn knows_tags(&self) -> bool {
        self.facts.release.is_none_or(|release| release.series >= KernelVersion::new(5, 16))
    }

    /// Why loaders refuse the whole object.
    fn refusal(&self, file: &ElfFile<'_>) -> Option<ReadError> {
        let of_structs = self.structs.as_ref().and_then(|structs| structs.refusal.clone());
        externs::refusal(file, self.facts).or(of_structs.map(ReadError::StructOps))
    }

    /// What a program is for there, and as which of its kinds, in numbers; nothing where it can't be told.
    fn target(
        &self,
        entry: &Symbol,
        target: Option<&str>,
        told: &Told,
    ) -> Result<(Option<u32>, Option<u32>), ReadError> {
        let (Some(types), Some(structs)) = (&self.facts.types, &self.structs) else {
            return Ok((None, None));
        };
        match (told.prog_type, told.attach, target) {
            (ProgType::StructOps, ..) => {
                let place = structs.find(entry).map_err(ReadError::StructOps)?;
                Ok(place.map(|place| (place.structure, place.member)).unzip())
            }
            (_, Some(attach), Some(target))
                if told.tells.contains(&Tells::Target) && !told.tells.contains(&Tells::Unknown) =>
            {
                Ok((target::find(attach, target, types)?, None))
            }
            _ => Ok((None, None)),
        }
    }
}

/// That none of the programs is the one that was chosen.
fn no_such(file: &ElfFile<'_>, programs: &[&Symbol], choice: &Choice<'_>) -> ReadError {
    let sections = programs.iter().map(|symbol| file.section_name(symbol.section).to_owned());
    match (choice.section, choice.name) {
        (Some(section), _) if !sections.clone().any(|known| known == section) => {
            let mut sections: Vec<String> = sections.collect();
            sections.dedup();
            ReadError::NoSection { section: section.to_owned(), sections }
        }
        (_, name) => ReadError::NoProgram {
            name: name.unwrap_or_default().to_owned(),
            programs: programs
                .iter()
                .map(|entry| entry.name.clone())
                .filter(|name| !name.is_empty())
                .collect(),
        },
    }
}

/// The symbols of all entries: a hidden function is one too, a static one isn't.
fn entries<'a>(file: &'a ElfFile<'_>) -> Result<Vec<&'a Symbol>, ReadError> {
    let is_entry =
        |symbol: &&Symbol| symbol.binding != STB_LOCAL && file.section_name(symbol.section) != ".text";
    let entries: Vec<&Symbol> = functions_of_sections(file).into_iter().filter(is_entry).collect();
    match entries.is_empty() {
        true => Err(ReadError::NoPrograms),
        false => Ok(entries),
    }
}

/// The functions of all sections of code, in the order of sections and addresses.
fn functions_of_sections<'a>(file: &'a ElfFile<'_>) -> Vec<&'a Symbol> {
    (0..file.sections.len()).flat_map(|section| file.functions(section)).collect()
}

/// What loaders are told of a program.
struct Told {
    prog_type: ProgType,
    tells: Vec<Tells>,
    attach: Option<AttachType>,
}

impl Told {
    /// What a section's name says, or the caller. What the name says besides the type counts for that type.
    fn of(section: &str, wanted: Option<ProgType>) -> Option<Self> {
        let meaning = section_name::meaning(section);
        let meaning = meaning.map(|meaning| Self {
            prog_type: meaning.prog_type,
            tells: meaning.tells,
            attach: meaning.section.attach,
        });
        let plain = |prog_type| Self { prog_type, tells: Vec::new(), attach: None };
        match (meaning, wanted) {
            (Some(told), Some(prog_type))
                if told.prog_type != prog_type || told.tells.contains(&Tells::Unknown) =>
            {
                Some(plain(prog_type))
            }
            (None, Some(prog_type)) => Some(plain(prog_type)),
            (told, _) => told,
        }
    }

    fn of_entry(file: &ElfFile<'_>, entry: &Symbol, wanted: Option<ProgType>) -> Result<Self, ReadError> {
        let section = file.section_name(entry.section);
        Self::of(section, wanted).ok_or_else(|| ReadError::UnknownSection { section: section.to_owned() })
    }
}

fn read(file: &ElfFile<'_>, maps: &[PlacedMap], entry: &Symbol) -> Result<Program, ReadError> {
    let told = Told::of_entry(file, entry, None)?;
    let mut linked = link::link(file, maps, entry, None, exceptions::handler(file, entry)?)?;
    match std::mem::take(&mut linked.faults).into_iter().next() {
        Some((_, error)) => Err(error),
        None => Ok(program_of(file, maps, entry, told.prog_type, linked)),
    }
}

/// What is the same for all programs of an object.
struct Whole<'a> {
    file: &'a ElfFile<'a>,
    maps: &'a [PlacedMap],
    /// The types of those maps.
    map_types: Vec<Option<MapTypes>>,
    /// The object's types as loaders give them to the kernel, if it has some.
    types: Option<Builder>,
    dropped: Vec<Dropped>,
}

impl<'a> Whole<'a> {
    fn of(file: &'a ElfFile<'a>, maps: &'a [PlacedMap], dropped: Vec<Dropped>) -> Self {
        let (map_types, types) = (carried::map_types(maps), carried::object_types(file));
        Self { file, maps, map_types, types, dropped }
    }
}

fn reading(object: &Whole<'_>, entry: &Symbol, choice: &Choice<'_>, kernel: Option<&Kernel<'_>>) -> Reading {
    let Whole { file, maps, .. } = *object;
    let mut dropped = object.dropped.clone();
    let (mut poisoned, mut carried) = (Vec::new(), Carried::default());
    let mut with_types = || -> Result<Program, ReadError> {
        let told = Told::of_entry(file, entry, choice.prog_type)?;
        (carried.attach_type, carried.flags) = (told.attach, Carried::flags(&told.tells));
        let types = kernel.and_then(|kernel| kernel.facts.types.as_ref());
        if let Some(kernel) = kernel {
            let target = choice.target(&entry.name, file.section_name(entry.section));
            (carried.target, carried.member) = kernel.target(entry, target, &told)?;
        }
        let lost = told.tells.iter().copied().filter(|tells| !carried.has(*tells));
        dropped.extend(lost.map(Dropped::Section));
        // Of one with a type it's said of the whole object.
        if entry.binding == STB_LOCAL && entry.kind != STT_FUNC {
            dropped.push(Dropped::Function { name: entry.name.clone(), what: FunctionFact::Section });
        }
        let handler = match kernel.is_none_or(Kernel::knows_tags) {
            true => exceptions::handler(file, entry)?,
            false => None,
        };
        let mut linked = link::link(file, maps, entry, types, handler)?;
        if let Some(error) = dropped::unknown_function(file, &linked) {
            return Err(error);
        }
        carried.map_types.clone_from(&object.map_types);
        let own_maps = carried.map_types.len();
        let config = kernel.and_then(|kernel| externs::look_up(file, &mut linked, kernel.facts, own_maps));
        poisoned = std::mem::take(&mut linked.poisoned);
        let faults = std::mem::take(&mut linked.faults);
        let is_extern = |(_, error): &(usize, ReadError)| matches!(error, ReadError::Extern { .. });
        match faults.into_iter().next() {
            // Nothing else matters as long as nobody looks it up.
            Some(fault) if is_extern(&fault) => {
                dropped.retain(Dropped::is_of_object);
                dropped.push(Dropped::Extern(fault.1));
            }
            Some((_, error)) => return Err(error),
            None => dropped.extend(dropped::of(file, &linked)),
        }
        // Loaders make all maps, whichever a program uses.
        let no_map = maps.iter().find_map(|map| map.def.as_ref().err()).cloned();
        let name = (!refused::is_name(&entry.name)).then_some(ReadError::Name);
        let is_taken = linked.externs.is_empty() && !dropped.iter().any(Dropped::is_of_object);
        if let Some(error) = no_map.or(name).filter(|_| is_taken) {
            return Err(error);
        }
        carried.records = object.types.as_ref().map(|types| carried::records(file, types, &linked));
        let mut program = program_of(file, maps, entry, told.prog_type, linked);
        if let Some(config) = config {
            carried.map_types.push(config.types);
            program.maps.push(config.def);
        }
        maps::as_loaders_make(&mut program.maps);
        Ok(program)
    };
    let program = with_types();
    let section = file.section_name(entry.section).to_owned();
    Reading { name: entry.name.clone(), section, program, dropped, carried, poisoned }
}

fn program_of(
    file: &ElfFile<'_>,
    maps: &[PlacedMap],
    entry: &Symbol,
    prog_type: ProgType,
    mut linked: Linked<'_>,
) -> Program {
    if let Some(function) = linked.functions.first_mut() {
        function.prototype = types::entry(file, entry, prog_type);
    }
    let mut program = Program::new(&entry.name, prog_type);
    program.license = file.license().unwrap_or_default();
    program.items = linked.items;
    program.maps = maps.iter().filter_map(|map| map.def.clone().ok()).collect();
    program.functions = linked.functions;
    program.externs = linked.externs;
    program
}
