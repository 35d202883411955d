//! What a BPF object holds, for people and for tools: sections, symbols, relocations, programs, maps, types, source lines.
//!
//! Works for any BPF object, clang's and gcc's too. [`Report`] is plain data (with [`serde::Serialize`]); its `Display` is
//! the text of `knockwright inspect`.

mod text;

use goblin::elf::section_header::{SHF_ALLOC, SHF_WRITE};
use knockwright_asm::{Code, MapType, Slot, decode};
use serde::Serialize;

use crate::btf::map::{self, Definition, Part};
use crate::btf::{Btf, Kind, TypeId};
use crate::elf_file::{self, ElfFile, Symbol as ElfSymbol};
use crate::read::{ReadError, maps};
use crate::section_name;

/// What a BPF object holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The byte order.
    pub endian: ByteOrder,
    /// The licence that the object declares; `None` without a `license` section.
    pub license: Option<String>,
    /// The sections, without the empty first one of every ELF file.
    pub sections: Vec<Section>,
    /// The symbols, without the empty first one.
    pub symbols: Vec<Symbol>,
    /// The relocations, in the order of the file.
    pub relocations: Vec<Relocation>,
    /// The functions of all sections of code: programs, and subprograms in `.text`.
    pub programs: Vec<Function>,
    /// The maps.
    pub maps: Vec<Map>,
    /// The types of `.BTF`.
    pub types: Vec<Type>,
    /// The functions of `.BTF.ext`.
    pub func_info: Vec<FuncInfo>,
    /// The source lines of `.BTF.ext`.
    pub line_info: Vec<LineInfo>,
    /// The sections with CO-RE relocations.
    pub core_relocations: Vec<CoreRelocations>,
}

/// A byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ByteOrder {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

/// A section of the ELF file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Section {
    /// Its index in the file.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// The name of its type without `SHT_`: `PROGBITS`, `REL`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// `A` for allocated, `X` for code, `W` for writable.
    pub flags: String,
    /// Its offset in the file in bytes.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u64,
    /// Its alignment in bytes.
    pub align: u64,
}

/// A symbol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Symbol {
    /// Its index in the file.
    pub index: usize,
    /// Its name; of a section's symbol, the section's.
    pub name: String,
    /// The name of its type: `FUNC`, `OBJECT`, `SECTION`, `NOTYPE`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The name of its binding: `GLOBAL`, `LOCAL`, `WEAK`.
    pub binding: String,
    /// The name of its visibility: `DEFAULT`, `HIDDEN`, …
    pub visibility: String,
    /// The name of its section; `None` for what is defined elsewhere.
    pub section: Option<String>,
    /// Its offset in the section in bytes.
    pub value: u64,
    /// Its size in bytes.
    pub size: u64,
}

/// A relocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Relocation {
    /// The section that it applies to.
    pub section: String,
    /// Its offset there in bytes.
    pub offset: u64,
    /// Its kind: `R_BPF_64_64`, `R_BPF_64_32`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The symbol; of a section's symbol, the section's name.
    pub symbol: String,
    /// The instruction that it applies to, in the kernel's syntax; `None` outside of code.
    pub instruction: Option<String>,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its section.
    pub section: String,
    /// The program type that the section's name stands for; `None` for subprograms and unknown names.
    pub prog_type: Option<String>,
    /// Whether it's visible outside the object.
    pub global: bool,
    /// Its offset in the section in bytes.
    pub offset: u64,
    /// The number of its 8-byte slots.
    pub slots: usize,
    /// The number of its instructions: an `ld_imm64` takes two slots.
    pub instructions: usize,
    /// Its type in C, where BTF tells it.
    pub signature: Option<String>,
}

/// A map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Map {
    /// Its name.
    pub name: String,
    /// How it's defined.
    pub definition: MapStyle,
    /// The kind of map, in lower case; its number if that's unknown.
    #[serde(rename = "type")]
    pub map_type: String,
    /// The size of a key in bytes.
    pub key_size: u32,
    /// The size of a value in bytes.
    pub value_size: u32,
    /// The key's type in C, if there is one.
    pub key_type: Option<String>,
    /// The value's type in C, if there is one.
    pub value_type: Option<String>,
    /// The largest number of entries; bytes for a ring buffer.
    pub max_entries: u32,
    /// `BPF_F_*` creation flags.
    pub flags: u32,
    /// Whether loaders pin it by name.
    pub pinned: bool,
    /// Members of the definition that are none of these.
    pub other_members: Vec<String>,
}

/// How a map is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MapStyle {
    /// By a BTF variable in section `.maps`.
    Btf,
    /// By a `struct bpf_map_def` in section `maps`, which libbpf 1.0 and later refuse.
    Legacy,
    /// By the contents of a section of data: constants or variables.
    Data,
}

/// A type of `.BTF`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Type {
    /// Its number.
    pub id: TypeId,
    /// What it is.
    #[serde(flatten)]
    pub kind: Kind,
}

/// A function of `.BTF.ext`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FuncInfo {
    /// The function's section.
    pub section: String,
    /// Where it starts there, in slots of 8 bytes.
    pub slot: u32,
    /// Its type.
    pub type_id: TypeId,
    /// Its name, from its type.
    pub name: String,
}

/// A source line of `.BTF.ext`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LineInfo {
    /// The instruction's section.
    pub section: String,
    /// Where the instruction starts there, in slots of 8 bytes.
    pub slot: u32,
    /// The source file.
    pub file: String,
    /// The line, counted from 1; 0 if there is none.
    pub line: u32,
    /// The column, counted from 1; 0 if unknown.
    pub column: u32,
    /// The line's text.
    pub text: String,
}

/// The CO-RE relocations of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CoreRelocations {
    /// The section.
    pub section: String,
    /// How many there are.
    pub count: u32,
}

impl Report {
    /// Reads an object.
    ///
    /// # Errors
    /// [`ReadError`] if the file is no relocatable BPF ELF object or is damaged. What a program can't express is no error
    /// here: it's shown.
    pub fn read(object: &[u8]) -> Result<Self, ReadError> {
        let file = ElfFile::parse(object)?;
        let ext = file.ext.iter();
        let func_info = ext.clone().flat_map(|ext| &ext.func_info).flat_map(|block| {
            block.records.iter().map(|record| FuncInfo {
                section: block.section.clone(),
                slot: record.offset / Slot::LEN as u32,
                type_id: record.ty,
                name: file
                    .btf
                    .as_ref()
                    .and_then(|btf| btf.get(record.ty))
                    .map_or_else(String::new, |kind| kind.name().to_owned()),
            })
        });
        let line_info = ext.clone().flat_map(|ext| &ext.line_info).flat_map(|block| {
            block.records.iter().map(|record| LineInfo {
                section: block.section.clone(),
                slot: record.offset / Slot::LEN as u32,
                file: record.file.clone(),
                line: record.line,
                column: record.column,
                text: record.text.clone(),
            })
        });
        let core = ext
            .flat_map(|ext| &ext.core_relocations)
            .map(|(section, count)| CoreRelocations { section: section.clone(), count: *count });
        Ok(Self {
            endian: match file.endian {
                knockwright_asm::Endian::Little => ByteOrder::Little,
                knockwright_asm::Endian::Big => ByteOrder::Big,
            },
            license: file.license(),
            sections: sections(&file),
            symbols: symbols(&file),
            relocations: relocations(&file),
            programs: functions(&file),
            maps: all_maps(&file),
            types: file
                .btf
                .as_deref()
                .into_iter()
                .flat_map(Btf::iter)
                .map(|(id, kind)| Type { id, kind: kind.clone() })
                .collect(),
            func_info: func_info.collect(),
            line_info: line_info.collect(),
            core_relocations: core.collect(),
        })
    }
}

fn sections(file: &ElfFile<'_>) -> Vec<Section> {
    let section = |(index, section): (usize, &elf_file::Section<'_>)| {
        let header = &section.header;
        let flags = [('W', SHF_WRITE.into()), ('A', SHF_ALLOC.into()), ('X', elf_file::SHF_EXECINSTR)];
        Section {
            index,
            name: section.name.clone(),
            kind: strip(goblin::elf::section_header::sht_to_str(header.sh_type), "SHT_"),
            flags: flags.iter().filter(|(_, bit)| header.sh_flags & bit != 0).map(|(flag, _)| flag).collect(),
            offset: header.sh_offset,
            size: header.sh_size,
            align: header.sh_addralign,
        }
    };
    file.sections.iter().enumerate().skip(1).map(section).collect()
}

fn symbols(file: &ElfFile<'_>) -> Vec<Symbol> {
    use goblin::elf::sym::{bind_to_str, type_to_str, visibility_to_str};
    let symbol = |(index, symbol): (usize, &ElfSymbol)| Symbol {
        index,
        name: symbol_name(file, symbol).to_owned(),
        kind: type_to_str(symbol.kind).to_owned(),
        binding: bind_to_str(symbol.binding).to_owned(),
        visibility: visibility_to_str(symbol.visibility).to_owned(),
        section: (symbol.section != elf_file::UNDEFINED)
            .then(|| file.section(symbol.section).map(|section| section.name.clone()))
            .flatten(),
        value: symbol.value,
        size: symbol.size,
    };
    file.symbols.iter().enumerate().skip(1).map(symbol).collect()
}

/// A symbol's name, or that of its section.
fn symbol_name<'a>(file: &'a ElfFile<'_>, symbol: &'a ElfSymbol) -> &'a str {
    match symbol.kind == elf_file::STT_SECTION && symbol.name.is_empty() {
        true => file.section_name(symbol.section),
        false => &symbol.name,
    }
}

fn relocations(file: &ElfFile<'_>) -> Vec<Relocation> {
    let relocation = |relocation: &elf_file::Relocation| Relocation {
        section: file.section_name(relocation.section).to_owned(),
        offset: relocation.offset,
        kind: match relocation.kind {
            elf_file::R_BPF_NONE => "R_BPF_NONE".to_owned(),
            elf_file::R_BPF_64_64 => "R_BPF_64_64".to_owned(),
            elf_file::R_BPF_64_ABS64 => "R_BPF_64_ABS64".to_owned(),
            elf_file::R_BPF_64_ABS32 => "R_BPF_64_ABS32".to_owned(),
            elf_file::R_BPF_64_NODYLD32 => "R_BPF_64_NODYLD32".to_owned(),
            elf_file::R_BPF_64_32 => "R_BPF_64_32".to_owned(),
            kind => kind.to_string(),
        },
        symbol: file
            .symbols
            .get(relocation.symbol)
            .map_or_else(|| relocation.symbol.to_string(), |symbol| symbol_name(file, symbol).to_owned()),
        instruction: instruction(file, relocation),
    };
    file.relocations.iter().map(relocation).collect()
}

fn instruction(file: &ElfFile<'_>, relocation: &elf_file::Relocation) -> Option<String> {
    let section = file.section(relocation.section).filter(|section| section.is_code())?;
    let start = usize::try_from(relocation.offset).ok()?;
    let end = start.checked_add(2 * Slot::LEN)?.min(section.data.len());
    let code = decode(section.data.get(start..end)?, file.endian).ok()?;
    Some(code.first()?.to_string())
}

fn functions(file: &ElfFile<'_>) -> Vec<Function> {
    let mut functions = Vec::new();
    for (index, section) in file.sections.iter().enumerate().filter(|(_, section)| section.is_code()) {
        for symbol in file.functions(index) {
            let start = usize::try_from(symbol.value).unwrap_or(usize::MAX);
            let end = usize::try_from(symbol.value.saturating_add(symbol.size)).unwrap_or(usize::MAX);
            let code = section
                .data
                .get(start..end)
                .and_then(|bytes| decode(bytes, file.endian).ok())
                .unwrap_or_default();
            functions.push(Function {
                name: symbol.name.clone(),
                section: section.name.clone(),
                prog_type: section_name::prog_type(&section.name)
                    .map(|prog_type| prog_type.name().to_owned()),
                global: symbol.binding == elf_file::STB_GLOBAL && symbol.visibility != elf_file::STV_HIDDEN,
                offset: symbol.value,
                slots: code.iter().map(Code::slots).sum(),
                instructions: code.len(),
                signature: signature(file, &symbol.name),
            });
        }
    }
    functions
}

fn signature(file: &ElfFile<'_>, name: &str) -> Option<String> {
    let btf = file.btf.as_ref()?;
    let func = btf.iter().find(|(_, kind)| matches!(kind, Kind::Func { .. }) && kind.name() == name)?;
    Some(btf.c_declaration(func.1))
}

fn all_maps(file: &ElfFile<'_>) -> Vec<Map> {
    let modern = file
        .btf
        .as_deref()
        .into_iter()
        .flat_map(map::definitions)
        .map(|definition| (MapStyle::Btf, definition));
    let legacy = maps::legacy(file).into_iter().map(|map| (MapStyle::Legacy, map.definition));
    let data =
        file.sections.iter().filter(|section| maps::is_data(&section.name) && section.header.sh_size > 0);
    let data = data.map(|section| {
        let definition = Definition {
            name: section.name.clone(),
            map_type: MapType::Array.number(),
            key: Part::Bytes(4),
            value: Part::Bytes(u32::try_from(section.header.sh_size).unwrap_or(u32::MAX)),
            max_entries: 1,
            ..Definition::default()
        };
        (MapStyle::Data, definition)
    });
    modern.chain(legacy).chain(data).map(|(style, definition)| map(file, style, definition)).collect()
}

fn map(file: &ElfFile<'_>, definition: MapStyle, map: Definition) -> Map {
    let btf = file.btf.as_ref();
    let size = |part: Part| match (part, btf) {
        (part, Some(btf)) => part.size(btf),
        (Part::Bytes(size), None) => size,
        _ => 0,
    };
    let c_type = |part| match (part, btf) {
        (Part::Typed(id), Some(btf)) => Some(btf.c_name(id)),
        _ => None,
    };
    Map {
        definition,
        map_type: MapType::from_number(map.map_type)
            .map_or_else(|| map.map_type.to_string(), |ty| ty.name().to_owned()),
        key_size: size(map.key),
        value_size: size(map.value),
        key_type: c_type(map.key),
        value_type: c_type(map.value),
        max_entries: map.max_entries,
        flags: map.flags,
        pinned: map.pinning != 0,
        other_members: map.others,
        name: map.name,
    }
}

fn strip(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_owned()
}
