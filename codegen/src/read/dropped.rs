//! What an object says of a program, and a [`Program`](knockwright_asm::Program) doesn't carry.
//!
//! A loader gives the kernel more than code and maps, and most of it comes along in [`Carried`]. Where a verdict can depend on
//! something that doesn't, the program that was read can't be verified in the object's name.

use std::fmt;

use knockwright_asm::Program;
use knockwright_asm::linux::errno::{ENOENT, EOPNOTSUPP};

use super::carried::Carried;
use super::error::ReadError;
use super::link::{Linked, func_info};
use super::refused;
use super::relocate::Poisoned;
use crate::elf_file::{ElfFile, STB_LOCAL, STT_FUNC, Symbol};
use crate::section_name::Tells;

/// Something that an object says of a program, that a verdict can depend on, and that isn't carried.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dropped {
    /// libbpf takes nothing of the object.
    Object(ObjectFact),
    /// What the section's name tells besides the program type.
    Section(Tells),
    /// What the object says of a function.
    Function {
        /// The function.
        name: String,
        /// What it is.
        what: FunctionFact,
    },
    /// It names something of the kernel, which only a loader with the kernel's BTF can look up.
    Extern(ReadError),
}

/// Why libbpf refuses a whole object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectFact {
    /// It defines maps as numbers in a section `maps`.
    LegacyMaps,
    /// It's for a machine of the other byte order than those whose verifiers are asked.
    BigEndian,
    /// It names a map of another object, by this name.
    ExternMap(String),
    /// It defines maps in section `.maps` and has no BTF that says what they are.
    NoBtf,
    /// A static function, by its name, stands in a section of programs, by its.
    StaticProgram {
        /// The function.
        name: String,
        /// The section.
        section: String,
    },
    /// Something else that libbpf looks at when it opens an object.
    Refused {
        /// The error number that it ends with, positive.
        errno: i32,
        /// What it is.
        why: String,
    },
}

impl ObjectFact {
    /// The error number with which libbpf 1.7 refuses the object, positive.
    pub fn errno(&self) -> i32 {
        match self {
            Self::LegacyMaps | Self::ExternMap(_) | Self::StaticProgram { .. } => EOPNOTSUPP,
            Self::NoBtf => ENOENT,
            Self::BigEndian => refused::errno::ENDIAN,
            Self::Refused { errno, .. } => *errno,
        }
    }
}

/// What an object says of a function besides its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FunctionFact {
    /// The program has types of functions, but none of this one.
    Missing,
    /// It's static and stands among the programs of a section, where libbpf takes none.
    Section,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(fact) => write!(f, "{fact}"),
            Self::Section(Tells::Unknown) => f.write_str(
                "libbpf knows no section of this name (--type says what loaders that do make of it)",
            ),
            Self::Section(tells) => write!(f, "{tells} isn't carried"),
            Self::Function { name, what } => write!(f, "function `{name}`: {what}"),
            Self::Extern(error) => write!(f, "{error}"),
        }
    }
}

impl Dropped {
    /// Whether it's of all programs of the object.
    pub(super) fn is_of_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }
}

impl fmt::Display for ObjectFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LegacyMaps => f.write_str(
                "libbpf refuses the object: legacy map definitions in 'maps' section are not supported by libbpf v1.0+",
            ),
            Self::BigEndian => f.write_str(
                "libbpf refuses the object on a machine that is little endian, as the kernels here are: it's big endian",
            ),
            Self::ExternMap(name) => {
                write!(f, "libbpf refuses the object: map '{name}': unsupported map linkage extern (link it first)")
            }
            Self::NoBtf => f.write_str(
                "libbpf refuses the object: BTF is required, but is missing or corrupted (compile with -g)",
            ),
            Self::StaticProgram { name, section } => write!(
                f,
                "libbpf refuses the object: sec '{section}': program '{name}' is static and not supported"
            ),
            Self::Refused { why, .. } => write!(f, "libbpf refuses the object: {why}"),
        }
    }
}

impl fmt::Display for FunctionFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the object has no type of it",
            Self::Section => "it's static and stands in a section of programs, where libbpf takes none",
        })
    }
}

/// What keeps libbpf from taking anything of an object.
pub(super) fn of_object(file: &ElfFile<'_>) -> Vec<Dropped> {
    refused::whole(file).map(Dropped::Object).into_iter().collect()
}

/// The first function that a program calls, or gives the address of, and that libbpf doesn't know: those in `.text` with a symbol
/// that says that it's of a function. It then refuses the program.
pub(super) fn unknown_function(file: &ElfFile<'_>, linked: &Linked<'_>) -> Option<ReadError> {
    let is_known = |symbol: &Symbol| symbol.kind == STT_FUNC && file.section_name(symbol.section) == ".text";
    // An entry that libbpf doesn't know is no program of its.
    linked.symbols.first().filter(|entry| entry.kind == STT_FUNC)?;
    let symbol = linked.symbols.iter().skip(1).find(|symbol| !is_known(symbol))?;
    let (function, section) = (symbol.name.clone(), file.section_name(symbol.section).to_owned());
    Some(ReadError::NotInText { function, section })
}

/// What is dropped of a program that was linked, sections aside.
pub(super) fn of(file: &ElfFile<'_>, linked: &Linked<'_>) -> Vec<Dropped> {
    let mut dropped = Vec::new();
    // Without the type of its entry a program has none at all: loaders leave out the others, and the kernel treats all
    // functions as static.
    let typed = linked.symbols.first().is_some_and(|entry| func_info(file, entry).is_some());
    for (index, (symbol, function)) in linked.symbols.iter().zip(&linked.functions).enumerate() {
        let what = match (index, func_info(file, symbol).filter(|_| typed)) {
            (0, _) => None,
            _ if symbol.binding == STB_LOCAL && file.section_name(symbol.section) != ".text" => {
                Some(FunctionFact::Section)
            }
            (_, None) => typed.then_some(FunctionFact::Missing),
            (_, Some(_)) => None,
        };
        dropped.extend(what.map(|what| Dropped::Function { name: function.name.clone(), what }));
    }
    dropped
}

/// A program of an object as far as it can be read, and what doesn't come with it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Reading {
    /// The name of its entry.
    pub name: String,
    /// The section of its entry.
    pub section: String,
    /// The program, or why it can't be expressed.
    pub program: Result<Program, ReadError>,
    /// What the object says of it, and a verdict can depend on, that the program doesn't carry.
    pub dropped: Vec<Dropped>,
    /// What goes to the kernel with it.
    pub carried: Carried,
    /// The instructions that a loader makes ones that no kernel takes, because they stand for something that the kernel
    /// hasn't. A verdict says so only where a path leads to one.
    pub poisoned: Vec<Poisoned>,
}

impl Reading {
    /// The program, if everything came with it that a verdict can depend on.
    ///
    /// # Errors
    /// What didn't, in one line that names the program and its section.
    pub fn whole(&self) -> Result<&Program, String> {
        let (of_object, others): (Vec<&Dropped>, Vec<&Dropped>) =
            self.dropped.iter().partition(|dropped| dropped.is_of_object());
        let reasons: Vec<String> = match (&self.program, of_object.as_slice()) {
            (Ok(program), []) if others.is_empty() => return Ok(program),
            // Nothing else matters where nothing of the object is taken.
            (_, [_, ..]) => of_object.into_iter().map(ToString::to_string).collect(),
            (Ok(_), []) => others.into_iter().map(ToString::to_string).collect(),
            (Err(error), []) => vec![error.to_string()],
        };
        let reason = reasons.join("; ");
        Err(format!("program `{}` in section {}: {reason}", self.name, self.section))
    }
}
