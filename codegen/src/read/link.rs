//! Linking one program: its entry, the functions that it reaches, and what its instructions refer to.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use knockwright_asm::{Code, Extern, Function, Imm64, Insn, Item, Linkage, Slot, SourceLine, decode};

use super::maps::PlacedMap;
use super::refused::ARENA;
use super::relocate::{Patched, Poisoned};
use super::{ReadError, externs, types};
use crate::btf::{Btf, CoreRecord, KernelTypes, Kind, LineRecord, TypeId};
use crate::elf_file::{
    self, Address, ElfFile, R_BPF_64_32, R_BPF_64_64, Relocation, STB_LOCAL, STB_WEAK, STV_HIDDEN,
    STV_INTERNAL, Symbol, add, addend,
};

/// A program's instructions and functions.
pub(super) struct Linked<'a> {
    pub(super) items: Vec<Item>,
    pub(super) functions: Vec<Function>,
    /// The symbol of each function.
    pub(super) symbols: Vec<&'a Symbol>,
    /// What the instructions name in the kernel.
    pub(super) externs: Vec<Extern>,
    /// What can't be linked or needs a kernel, in the order of the instructions, whose indexes stand beside it. They are as
    /// the object has them.
    pub(super) faults: Vec<(usize, ReadError)>,
    /// What compilers say of values in instructions, by the index of the instruction.
    pub(super) core: Vec<(usize, &'a CoreRecord)>,
    /// The instructions that stand for something that the kernel hasn't.
    pub(super) poisoned: Vec<Poisoned>,
}

const SLOT_LEN: i64 = Slot::LEN as i64;

/// A function with its instructions, before their references are set.
struct Part<'a> {
    symbol: &'a Symbol,
    items: Vec<Item>,
    /// For the item with an index, the function that it refers to.
    targets: BTreeMap<usize, Address>,
    /// For items that name something of the kernel, its symbol.
    externs: Vec<(usize, &'a Symbol)>,
    faults: Vec<(usize, ReadError)>,
    core: Vec<(usize, &'a CoreRecord)>,
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
///
/// Its functions stand as loaders put them: each where it's first named, with what it names itself before what is named later. The
/// handler of exceptions, if there is one, comes after all of them, with what it names itself.
///
/// With the types of a kernel its CO-RE relocations are applied; without, they are faults.
///
/// # Errors
/// If the symbol leads to where no code is, or loaders refuse the program for a relocation; what else is wrong inside is among
/// [`Linked::faults`].
pub(super) fn link<'a>(
    file: &'a ElfFile<'_>,
    maps: &[PlacedMap],
    entry: &'a Symbol,
    kernel: Option<&KernelTypes>,
    handler: Option<&'a Symbol>,
) -> Result<Linked<'a>, ReadError> {
    let patched = Patched::of(file, entry, kernel)?;
    let first = Part::read(file, maps, entry, &patched)?;
    let mut seen = HashSet::from([(entry.section, entry.value)]);
    let mut parts = vec![first];
    // Those that are open last come first, as calls inside a function come before what its caller names later.
    let mut open: Vec<Address> = parts[0].targets.values().rev().copied().collect();
    let mut handler = handler.map(|symbol| (symbol.section, symbol.value));
    while let Some(address) = open.pop().or_else(|| handler.take()) {
        if !seen.insert(address) {
            continue;
        }
        // `Part::read` has made sure that a function with code starts at each target.
        let Some(symbol) = file.function_at(address.0, address.1) else { continue };
        let Ok(part) = Part::read(file, maps, symbol, &patched) else { continue };
        open.extend(part.targets.values().rev());
        parts.push(part);
    }
    let mut starts: HashMap<Address, usize> = HashMap::new();
    let mut slot = 0;
    for part in &parts {
        starts.insert(part.address(), slot);
        slot += part.items.iter().map(|item| item.code.slots()).sum::<usize>();
    }
    let mut linked = Linked {
        items: Vec::new(),
        functions: Vec::new(),
        symbols: Vec::new(),
        externs: Vec::new(),
        faults: Vec::new(),
        core: Vec::new(),
        poisoned: Vec::new(),
    };
    let typed = func_info(file, entry).is_some();
    for part in parts {
        let start = starts.get(&part.address()).copied().unwrap_or(0);
        linked.poisoned.extend(patched.poisoned_of(part.symbol, start));
        linked.add(file, part, &starts, typed);
    }
    Ok(linked)
}

impl<'a> Linked<'a> {
    /// Adds a function after those that are there.
    fn add(&mut self, file: &'a ElfFile<'_>, part: Part<'a>, starts: &HashMap<Address, usize>, typed: bool) {
        let address = part.address();
        let first = self.items.len();
        let is_entry = first == 0;
        self.symbols.push(part.symbol);
        let (linkage, prototype) = match is_entry {
            true => (Linkage::Global, None),
            false if typed => (linkage(file, part.symbol), types::prototype(file, part.symbol)),
            // The kernel knows no other without types.
            false => (Linkage::Static, types::prototype(file, part.symbol)),
        };
        let function = Function::new(&part.symbol.name, first, linkage);
        self.functions.push(function.with_prototype(prototype));
        for (index, symbol) in &part.externs {
            add_extern(&mut self.externs, file, symbol, first + index);
        }
        self.faults.extend(part.faults.into_iter().map(|(index, fault)| (first + index, fault)));
        self.core.extend(part.core.into_iter().map(|(index, record)| (first + index, record)));
        let mut slot = starts.get(&address).copied().unwrap_or(0);
        for (index, mut item) in part.items.into_iter().enumerate() {
            if let Some(target) = part.targets.get(&index) {
                let target = starts.get(target).copied().unwrap_or(0);
                refer(&mut item.code, target as i64 - slot as i64 - 1);
            }
            slot += item.code.slots();
            self.items.push(item);
        }
    }
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

/// The bytes of a function's instructions.
fn code<'a>(file: &'a ElfFile<'_>, symbol: &Symbol, patched: &'a Patched) -> Result<&'a [u8], ReadError> {
    let code = patched.code(file, symbol.section);
    let end = symbol.value.saturating_add(symbol.size);
    let range = usize::try_from(symbol.value).ok().zip(usize::try_from(end).ok());
    let bytes = range
        .filter(|(start, end)| start < end && start % Slot::LEN == 0 && end % Slot::LEN == 0)
        .and_then(|(start, end)| code.get(start..end));
    bytes.ok_or_else(|| ReadError::FunctionRange {
        function: symbol.name.clone(),
        section: file.section_name(symbol.section).to_owned(),
        start: symbol.value,
        end,
        len: code.len(),
    })
}

impl<'a> Part<'a> {
    fn address(&self) -> Address {
        (self.symbol.section, self.symbol.value)
    }

    fn read(
        file: &'a ElfFile<'_>,
        maps: &[PlacedMap],
        symbol: &'a Symbol,
        patched: &Patched,
    ) -> Result<Self, ReadError> {
        let section = file.section_name(symbol.section);
        let codes = decode(code(file, symbol, patched)?, file.endian).unwrap_or_default(); // whole slots are always read
        let mut part = Self {
            symbol,
            items: Vec::with_capacity(codes.len()),
            targets: BTreeMap::new(),
            externs: Vec::new(),
            faults: Vec::new(),
            core: Vec::new(),
        };
        let core = core_records(file, symbol);
        let mut lines = Lines::of(file, section);
        let mut offset = symbol.value;
        for (index, mut code) in codes.into_iter().enumerate() {
            let reference = Referrer { file, maps, patched, section: symbol.section, offset };
            match reference.resolve(&code, file.relocation_at(symbol.section, offset)) {
                Ok(Target::None) => {}
                Ok(Target::Map(insn)) => code = Code::Insn(insn),
                Ok(Target::Function(address)) => {
                    part.targets.insert(index, address);
                }
                Ok(Target::Extern(symbol)) => {
                    part.faults.push((index, reference.extern_error(symbol)));
                    part.externs.push((index, symbol));
                    code = unresolved(code);
                }
                Err(error) => part.faults.push((index, error)),
            }
            if let Some(records) = core.get(&offset) {
                part.core.extend(records.iter().map(|record| (index, *record)));
            }
            let source = lines.at(offset, index == 0);
            offset += (code.slots() * Slot::LEN) as u64;
            part.items.push(Item::new(code).with_source(source));
        }
        if let Some((index, _)) = part.core.first().filter(|_| !patched.is_for_a_kernel()) {
            let (section, count) = (section.to_owned(), core.values().map(Vec::len).sum::<usize>() as u32);
            part.faults.push((*index, ReadError::CoRe { section, count }));
            part.faults.sort_by_key(|(index, _)| *index);
        }
        Ok(part)
    }
}

/// The CO-RE relocations of a function, by the bytes in its section that they apply to.
fn core_records<'a>(file: &'a ElfFile<'_>, function: &Symbol) -> HashMap<u64, Vec<&'a CoreRecord>> {
    let section = file.section_name(function.section);
    let bytes = function.value..function.value.saturating_add(function.size);
    let mut records: HashMap<u64, Vec<&CoreRecord>> = HashMap::new();
    let blocks =
        file.ext.iter().flat_map(|ext| &ext.core_relocations).filter(|block| block.section == section);
    for record in blocks.flat_map(|block| &block.records) {
        let offset = u64::from(record.offset);
        if bytes.contains(&offset) {
            records.entry(offset).or_default().push(record);
        }
    }
    records
}

/// An instruction that may refer to something.
struct Referrer<'a, 'm, 'f> {
    file: &'a ElfFile<'f>,
    maps: &'m [PlacedMap],
    patched: &'m Patched,
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
                let addend = addend(value).ok_or_else(misfit)?;
                if target.is_code() {
                    return self.function(symbol.section, add(symbol.value, i64::from(addend)));
                }
                let place = add(symbol.value, i64::from(addend));
                let is_map = |map: &PlacedMap| {
                    map.section == symbol.section && (map.is_section || map.offset as i64 == place)
                };
                let map = self.maps.iter().position(is_map).ok_or_else(|| self.no_map(symbol, misfit()))?;
                let def = self.maps[map].def.as_ref().map_err(ReadError::clone)?;
                let idx = self.maps[..map].iter().filter(|map| map.def.is_ok()).count() as i32;
                let value = match self.maps[map].is_section {
                    false => Imm64::MapIdx(idx),
                    true => Imm64::MapIdxValue { idx, off: i32::try_from(place).map_err(|_| misfit())? },
                };
                debug_assert!(self.maps[map].is_section || def.data.is_none());
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
            within: externs::source(self.file.btf.as_deref(), &symbol.name),
        }
    }

    /// Why a symbol of a section of maps stands for none.
    fn no_map(&self, symbol: &Symbol, otherwise: ReadError) -> ReadError {
        match (self.file.section_name(symbol.section), &self.file.btf) {
            (".maps", None) => ReadError::MapsWithoutBtf { map: symbol.name.clone() },
            (ARENA, _) => ReadError::Arena { variable: symbol.name.clone() },
            _ => otherwise,
        }
    }

    fn function(&self, section: usize, offset: i64) -> Result<Target<'a>, ReadError> {
        let start = u64::try_from(offset).ok();
        match start.and_then(|start| self.file.function_at(section, start)) {
            Some(function) => {
                code(self.file, function, self.patched)?;
                Ok(Target::Function((section, function.value)))
            }
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
