//! Linking one program: its entry, the functions that it reaches, and what its instructions refer to.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use knockwright_asm::{Code, Extern, Function, Imm64, Insn, Item, Linkage, Slot, SourceLine, decode};

use super::maps::PlacedMap;
use super::{ReadError, types};
use crate::btf::{Btf, Kind, LineRecord, TypeId};
use crate::elf_file::{
    self, ElfFile, R_BPF_64_32, R_BPF_64_64, Relocation, STB_LOCAL, STB_WEAK, STV_HIDDEN, STV_INTERNAL,
    Symbol,
};

/// A program's instructions and functions.
pub(super) struct Linked<'a> {
    pub(super) items: Vec<Item>,
    pub(super) functions: Vec<Function>,
    /// The symbol of each function.
    pub(super) symbols: Vec<&'a Symbol>,
    /// What the instructions name in the kernel.
    pub(super) externs: Vec<Extern>,
    /// The first of them, as an error for those who can't do with any.
    pub(super) first_extern: Option<ReadError>,
}

const SLOT_LEN: i64 = Slot::LEN as i64;

/// Where a function starts: the index of its section and its first byte there.
type Address = (usize, u64);

/// A function with its instructions, before their references are set.
struct Part<'a> {
    symbol: &'a Symbol,
    items: Vec<Item>,
    /// For the item with an index, the function that it refers to.
    targets: BTreeMap<usize, Address>,
    /// For items that name something of the kernel, its symbol.
    externs: Vec<(usize, &'a Symbol)>,
}

/// Whether a function can't be seen from outside: hidden ones are static for loaders.
pub(super) fn is_static(symbol: &Symbol) -> bool {
    symbol.binding == STB_LOCAL || is_hidden(symbol)
}

/// Whether a function that isn't local is hidden, so that loaders give it to the kernel as static.
pub(super) fn is_hidden(symbol: &Symbol) -> bool {
    symbol.binding != STB_LOCAL && matches!(symbol.visibility, STV_HIDDEN | STV_INTERNAL)
}

/// Links the program that starts at a function's symbol.
pub(super) fn link<'a>(
    file: &'a ElfFile<'_>,
    maps: &[PlacedMap],
    entry: &Symbol,
) -> Result<Linked<'a>, ReadError> {
    let Reached { parts, first_extern } = reach(file, maps, (entry.section, entry.value))?;
    let mut starts: HashMap<Address, usize> = HashMap::new();
    let mut slot = 0;
    for (address, part) in &parts {
        starts.insert(*address, slot);
        slot += part.items.iter().map(|item| item.code.slots()).sum::<usize>();
    }
    let mut linked = Linked {
        items: Vec::new(),
        functions: Vec::new(),
        symbols: Vec::new(),
        externs: Vec::new(),
        first_extern,
    };
    let typed = parts.first().is_some_and(|(_, entry)| func_info(file, entry.symbol).is_some());
    let mut slot = 0;
    for (index, (_, part)) in parts.into_iter().enumerate() {
        linked.symbols.push(part.symbol);
        let (linkage, prototype) = match index {
            0 => (Linkage::Global, None),
            _ if typed => (linkage(file, part.symbol), types::prototype(file, part.symbol)),
            // The kernel knows no other without types.
            _ => (Linkage::Static, types::prototype(file, part.symbol)),
        };
        let function = Function::new(&part.symbol.name, linked.items.len(), linkage);
        linked.functions.push(function.with_prototype(prototype));
        for (index, symbol) in &part.externs {
            add_extern(&mut linked.externs, file, symbol, linked.items.len() + index);
        }
        for (index, mut item) in part.items.into_iter().enumerate() {
            if let Some(target) = part.targets.get(&index) {
                let target = starts.get(target).copied().unwrap_or(0);
                refer(&mut item.code, target as i64 - slot as i64 - 1);
            }
            slot += item.code.slots();
            linked.items.push(item);
        }
    }
    Ok(linked)
}

/// The functions that a program consists of, before they are put together.
struct Reached<'a> {
    /// The entry, then the others in the order of their addresses.
    parts: Vec<(Address, Part<'a>)>,
    /// As in [`Linked`].
    first_extern: Option<ReadError>,
}

/// Reads the function at an address, and all that it leads to by calls and callbacks.
fn reach<'a>(file: &'a ElfFile<'_>, maps: &[PlacedMap], entry: Address) -> Result<Reached<'a>, ReadError> {
    let mut parts: BTreeMap<Address, Part<'_>> = BTreeMap::new();
    let mut open = vec![entry];
    let mut first_extern = None;
    while let Some(address) = open.pop() {
        if parts.contains_key(&address) {
            continue;
        }
        // `Part::read` has made sure that a function starts at each target.
        let Some(symbol) = file.function_at(address.0, address.1) else {
            continue;
        };
        let part = match Part::read(file, maps, symbol, &mut first_extern) {
            Ok(part) => part,
            // What was met first is said first.
            Err(error) => return Err(first_extern.unwrap_or(error)),
        };
        open.extend(part.targets.values());
        parts.insert(address, part);
    }
    let first = parts.remove_entry(&entry);
    Ok(Reached { parts: first.into_iter().chain(parts).collect(), first_extern })
}

/// Notes that an instruction names something of the kernel.
fn add_extern(externs: &mut Vec<Extern>, file: &ElfFile<'_>, symbol: &Symbol, item: usize) {
    match externs.iter_mut().find(|known| known.name == symbol.name) {
        Some(known) => known.uses.push(item),
        None => {
            let kind = types::extern_kind(file.btf.as_ref(), &symbol.name);
            let mut new = Extern::new(&symbol.name, kind);
            new.weak = symbol.binding == STB_WEAK;
            new.uses.push(item);
            externs.push(new);
        }
    }
}

/// Sets the distance to the function that an instruction refers to.
fn refer(code: &mut Code, distance: i64) {
    let distance = distance as i32;
    *code = Code::Insn(match *code {
        Code::Insn(Insn::CallLocal { .. }) => Insn::CallLocal { off: distance },
        Code::Insn(Insn::LoadImm64 { dst, .. }) => Insn::LoadImm64 { dst, value: Imm64::Func(distance) },
        _ => return,
    });
}

/// The type of a function: its BTF, and in it the number and the [`Kind::Func`].
pub(super) fn func_info<'a>(
    file: &'a ElfFile<'_>,
    symbol: &Symbol,
) -> Option<(&'a Arc<Btf>, TypeId, &'a Kind)> {
    let section = file.section_name(symbol.section);
    let (btf, ext) = (file.btf.as_ref()?, file.ext.as_ref()?);
    let record = ext
        .func_info
        .iter()
        .filter(|block| block.section == section)
        .flat_map(|block| &block.records)
        .find(|record| u64::from(record.offset) == symbol.value)?;
    let kind = btf.get(record.ty).filter(|kind| matches!(kind, Kind::Func { .. }))?;
    Some((btf, record.ty, kind))
}

/// How the verifier treats a function of a program with types.
fn linkage(file: &ElfFile<'_>, symbol: &Symbol) -> Linkage {
    let global = match func_info(file, symbol) {
        Some((_, _, Kind::Func { linkage, .. })) => {
            *linkage == crate::btf::Linkage::Global && !is_hidden(symbol)
        }
        _ => !is_static(symbol),
    };
    if global { Linkage::Global } else { Linkage::Static }
}

impl<'a> Part<'a> {
    fn read(
        file: &'a ElfFile<'_>,
        maps: &[PlacedMap],
        symbol: &'a Symbol,
        first_extern: &mut Option<ReadError>,
    ) -> Result<Self, ReadError> {
        let section = file.section_name(symbol.section);
        let code = file.section(symbol.section).map_or(&[][..], |section| section.data);
        let end = symbol.value.saturating_add(symbol.size);
        let range = usize::try_from(symbol.value).ok().zip(usize::try_from(end).ok());
        let bytes = range
            .filter(|(start, end)| start < end && start % Slot::LEN == 0)
            .and_then(|(start, end)| code.get(start..end))
            .and_then(|bytes| decode(bytes, file.endian).ok());
        let Some(codes) = bytes else {
            return Err(ReadError::FunctionRange {
                function: symbol.name.clone(),
                section: section.to_owned(),
                start: symbol.value,
                end,
                len: code.len(),
            });
        };
        check_core(file, section)?;
        let relocations: HashMap<u64, &Relocation> = file
            .relocations
            .iter()
            .filter(|relocation| relocation.section == symbol.section)
            .map(|relocation| (relocation.offset, relocation))
            .collect();
        let mut part = Self {
            symbol,
            items: Vec::with_capacity(codes.len()),
            targets: BTreeMap::new(),
            externs: Vec::new(),
        };
        let mut lines = Lines::of(file, section);
        let mut offset = symbol.value;
        for (index, mut code) in codes.into_iter().enumerate() {
            let reference = Referrer { file, maps, section: symbol.section, offset };
            match reference.resolve(&code, relocations.get(&offset).copied())? {
                Target::None => {}
                Target::Map(insn) => code = Code::Insn(insn),
                Target::Function(address) => {
                    part.targets.insert(index, address);
                }
                Target::Extern(symbol) => {
                    first_extern.get_or_insert_with(|| reference.extern_error(symbol));
                    part.externs.push((index, symbol));
                    code = unresolved(code);
                }
            }
            let source = lines.at(offset, index == 0);
            offset += (code.slots() * Slot::LEN) as u64;
            part.items.push(Item::new(code).with_source(source));
        }
        Ok(part)
    }
}

fn check_core(file: &ElfFile<'_>, section: &str) -> Result<(), ReadError> {
    let mut counts = file.ext.iter().flat_map(|ext| &ext.core_relocations);
    match counts.find(|(name, count)| name == section && *count > 0) {
        None => Ok(()),
        Some(&(_, count)) => Err(ReadError::CoRe { section: section.to_owned(), count }),
    }
}

/// An instruction that may refer to something.
struct Referrer<'a, 'm, 'f> {
    file: &'a ElfFile<'f>,
    maps: &'m [PlacedMap],
    section: usize,
    offset: u64,
}

enum Target<'a> {
    None,
    /// The instruction that loads the address of a map or inside its contents.
    Map(Insn),
    Function(Address),
    /// Something of the kernel.
    Extern(&'a Symbol),
}

/// An instruction that names something of the kernel, as long as no loader has looked that up.
fn unresolved(code: Code) -> Code {
    match code {
        Code::Insn(Insn::CallLocal { .. }) => Code::Insn(Insn::CallKfunc { btf_id: 0, module: 0 }),
        other => other,
    }
}

impl<'a> Referrer<'a, '_, '_> {
    fn slot(&self) -> usize {
        self.offset as usize / Slot::LEN
    }

    /// What the instruction refers to, by its relocation or, inside a section, without.
    fn resolve(&self, code: &Code, relocation: Option<&Relocation>) -> Result<Target<'a>, ReadError> {
        let Some(relocation) = relocation else {
            return match code {
                Code::Insn(Insn::CallLocal { off } | Insn::LoadImm64 { value: Imm64::Func(off), .. }) => {
                    let target = self.offset as i64 + (1 + i64::from(*off)) * SLOT_LEN;
                    self.function(self.section, target)
                }
                _ => Ok(Target::None),
            };
        };
        let misfit = || ReadError::Relocation {
            section: self.file.section_name(self.section).to_owned(),
            slot: self.slot(),
            kind: relocation.kind,
            symbol: self.symbol_name(relocation.symbol),
        };
        let symbol = self.file.symbols.get(relocation.symbol).ok_or_else(misfit)?;
        if symbol.section == elf_file::UNDEFINED {
            return Ok(Target::Extern(symbol));
        }
        let target = self.file.section(symbol.section).ok_or_else(misfit)?;
        match (relocation.kind, code) {
            // -1 for a symbol of the function itself, its slot less one for the symbol of its section.
            (R_BPF_64_32, Code::Insn(Insn::CallLocal { off })) if target.is_code() => {
                self.function(symbol.section, add(symbol.value, (i64::from(*off) + 1) * SLOT_LEN))
            }
            (R_BPF_64_64, Code::Insn(Insn::LoadImm64 { dst, value })) => {
                let addend = match value {
                    Imm64::Const(addend) => *addend as i32,
                    Imm64::MapFd(addend) | Imm64::Func(addend) => *addend,
                    _ => return Err(misfit()),
                };
                if target.is_code() {
                    return self.function(symbol.section, add(symbol.value, i64::from(addend)));
                }
                let place = add(symbol.value, i64::from(addend));
                let is_map = |map: &PlacedMap| {
                    map.section == symbol.section && (map.is_data() || map.offset as i64 == place)
                };
                let map = self.maps.iter().position(is_map).ok_or_else(misfit)?;
                let def = self.maps[map].def.as_ref().map_err(ReadError::clone)?;
                let idx = self.maps[..map].iter().filter(|map| map.def.is_ok()).count() as i32;
                let value = match def.data {
                    None => Imm64::MapIdx(idx),
                    Some(_) => Imm64::MapIdxValue { idx, off: i32::try_from(place).map_err(|_| misfit())? },
                };
                Ok(Target::Map(Insn::LoadImm64 { dst: *dst, value }))
            }
            _ => Err(misfit()),
        }
    }

    fn extern_error(&self, symbol: &Symbol) -> ReadError {
        ReadError::Extern {
            section: self.file.section_name(self.section).to_owned(),
            slot: self.slot(),
            symbol: symbol.name.clone(),
        }
    }

    fn function(&self, section: usize, offset: i64) -> Result<Target<'a>, ReadError> {
        let address = u64::try_from(offset).ok().map(|offset| (section, offset));
        match address.filter(|&(section, start)| self.file.function_at(section, start).is_some()) {
            Some(address) => Ok(Target::Function(address)),
            None => Err(ReadError::NoFunction {
                section: self.file.section_name(self.section).to_owned(),
                slot: self.slot(),
                target_section: self.file.section_name(section).to_owned(),
                target: offset,
            }),
        }
    }

    /// A symbol's name, or that of its section.
    fn symbol_name(&self, index: usize) -> String {
        match self.file.symbols.get(index) {
            Some(symbol) if symbol.name.is_empty() => self.file.section_name(symbol.section).to_owned(),
            Some(symbol) => symbol.name.clone(),
            None => format!("symbol {index}"),
        }
    }
}

fn add(value: u64, addend: i64) -> i64 {
    (value as i64).wrapping_add(addend)
}

/// The source lines of a section, asked for in the order of the instructions.
struct Lines<'a> {
    records: Vec<&'a LineRecord>,
    current: Option<Arc<SourceLine>>,
    next: usize,
}

impl<'a> Lines<'a> {
    fn of(file: &'a ElfFile<'_>, section: &str) -> Self {
        let blocks = file.ext.iter().flat_map(|ext| &ext.line_info);
        let mut records: Vec<&LineRecord> =
            blocks.filter(|block| block.section == section).flat_map(|block| &block.records).collect();
        records.sort_by_key(|record| record.offset);
        Self { records, current: None, next: 0 }
    }

    /// The line of the instruction at an offset. A line doesn't reach from one function into the next.
    fn at(&mut self, offset: u64, first_of_function: bool) -> Option<Arc<SourceLine>> {
        if first_of_function {
            self.current = None;
            self.next = self.records.partition_point(|record| u64::from(record.offset) < offset);
        }
        while let Some(record) =
            self.records.get(self.next).filter(|record| u64::from(record.offset) <= offset)
        {
            self.next += 1;
            // Line 0 is the compiler's word for "no line of the source".
            self.current = (record.line != 0).then(|| {
                Arc::new(SourceLine {
                    file: Cow::Owned(record.file.clone()),
                    line: record.line,
                    column: record.column,
                    text: Cow::Owned(record.text.trim().to_owned()),
                })
            });
        }
        self.current.clone()
    }
}
