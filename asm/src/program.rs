//! A finished program: what the ELF writer, the loader, the verifiers and the disassembler take.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::insn::{Imm64, Insn};
use crate::layout::BpfType;
use crate::slot::Slot;
use crate::types::{Extent, Extern, Prototype};
use knockwright_linux::{MapType, ProgType, map_type};

/// A finished program with everything that it refers to.
///
/// The instructions of all its functions stand one after the other, the entry first. A reference to a map is an
/// `ld_imm64` of kind [`Imm64::MapIdx`](crate::Imm64::MapIdx) or [`Imm64::MapIdxValue`](crate::Imm64::MapIdxValue) whose
/// index counts in [`Program::maps`]; calls between its functions are relative, as the kernel wants them. A program comes
/// from [`Asm::finish`](crate::Asm::finish), from the text parser or from raw bytes.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Program {
    /// The entry function's name: at most 15 bytes reach the kernel's program name.
    pub name: String,
    /// What kind of program it is.
    pub prog_type: ProgType,
    /// The licence string, without a trailing NUL.
    pub license: String,
    /// The instructions in order.
    pub items: Vec<Item>,
    /// The maps that the instructions name by index.
    pub maps: Vec<MapDef>,
    /// The functions in the order of their first instruction; the first is the entry and starts at item 0.
    pub functions: Vec<Function>,
    /// What it names in the kernel, which a loader has to look up.
    pub externs: Vec<Extern>,
}

/// One instruction with the places that it came from.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Item {
    /// The instruction, or a slot that is none.
    pub code: Code,
    /// Where the line stands that emitted it: a Rust source file of the DSL, or an assembly file.
    pub place: Option<Place>,
    /// The source line that a debugger and the verifier's log show for it. Consecutive instructions of one line share it.
    pub source: Option<Arc<SourceLine>>,
}

/// An instruction, or a slot that isn't one.
///
/// Bytes from elsewhere may hold slots that no row of the instruction table describes. They are kept as they are, so that
/// every byte string survives decoding and encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// An instruction of the table.
    Insn(Insn),
    /// A slot that the table doesn't describe.
    Raw(Slot),
}

impl Code {
    /// The index of the map that it loads the address of, or a value's in it.
    pub fn map(&self) -> Option<usize> {
        match self {
            Self::Insn(Insn::LoadImm64 {
                value: Imm64::MapIdx(idx) | Imm64::MapIdxValue { idx, .. },
                ..
            }) => usize::try_from(*idx).ok(),
            _ => None,
        }
    }

    /// The number of 8-byte slots: 2 for `ld_imm64`, else 1.
    pub fn slots(&self) -> usize {
        match self {
            Self::Insn(insn) => insn.slots(),
            Self::Raw(_) => 1,
        }
    }
}

/// A place in a source file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file's path as the compiler or the user named it.
    pub file: Cow<'static, str>,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1.
    pub column: u32,
}

impl From<&'static std::panic::Location<'static>> for Place {
    fn from(location: &'static std::panic::Location<'static>) -> Self {
        Self { file: Cow::Borrowed(location.file()), line: location.line(), column: location.column() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A line of source text, as BTF line information carries it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceLine {
    /// The file's path.
    pub file: Cow<'static, str>,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1; 0 if unknown.
    pub column: u32,
    /// The line's text without its indentation and its end.
    pub text: Cow<'static, str>,
}

/// A map that a program uses.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MapDef {
    /// The map's name: at most 15 bytes reach the kernel.
    pub name: String,
    /// The kind of map.
    pub map_type: MapType,
    /// The key's size or type.
    pub key: Extent,
    /// The value's size or type.
    pub value: Extent,
    /// The largest number of entries; bytes for a ring buffer.
    pub max_entries: u32,
    /// `BPF_F_*` creation flags.
    pub flags: u32,
    /// Whether loaders should pin the map by name in the BPF file system (`LIBBPF_PIN_BY_NAME`).
    pub pinned: bool,
    /// The bytes of the only value of an array that holds a program's constants or variables: an ELF data section. Loaders
    /// fill it before the program is loaded, and freeze it if programs can't write it ([`MapDef::constants`]).
    pub data: Option<Vec<u8>>,
    /// `map_extra`: what a number more means to this kind of map, as the hashes of a bloom filter.
    pub extra: u64,
    /// What the maps in it are like, of a map of maps.
    pub inner: Option<Box<MapDef>>,
}

impl MapDef {
    /// A map of a kind with typed keys and values.
    pub fn new<K: BpfType, V: BpfType>(name: &str, map_type: MapType, max_entries: u32) -> Self {
        // The kernel makes no other tries.
        let flags = if map_type == MapType::LpmTrie { map_type::NO_PREALLOC } else { 0 };
        Self::of(name, map_type, Extent::of::<K>(), Extent::of::<V>(), max_entries).with_flags(flags)
    }

    /// A map of a kind whose keys and values are bytes without a type, so many of each.
    pub fn of_bytes(name: &str, map_type: MapType, key: u32, value: u32, max_entries: u32) -> Self {
        Self::of(name, map_type, Extent::Bytes(key), Extent::Bytes(value), max_entries)
    }

    /// A map of a kind with keys and values of any extent.
    pub fn of(name: &str, map_type: MapType, key: Extent, value: Extent, max_entries: u32) -> Self {
        let name = name.to_owned();
        let (flags, pinned) = (0, false);
        Self { name, map_type, key, value, max_entries, flags, pinned, data: None, extra: 0, inner: None }
    }

    /// A ring buffer of `bytes` bytes: a power of two and a multiple of the page size.
    pub fn ring_buffer(name: &str, bytes: u32) -> Self {
        Self::of_bytes(name, MapType::Ringbuf, 0, 0, bytes)
    }

    /// An array of one value that holds constants, read-only for programs (`BPF_F_RDONLY_PROG`): what C calls `.rodata`.
    pub fn constants(name: &str, data: Vec<u8>) -> Self {
        Self {
            name: name.to_owned(),
            map_type: MapType::Array,
            key: Extent::Bytes(4),
            value: Extent::Bytes(u32::try_from(data.len()).unwrap_or(u32::MAX)),
            max_entries: 1,
            flags: map_type::RDONLY_PROG,
            pinned: false,
            data: Some(data),
            extra: 0,
            inner: None,
        }
    }

    /// The number of entries that loaders create it with on a machine of so many processors, which can be another one: an
    /// array of performance events without a number has one entry for each.
    pub fn entries(&self, cpus: u32) -> u32 {
        match (self.map_type, self.max_entries) {
            (MapType::PerfEventArray, 0) => cpus,
            (_, entries) => entries,
        }
    }

    /// The same map with `BPF_F_*` creation flags.
    pub fn with_flags(mut self, flags: u32) -> Self {
        self.flags = flags;
        self
    }
}

/// A function of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Function {
    /// The function's name, unique in the program.
    pub name: String,
    /// The index of its first instruction in [`Program::items`].
    pub start: usize,
    /// Whether the verifier checks it by itself or inside its callers.
    pub linkage: Linkage,
    /// What it takes and gives. `None` for an entry that takes the context of its program type and gives an `int`, as most
    /// do, and for any other function of which nothing is known.
    pub prototype: Option<Prototype>,
}

/// How the verifier treats a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Linkage {
    /// Checked at each call with the caller's registers.
    Static,
    /// Checked once by itself, with arguments as BTF declares them; the entry is global.
    Global,
}

impl Function {
    /// A function of which nothing is known but where it starts.
    pub fn new(name: impl Into<String>, start: usize, linkage: Linkage) -> Self {
        Self { name: name.into(), start, linkage, prototype: None }
    }

    /// The same with what it takes and gives.
    #[must_use]
    pub fn with_prototype(self, prototype: impl Into<Option<Prototype>>) -> Self {
        Self { prototype: prototype.into(), ..self }
    }
}

impl Item {
    /// An instruction that comes from no place.
    pub fn new(code: Code) -> Self {
        Self { code, place: None, source: None }
    }

    /// The same with a source line to show for it.
    #[must_use]
    pub fn with_source(self, source: impl Into<Option<Arc<SourceLine>>>) -> Self {
        Self { source: source.into(), ..self }
    }
}

impl From<Insn> for Item {
    /// An instruction that comes from no place.
    fn from(insn: Insn) -> Self {
        Self::new(Code::Insn(insn))
    }
}

impl Program {
    /// A program without instructions and without a licence, for whoever fills in the rest.
    pub fn new(name: impl Into<String>, prog_type: ProgType) -> Self {
        Self {
            name: name.into(),
            prog_type,
            license: String::new(),
            items: Vec::new(),
            maps: Vec::new(),
            functions: Vec::new(),
            externs: Vec::new(),
        }
    }

    /// The number of 8-byte slots of all instructions.
    pub fn slot_count(&self) -> usize {
        self.items.iter().map(|item| item.code.slots()).sum()
    }

    /// Pairs each instruction with the slot that it starts at.
    pub fn slots(&self) -> impl Iterator<Item = (usize, &Item)> {
        self.items.iter().scan(0, |next, item| {
            let slot = *next;
            *next += item.code.slots();
            Some((slot, item))
        })
    }

    /// The slots that each function starts at, in the order of [`Program::functions`].
    pub fn function_slots(&self) -> Vec<usize> {
        let starts: Vec<usize> = self.slots().map(|(slot, _)| slot).collect();
        self.functions.iter().map(|function| starts.get(function.start).copied().unwrap_or(0)).collect()
    }

    /// The machine code, 8 bytes a slot, in the byte order given.
    pub fn bytes(&self, endian: crate::Endian) -> Vec<u8> {
        crate::slot::encode_all(self.items.iter().map(|item| &item.code), endian)
    }
}
