//! Why an object can't be read.

use crate::btf::BtfError;
use goblin::elf::header::EM_BPF;

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
    /// The name of a section of code says no program type.
    #[error(
        "section {section} holds code, but its name stands for no program type: rename it, for example to `xdp`"
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
    /// A program refers to a kernel function or variable by name.
    #[error(
        "instruction {slot} of section {section} refers to `{symbol}` of the kernel by name, which only a loader with the \
         kernel's BTF can look up: programs with kfuncs and kernel variables can't be read yet"
    )]
    Extern {
        /// The section of the instruction.
        section: String,
        /// The slot that the instruction starts at, counted in its section.
        slot: usize,
        /// The symbol.
        symbol: String,
    },
    /// A section has CO-RE relocations.
    #[error(
        "section {section} has {count} CO-RE relocations, which only a loader with the kernel's BTF can apply: compile \
         without `preserve_access_index`, or load the object"
    )]
    CoRe {
        /// The section.
        section: String,
        /// The number of relocations.
        count: u32,
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
    /// Whether the object is whole, and it's only [`Program`](knockwright_asm::Program) that has no place for what it holds.
    pub fn is_unsupported(&self) -> bool {
        matches!(self, Self::Extern { .. } | Self::CoRe { .. } | Self::Map { .. })
    }
}
