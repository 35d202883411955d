//! Why a program can't be written as an object.

use std::fmt;

use knockwright_asm::{Place, ProgType, Reg};

use crate::btf::LayoutError;

/// An instruction of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Site {
    /// The program's name.
    pub program: String,
    /// The slot that the instruction starts at, counted from 0 as in the verifier's log.
    pub slot: usize,
    /// The source line that emitted it.
    pub place: Option<Place>,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "program `{}`, instruction {}", self.program, self.slot)
    }
}

/// Why a program can't be written as an object.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The object has no program.
    #[error("an object needs at least one program: add one with `Object::program`")]
    NoPrograms,
    /// The program's functions don't start with an entry at its first instruction.
    #[error(
        "program `{program}` has no function that starts at its first instruction: the first function is the entry"
    )]
    NoEntry {
        /// The program.
        program: String,
    },
    /// Functions overlap, are empty or lie outside the program.
    #[error(
        "program `{program}`: function `{function}` starts at item {start}, but a function starts after the one before \
         it and holds at least one of the {items} items"
    )]
    FunctionStart {
        /// The program.
        program: String,
        /// The function.
        function: String,
        /// The index of its first item.
        start: usize,
        /// The number of items of the program.
        items: usize,
    },
    /// The program names something of the kernel, which objects of this writer have no place for.
    #[error(
        "program `{program}` names `{name}` of the kernel, which can't be written into an object yet: leave it out, or \
         name it by its BTF id"
    )]
    Extern {
        /// The program.
        program: String,
        /// What it names.
        name: String,
    },
    /// A function has more parameters than registers carry.
    #[error(
        "program `{program}`: function `{function}` has {count} parameters, at most {} are possible",
        Reg::MAX_ARGUMENTS
    )]
    TooManyParams {
        /// The program.
        program: String,
        /// The function.
        function: String,
        /// The number of its parameters.
        count: usize,
    },
    /// The name of a function or of a parameter, or the type of one, isn't one that the kernel takes.
    #[error("program `{program}`: function `{function}`: {reason}")]
    FunctionName {
        /// The program.
        program: String,
        /// The function.
        function: String,
        /// What is wrong.
        reason: LayoutError,
    },
    /// A map's name, key or value isn't one that the kernel takes.
    #[error("program `{program}`: map `{map}`: {reason}")]
    Map {
        /// The program.
        program: String,
        /// The map.
        map: String,
        /// What is wrong.
        reason: LayoutError,
    },
    /// The maps in a map have maps in them, or contents.
    #[error(
        "program `{program}`: the maps in map `{map}` have maps in them or contents, which no object can say: loaders make empty maps \
         of one kind"
    )]
    InnerMap {
        /// The program.
        program: String,
        /// The map that they are in.
        map: String,
    },
    /// Two programs define a map of one name differently.
    #[error(
        "map `{map}` is defined differently by the programs `{first}` and `{second}`: programs of one object share maps \
         of one name, so make the definitions equal or rename one"
    )]
    MapConflict {
        /// The map's name.
        map: String,
        /// The first program that defines it.
        first: String,
        /// The other one.
        second: String,
    },
    /// Two programs have different functions of one name.
    #[error(
        "function `{function}` is another one in program `{second}` than in program `{first}`: rename one, or make them \
         equal to share it"
    )]
    FunctionConflict {
        /// The function's name.
        function: String,
        /// The first program that has it.
        first: String,
        /// The other one.
        second: String,
    },
    /// One name for two things.
    #[error(
        "the name `{name}` stands for two things, functions or maps, of which symbols need different names: rename one"
    )]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// An instruction names a map that the program doesn't have.
    #[error("{site}: there is no map {index}, the program has {count}")]
    MapIndex {
        /// The instruction.
        site: Site,
        /// The index into the program's maps.
        index: i32,
        /// The number of maps.
        count: usize,
    },
    /// An instruction takes an address inside the value of a map without contents.
    #[error(
        "{site}: no loader relocates an address inside the value of map `{map}`, which has no contents: look the value up \
         with bpf_map_lookup_elem, or load the program without an object"
    )]
    MapValue {
        /// The instruction.
        site: Site,
        /// The map.
        map: String,
    },
    /// An instruction takes the address of a map with contents.
    #[error(
        "{site}: map `{map}` becomes a section of data, of which loaders only relocate addresses inside: load its value's \
         address"
    )]
    DataMap {
        /// The instruction.
        site: Site,
        /// The map.
        map: String,
    },
    /// A map has contents that no section of data can hold.
    #[error("map `{map}` has contents, but {reason}")]
    DataForm {
        /// The map.
        map: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// An instruction holds a file descriptor.
    #[error(
        "{site}: file descriptor {fd} belongs to a running process and can't be written to a file: name the map by index"
    )]
    FileDescriptor {
        /// The instruction.
        site: Site,
        /// The file descriptor.
        fd: i32,
    },
    /// A call or a function's address leads to where no function starts.
    #[error("{site}: no function starts at instruction {target}: list it among the program's functions")]
    NoFunction {
        /// The instruction.
        site: Site,
        /// The slot that it leads to; may lie outside the program.
        target: i64,
    },
    /// A call or a function's address leads to the entry.
    #[error(
        "{site}: the entry `{entry}` can't be called, loaders only link functions of .text: call a subprogram"
    )]
    CallsEntry {
        /// The instruction.
        site: Site,
        /// The entry's name.
        entry: String,
    },
    /// A jump leads out of its function.
    #[error(
        "{site}: the jump to instruction {target} leaves function `{function}`: the object places functions apart, so \
         call it instead"
    )]
    JumpLeavesFunction {
        /// The instruction.
        site: Site,
        /// The function.
        function: String,
        /// The slot that it leads to; may lie outside the program.
        target: i64,
    },
    /// The licence isn't one that fits into the section.
    #[error("the licence {license:?} holds a NUL, where it would end: leave it out")]
    License {
        /// The licence.
        license: String,
    },
    /// Programs of one object have different licences.
    #[error(
        "program `{first}` has the licence \"{first_license}\" and `{second}` \"{second_license}\": an object has one, so \
         write two objects"
    )]
    Licenses {
        /// The first program.
        first: String,
        /// Its licence.
        first_license: String,
        /// The other program.
        second: String,
        /// Its licence.
        second_license: String,
    },
    /// The program type has no section name that says all.
    #[error(
        "program `{program}` of type {prog_type} needs a section that names what it's attached to: add it with \
         `Object::program_in`"
    )]
    NoSection {
        /// The program.
        program: String,
        /// Its type.
        prog_type: ProgType,
    },
    /// A section name that means something else, or none.
    #[error(
        "program `{program}`: loaders don't take section \"{section}\" for one of programs: choose another name"
    )]
    Section {
        /// The program.
        program: String,
        /// The name.
        section: String,
    },
    /// The object is too large for the format.
    #[error(transparent)]
    Elf(#[from] object::write::Error),
}
