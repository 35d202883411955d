//! The parts of an ELF file that BPF objects use, checked and taken apart.
//!
//! The tables are read one by one, each after a check that it lies inside the file: a damaged file gives an error and never
//! more memory than its own size asks for.

mod functions;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use goblin::container::{Container, Ctx};
use goblin::elf::header::{self, Header};
use goblin::elf::section_header::{self, SectionHeader};
use goblin::elf::{Elf, RelocSection, Symtab};
use knockwright_asm::{Endian, Imm64};

use crate::btf::{Btf, Ext};
use crate::read::ReadError;
pub(crate) use functions::Address;

/// Sections whose code is a program or a subprogram.
pub(crate) const SHF_EXECINSTR: u64 = section_header::SHF_EXECINSTR as u64;
pub(crate) use goblin::elf::sym::{
    STB_GLOBAL, STB_LOCAL, STB_WEAK, STT_FUNC, STT_NOTYPE, STT_OBJECT, STT_SECTION, STV_DEFAULT, STV_HIDDEN,
    STV_INTERNAL,
};

/// The section of symbols that are defined elsewhere.
pub(crate) const UNDEFINED: usize = section_header::SHN_UNDEF as usize;

// The kinds of relocations, `Documentation/bpf/llvm_reloc.rst`.
pub(crate) const R_BPF_NONE: u32 = 0;
/// The 64-bit immediate of an `ld_imm64`.
pub(crate) const R_BPF_64_64: u32 = 1;
/// 64 bits of data.
pub(crate) const R_BPF_64_ABS64: u32 = 2;
/// 32 bits of data.
pub(crate) const R_BPF_64_ABS32: u32 = 3;
/// 32 bits of data that are no reference for loaders.
pub(crate) const R_BPF_64_NODYLD32: u32 = 4;
/// The immediate of a call.
pub(crate) const R_BPF_64_32: u32 = 10;

/// A BPF object, taken apart.
pub(crate) struct ElfFile<'a> {
    pub(crate) endian: Endian,
    pub(crate) sections: Vec<Section<'a>>,
    pub(crate) symbols: Vec<Symbol>,
    /// In the order of the file.
    pub(crate) relocations: Vec<Relocation>,
    pub(crate) btf: Option<Arc<Btf>>,
    pub(crate) ext: Option<Ext>,
    /// The parts that can't be read, which are missing here.
    pub(crate) faults: Vec<ReadError>,
    /// For each section of code the functions in it, in the order of their addresses.
    functions: HashMap<usize, Vec<Symbol>>,
    /// Where calls and addresses of functions lead.
    called: BTreeSet<Address>,
    /// The indexes of the relocations by what they apply to; of several the last.
    relocated: HashMap<Address, usize>,
}

pub(crate) struct Section<'a> {
    pub(crate) name: String,
    /// Whether its name lies in the table of names; else it's empty here.
    pub(crate) is_named: bool,
    pub(crate) header: SectionHeader,
    /// Empty for sections without bytes in the file.
    pub(crate) data: &'a [u8],
}

#[derive(Debug, Clone)]
pub(crate) struct Symbol {
    pub(crate) name: String,
    pub(crate) kind: u8,
    pub(crate) binding: u8,
    pub(crate) visibility: u8,
    /// The index of its section; [`UNDEFINED`] is none, numbers from `SHN_LORESERVE` on have meanings of their own.
    pub(crate) section: usize,
    pub(crate) value: u64,
    pub(crate) size: u64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Relocation {
    /// The index of the section that it applies to.
    pub(crate) section: usize,
    pub(crate) offset: u64,
    pub(crate) kind: u32,
    /// The index of its symbol.
    pub(crate) symbol: usize,
}

impl Section<'_> {
    /// Whether its bytes are instructions.
    pub(crate) fn is_code(&self) -> bool {
        self.header.sh_flags & SHF_EXECINSTR != 0 && !self.data.is_empty()
    }

    /// Whether it's a table of symbols.
    pub(crate) fn is_symbols(&self) -> bool {
        self.header.sh_type == section_header::SHT_SYMTAB
    }

    /// Whether it's a table of strings.
    pub(crate) fn is_strings(&self) -> bool {
        self.header.sh_type == section_header::SHT_STRTAB
    }

    /// Whether its bytes are the object's own, and none of the format's tables.
    pub(crate) fn is_progbits(&self) -> bool {
        self.header.sh_type == section_header::SHT_PROGBITS
    }
}

impl<'a> ElfFile<'a> {
    /// Takes a file apart, of which every part can be read.
    pub(crate) fn parse_whole(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let mut file = Self::parse(bytes)?;
        match file.faults.is_empty() {
            true => Ok(file),
            false => Err(file.faults.swap_remove(0)),
        }
    }

    /// Takes a file apart as far as it can be read.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let header = check_header(bytes)?;
        let endian = match header.e_ident[header::EI_DATA] {
            header::ELFDATA2MSB => Endian::Big,
            _ => Endian::Little,
        };
        let order = match endian {
            Endian::Little => goblin::container::Endian::Little,
            Endian::Big => goblin::container::Endian::Big,
        };
        let ctx = Ctx::new(Container::Big, order);
        let headers = section_headers(bytes, &header, ctx)?;
        let mut faults = Faults(Vec::new());
        let names = headers.get(usize::from(header.e_shstrndx));
        let names = names.map(|names| contents(bytes, names, "the table of section names"));
        let names = names.and_then(|names| faults.without(names)).unwrap_or_default();
        let mut sections = Vec::with_capacity(headers.len());
        for header in headers {
            let name = c_string(names, header.sh_name);
            let data = faults.without(contents(bytes, &header, &format!("section {name}")));
            let is_named = header.sh_name < names.len();
            sections.push(Section { name, is_named, header, data: data.unwrap_or_default() });
        }
        let symbols = faults.without(symbols(bytes, &sections, ctx)).unwrap_or_default();
        let relocations = faults.without(relocations(bytes, &sections, ctx)).unwrap_or_default();
        let find = |name: &str| sections.iter().find(|section| section.name == name);
        let btf = find(".BTF").map(|section| Btf::parse(section.data, endian).map_err(ReadError::from));
        let btf = btf.and_then(|btf| faults.without(btf)).map(Arc::new);
        let ext = match (&btf, find(".BTF.ext")) {
            (Some(btf), Some(section)) => {
                faults.without(Ext::parse(section.data, btf, endian).map_err(ReadError::from))
            }
            _ => None,
        };
        let by_place =
            |(index, relocation): (usize, &Relocation)| ((relocation.section, relocation.offset), index);
        let of_code = relocations
            .iter()
            .enumerate()
            .filter(|(_, relocation)| sections.get(relocation.section).is_some_and(Section::is_code));
        let relocated: HashMap<Address, usize> = of_code.map(by_place).collect();
        let places = relocated.iter().map(|(&place, &index)| (place, &relocations[index])).collect();
        let called = functions::called(&sections, &symbols, &places, endian);
        let functions = functions::find(&sections, &symbols, &called);
        let faults = faults.0;
        Ok(Self { endian, symbols, relocations, btf, ext, faults, functions, called, relocated, sections })
    }

    /// The section with an index.
    pub(crate) fn section(&self, index: usize) -> Option<&Section<'a>> {
        self.sections.get(index)
    }

    /// The name of the section with an index; empty if there is none.
    pub(crate) fn section_name(&self, index: usize) -> &str {
        self.section(index).map_or("", |section| section.name.as_str())
    }

    /// The licence without its NUL; `None` without a `license` section.
    pub(crate) fn license(&self) -> Option<String> {
        let section = self.sections.iter().find(|section| section.name == "license")?;
        Some(c_string(section.data, 0))
    }

    /// The functions of a section of code, in the order of their addresses.
    pub(crate) fn functions(&self, section: usize) -> Vec<&Symbol> {
        self.functions.get(&section).into_iter().flatten().collect()
    }

    /// The function that starts at an address.
    pub(crate) fn function_at(&self, section: usize, offset: u64) -> Option<&Symbol> {
        let functions = self.functions.get(&section)?;
        let at = functions.partition_point(|function| function.value < offset);
        functions.get(at).filter(|function| function.value == offset)
    }

    /// Whether a call or a callback leads to a function.
    pub(crate) fn is_called(&self, function: &Symbol) -> bool {
        self.called.contains(&(function.section, function.value))
    }

    /// The relocation of the instruction at an address.
    pub(crate) fn relocation_at(&self, section: usize, offset: u64) -> Option<&Relocation> {
        self.relocations.get(*self.relocated.get(&(section, offset))?)
    }
}

/// What can't be read so far.
struct Faults(Vec<ReadError>);

impl Faults {
    /// What was read; nothing and one fault more if it can't be.
    fn without<T>(&mut self, read: Result<T, ReadError>) -> Option<T> {
        read.map_err(|error| self.0.push(error)).ok()
    }
}

/// An address after a distance.
pub(crate) fn add(value: u64, distance: i64) -> i64 {
    (value as i64).wrapping_add(distance)
}

/// The distance that an `ld_imm64` with a relocation has from its symbol, in bytes.
pub(crate) fn addend(value: &Imm64) -> Option<i32> {
    match value {
        Imm64::Const(addend) => Some(*addend as i32),
        Imm64::MapFd(addend) | Imm64::Func(addend) => Some(*addend),
        _ => None,
    }
}

/// Refuses everything but relocatable BPF objects of 64 bits.
fn check_header(bytes: &[u8]) -> Result<Header, ReadError> {
    if !bytes.starts_with(header::ELFMAG) {
        return Err(ReadError::NotElf);
    }
    if bytes.len() < header::header64::SIZEOF_EHDR {
        return Err(truncated("the ELF header", header::header64::SIZEOF_EHDR as u64, bytes));
    }
    match bytes[header::EI_CLASS] {
        header::ELFCLASS64 => {}
        header::ELFCLASS32 => return Err(ReadError::Class),
        _ => return Err(damaged("the ELF header", "it has neither 32 nor 64 bits")),
    }
    if !matches!(bytes[header::EI_DATA], header::ELFDATA2LSB | header::ELFDATA2MSB) {
        return Err(damaged("the ELF header", "it has no byte order"));
    }
    let header = Elf::parse_header(bytes).map_err(|error| damaged("the ELF header", error))?;
    // Compilers of 2016 and before left the machine out; libbpf still takes their objects.
    if !matches!(header.e_machine, header::EM_BPF | header::EM_NONE) {
        return Err(ReadError::Machine {
            machine: header.e_machine,
            name: header::machine_to_str(header.e_machine),
        });
    }
    if header.e_type != header::ET_REL {
        return Err(ReadError::NotRelocatable { name: header::et_to_str(header.e_type) });
    }
    Ok(header)
}

fn section_headers(bytes: &[u8], header: &Header, ctx: Ctx) -> Result<Vec<SectionHeader>, ReadError> {
    const WHAT: &str = "the table of sections";
    let offset = usize::try_from(header.e_shoff).map_err(|error| damaged(WHAT, error))?;
    let len = u64::from(header.e_shnum) * SectionHeader::size(ctx) as u64;
    match header.e_shoff.checked_add(len) {
        Some(end) if end <= bytes.len() as u64 => {}
        end => return Err(truncated(WHAT, end.unwrap_or(u64::MAX), bytes)),
    }
    SectionHeader::parse(bytes, offset, usize::from(header.e_shnum), ctx)
        .map_err(|error| damaged(WHAT, error))
}

/// The bytes of a section in the file.
fn contents<'a>(bytes: &'a [u8], header: &SectionHeader, what: &str) -> Result<&'a [u8], ReadError> {
    if matches!(header.sh_type, section_header::SHT_NOBITS | section_header::SHT_NULL) {
        return Ok(&[]);
    }
    let end = header.sh_offset.checked_add(header.sh_size);
    let range = end.and_then(|end| Some(usize::try_from(header.sh_offset).ok()?..usize::try_from(end).ok()?));
    range.and_then(|range| bytes.get(range)).ok_or_else(|| truncated(what, end.unwrap_or(u64::MAX), bytes))
}

fn symbols(bytes: &[u8], sections: &[Section<'_>], ctx: Ctx) -> Result<Vec<Symbol>, ReadError> {
    const WHAT: &str = "the table of symbols";
    let is_table = |section: &&Section<'_>| section.header.sh_type == section_header::SHT_SYMTAB;
    let Some(table) = sections.iter().find(is_table) else {
        return Ok(Vec::new());
    };
    if table.data.is_empty() {
        return Ok(Vec::new());
    }
    let names = sections.get(table.header.sh_link as usize).map_or(&[][..], |names| names.data);
    let count = table.data.len() / goblin::elf::sym::sym64::SIZEOF_SYM;
    // `contents` has checked that the table lies inside the file, so its offset fits.
    let table = Symtab::parse(bytes, table.header.sh_offset as usize, count, ctx)
        .map_err(|error| damaged(WHAT, error))?;
    let symbol = |symbol: goblin::elf::Sym| Symbol {
        name: c_string(names, symbol.st_name),
        kind: symbol.st_type(),
        binding: symbol.st_bind(),
        visibility: symbol.st_visibility(),
        section: symbol.st_shndx,
        value: symbol.st_value,
        size: symbol.st_size,
    };
    Ok(table.iter().map(symbol).collect())
}

fn relocations(bytes: &[u8], sections: &[Section<'_>], ctx: Ctx) -> Result<Vec<Relocation>, ReadError> {
    let mut relocations = Vec::new();
    for section in sections {
        let is_rela = match section.header.sh_type {
            section_header::SHT_REL => false,
            section_header::SHT_RELA => true,
            _ => continue,
        };
        let (offset, len) = (section.header.sh_offset as usize, section.data.len());
        let table = RelocSection::parse(bytes, offset, len, is_rela, ctx)
            .map_err(|error| damaged("a table of relocations", error))?;
        relocations.extend(table.iter().map(|relocation| Relocation {
            section: section.header.sh_info as usize,
            offset: relocation.r_offset,
            kind: relocation.r_type,
            symbol: relocation.r_sym,
        }));
    }
    Ok(relocations)
}

/// The NUL-terminated string at an offset, or what is left of the table if no NUL follows.
fn c_string(table: &[u8], offset: usize) -> String {
    let rest = table.get(offset..).unwrap_or_default();
    let end = rest.iter().position(|&byte| byte == 0).unwrap_or(rest.len());
    String::from_utf8_lossy(&rest[..end]).into_owned()
}

fn truncated(what: &str, end: u64, bytes: &[u8]) -> ReadError {
    ReadError::Truncated { what: what.to_owned(), end, len: bytes.len() }
}

fn damaged(what: &'static str, detail: impl ToString) -> ReadError {
    ReadError::Damaged { what, detail: detail.to_string() }
}
