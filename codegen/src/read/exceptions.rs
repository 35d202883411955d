//! Handlers of exceptions: functions that the kernel calls where a program throws, and that no instruction names.
//!
//! A program names its handler by a tag on its entry, `exception_callback:NAME`. Loaders put that function after all others of the
//! program.
//!
//! Written from the behaviour of libbpf 1.7.

use knockwright_asm::linux::errno::{EINVAL, ENOENT};

use super::link::is_hidden;
use crate::btf::{Btf, Kind, Linkage, TypeId};
use crate::elf_file::{ElfFile, STB_LOCAL, Symbol};

/// What stands before the handler's name.
const TAG: &str = "exception_callback:";

/// Why loaders refuse a program for its handler of exceptions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandlerFault {
    /// The tag stands at something else than a program.
    #[error("the tag `{TAG}…` stands at `{0}`, which is no global function")]
    NotAProgram(String),
    /// The tag ends after the colon.
    #[error("the tag `{TAG}` of the program names no function")]
    NoName,
    /// There is no such function.
    #[error("the handler of exceptions `{0}` isn't among the functions of section .text")]
    Absent(String),
    /// The function is static or hidden.
    #[error("the handler of exceptions `{0}` has to be a global function that isn't hidden")]
    NotGlobal(String),
}

impl HandlerFault {
    /// The error number with which libbpf 1.7 refuses the program, positive.
    pub fn errno(&self) -> i32 {
        match self {
            Self::Absent(_) => ENOENT,
            _ => EINVAL,
        }
    }
}

/// The function that a program names as its handler. Of a program that names several it's none, and the verifier says so.
pub(super) fn handler<'a>(file: &'a ElfFile<'_>, entry: &Symbol) -> Result<Option<&'a Symbol>, HandlerFault> {
    let Some(btf) = file.btf.as_deref() else { return Ok(None) };
    let mut handler = None;
    for (name, to) in tags(btf) {
        let program = match btf.get(to) {
            Some(Kind::Func { name, linkage: Linkage::Global, .. }) => name,
            other => {
                let name = other.map_or("void", Kind::name).to_owned();
                return Err(HandlerFault::NotAProgram(name));
            }
        };
        if *program != entry.name {
            continue;
        }
        if handler.is_some() {
            return Ok(None);
        }
        handler = Some(function(file, name)?);
    }
    Ok(handler)
}

/// The names in the tags of an object, with what they stand at.
fn tags(btf: &Btf) -> impl Iterator<Item = (&str, TypeId)> {
    btf.iter().filter_map(|(_, kind)| match kind {
        Kind::DeclTag { name, to, component: None } => Some((name.strip_prefix(TAG)?, *to)),
        _ => None,
    })
}

fn function<'a>(file: &'a ElfFile<'_>, name: &str) -> Result<&'a Symbol, HandlerFault> {
    if name.is_empty() {
        return Err(HandlerFault::NoName);
    }
    let sections = (0..file.sections.len()).filter(|section| file.section_name(*section) == ".text");
    let mut functions = sections.flat_map(|section| file.functions(section));
    match functions.find(|function| function.name == name) {
        None => Err(HandlerFault::Absent(name.to_owned())),
        Some(function) if function.binding == STB_LOCAL || is_hidden(function) => {
            Err(HandlerFault::NotGlobal(name.to_owned()))
        }
        Some(function) => Ok(function),
    }
}
