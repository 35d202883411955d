//! Why an object can't be read.

use super::refused::errno::RELOC;
use super::{HandlerFault, NotInKernel, RelocationFault, Source, StructFault};
use crate::btf::BtfError;
use crate::btf::core::CoreError;
use goblin::elf::header::EM_BPF;
use knockwright_asm::linux::errno::{EINVAL, ESRCH};

/// Why an object can't be read, or why a part of it can't be expressed as a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file has another format.
    #[error("this is no ELF file: give an object that a BPF compiler or `knockwright build` has written")]
    NotElf,
    /// The file is of 32 bits.
    #[error("this is an ELF file of 32 bits, BPF objects have 64")]
    Class,
    /// The file is for another machine.
    #[error(
        "this ELF file is for {name} (machine {machine}), not for BPF ({EM_BPF}): compile it with a BPF target"
    )]
    Machine {
        /// The number of the machine, `e_machine`.
        machine: u16,
        /// Its name.
        name: &'static str,
    },
    /// The file is an executable or a library.
    #[error("this ELF file is of type {name}, a BPF object is relocatable (REL)")]
    NotRelocatable {
        /// The name of the type, `e_type`.
        name: &'static str,
    },
    /// A part reaches past the file's end.
    #[error("{what} reaches to byte {end}, but the file has {len}: it's cut off or damaged")]
    Truncated {
        /// The part.
        what: String,
        /// Where it would end.
        end: u64,
        /// The length of the file in bytes.
        len: usize,
    },
    /// A part contradicts the format.
    #[error("{what} can't be read: {detail}")]
    Damaged {
        /// The part.
        what: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// The type information can't be read.
    #[error(transparent)]
    Btf(#[from] BtfError),
    /// No section holds a program.
    #[error("the object holds no program: no function lies in a section other than .text")]
    NoPrograms,
    /// No program has the name asked for.
    #[error("the object holds no program `{name}`; it holds {}", programs.join(", "))]
    NoProgram {
        /// The name asked for.
        name: String,
        /// The programs that are there.
        programs: Vec<String>,
    },
    /// No section with programs has the name asked for.
    #[error("no program stands in a section `{section}`; there are {}", sections.join(", "))]
    NoSection {
        /// The name asked for.
        section: String,
        /// The sections that are there.
        sections: Vec<String>,
    },
    /// A map stands in section `.maps`, and there is no `.BTF` that would say what it is.
    #[error(
        "map {map} is defined by its type alone, and libbpf says of such an object: BTF is required, but is missing or \
         corrupted (compile with -g)"
    )]
    MapsWithoutBtf {
        /// The map.
        map: String,
    },
    /// The name of a section of code says no program type.
    #[error(
        "section {section} holds code, but its name stands for no program type: rename it, for example to `xdp`, or say \
         the type with --type"
    )]
    UnknownSection {
        /// The section's name.
        section: String,
    },
    /// The symbol of a function leads to where no code is.
    #[error(
        "function {function} takes bytes {start} to {end} of section {section}, which has {len} in slots of 8"
    )]
    FunctionRange {
        /// The function.
        function: String,
        /// Its section.
        section: String,
        /// Its first byte.
        start: u64,
        /// The byte after its last.
        end: u64,
        /// The length of the section in bytes.
        len: usize,
    },
    /// A call or a function's address leads to where no function starts.
    #[error(
        "instruction {slot} of section {section} refers to byte {target} of section {target_section}, where no function starts"
    )]
    NoFunction {
        /// The section of the instruction.
        section: String,
        /// The slot that the instruction starts at, counted in its section.
        slot: usize,
        /// The section that it leads to.
        target_section: String,
        /// The byte that it leads to.
        target: i64,
    },
    /// A program calls a function that isn't one of `.text` with a symbol of a function. libbpf refuses the program.
    #[error(
        "it calls `{function}` in section {section}: libbpf takes calls of functions in .text alone, by symbols of functions"
    )]
    NotInText {
        /// The function.
        function: String,
        /// Its section.
        section: String,
    },
    /// A program refers to a kernel function or variable by name.
    #[error(
        "instruction {slot} of section {section} refers to `{symbol}` of the kernel by name, which only a loader with {within} \
         can look up"
    )]
    Extern {
        /// The section of the instruction.
        section: String,
        /// The slot that the instruction starts at, counted in its section.
        slot: usize,
        /// The symbol.
        symbol: String,
        /// What it's looked up in.
        within: Source,
    },
    /// What the object names isn't in the kernel that is asked. Loaders refuse all of its programs.
    #[error("the object refers to `{symbol}` of the kernel by name, and {why}")]
    NotInKernel {
        /// The symbol.
        symbol: String,
        /// Why it isn't there.
        why: NotInKernel,
    },
    /// What a program is for isn't in the kernel that is asked. Loaders refuse the program.
    #[error("the program is for `{target}`, and the kernel has none")]
    NoTarget {
        /// Its name.
        target: String,
    },
    /// A struct of functions that the kernel is to call isn't one of the kernel's, or a program isn't in one.
    #[error(transparent)]
    StructOps(StructFault),
    /// A program's handler of exceptions isn't one that loaders take.
    #[error(transparent)]
    Handler(#[from] HandlerFault),
    /// A function has CO-RE relocations, and there are no types of a kernel to apply them by.
    #[error(
        "a function of section {section} has {count} CO-RE relocations, which are applied by the kernel's BTF, and that isn't at \
         hand"
    )]
    CoRe {
        /// The section.
        section: String,
        /// The number of relocations.
        count: u32,
    },
    /// A CO-RE relocation that loaders refuse the object for.
    #[error(
        "instruction {slot} of section {section} has a CO-RE relocation that can't be applied{}: {fault}",
        relocation.as_ref().map_or_else(String::new, |words| format!(" ({words})"))
    )]
    CoReFault {
        /// The section.
        section: String,
        /// The slot of the instruction, counted in its section.
        slot: u32,
        /// The relocation in words, as far as it has any.
        relocation: Option<String>,
        /// Why it can't be applied.
        fault: RelocationFault,
    },
    /// A relocation of an unknown kind, or of an instruction or symbol that it doesn't fit.
    #[error(
        "instruction {slot} of section {section} has a relocation of kind {kind} against `{symbol}` that doesn't fit it"
    )]
    Relocation {
        /// The section of the instruction.
        section: String,
        /// The slot of the relocation, counted in its section.
        slot: usize,
        /// The relocation's kind.
        kind: u32,
        /// The symbol, or its section.
        symbol: String,
    },
    /// A map is of a type that no kernel has. Loaders make all maps of an object, and take none of its programs without.
    #[error("map {map}: no kernel has maps of type {number}")]
    NoMapType {
        /// The map.
        map: String,
        /// The number of the type.
        number: u32,
    },
    /// The kernel takes no program of the name.
    #[error(
        "the kernel takes no name with other characters than ASCII letters, digits, `_` and `.` in its first 15 bytes"
    )]
    Name,
    /// A program refers to a variable in an arena.
    #[error("`{variable}` is a variable in an arena (section .addr_space.1), which isn't carried")]
    Arena {
        /// The variable.
        variable: String,
    },
    /// A map can't be expressed as a definition.
    #[error("map {map}: {reason}")]
    Map {
        /// The map.
        map: String,
        /// What it is that can't be expressed.
        reason: String,
    },
}

impl ReadError {
    /// The error number with which libbpf 1.7 refuses the object for this, positive; `None` where it doesn't, or nobody has
    /// looked.
    pub fn loader_errno(&self) -> Option<i32> {
        match self {
            Self::NotInKernel { why, .. } => Some(why.errno()),
            Self::NoTarget { .. } => Some(ESRCH),
            Self::StructOps(fault) => Some(fault.errno()),
            Self::Handler(fault) => Some(fault.errno()),
            Self::NotInText { .. } => Some(RELOC),
            Self::NoMapType { .. } | Self::Name => Some(EINVAL),
            // Its own limits aren't libbpf's.
            Self::CoReFault { fault: RelocationFault::Types(CoreError::Modules(_)), .. } => None,
            Self::CoReFault { fault, .. } => Some(fault.errno()),
            _ => None,
        }
    }
}
