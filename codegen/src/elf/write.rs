//! The sections, symbols and relocations of an object.

use std::collections::HashMap;

use knockwright_asm::{Endian, Slot};
use object::write::{Object, Relocation, SectionId, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionKind, SymbolFlags, SymbolKind,
    SymbolScope, elf,
};

use super::data::DataSection;
use super::error::WriteError;
use super::functions::{Body, Functions, Reference, is_global};
use super::maps::SharedMap;
use crate::btf::{self, Builder, Ext, FuncRecord, Kind, LineRecord, SectionRecords, TypeId};

/// The section of functions that are no programs.
pub(super) const TEXT: &str = ".text";

/// Writes the object. `sections` names the section of each entry.
pub(super) fn write(
    functions: &Functions<'_>,
    sections: &[&str],
    maps: &[SharedMap<'_>],
    license: &str,
    endian: Endian,
) -> Result<Vec<u8>, WriteError> {
    let mut out = Writer::new(functions, endian);
    let text = (!functions.subprograms.is_empty()).then(|| out.code_section(TEXT));
    let mut codes: Vec<(usize, &Body<'_>)> = Vec::new();
    for body in &functions.subprograms {
        codes.push((text.unwrap_or(0), body));
    }
    for (body, name) in functions.entries.iter().zip(sections) {
        codes.push((out.code_section(name), body));
    }
    if !license.is_empty() {
        out.license(license);
    }
    out.maps(maps)?;
    // The symbols of functions come before the code, which refers to them.
    let placed: Vec<Placed<'_>> = codes.iter().map(|&(section, body)| out.place(section, body)).collect();
    for function in &placed {
        out.code(function)?;
    }
    out.debug(&placed)?;
    Ok(out.object.write()?)
}

/// A section of code while it fills up.
struct CodeSection {
    name: String,
    id: SectionId,
    /// The number of slots placed.
    slots: usize,
}

/// A function with its place in the object.
struct Placed<'a> {
    section: usize,
    slot: usize,
    body: &'a Body<'a>,
}

struct Writer<'a> {
    object: Object<'static>,
    endian: Endian,
    btf: Builder,
    sections: Vec<CodeSection>,
    /// For each subprogram its slot in `.text`, its symbol and whether that's global.
    subprograms: HashMap<&'a str, Subprogram>,
    /// The symbol that instructions name each map by.
    maps: HashMap<&'a str, SymbolId>,
}

#[derive(Clone, Copy)]
struct Subprogram {
    slot: usize,
    symbol: Option<SymbolId>,
    global: bool,
}

impl<'a> Writer<'a> {
    fn new(functions: &'a Functions<'a>, endian: Endian) -> Self {
        let endianness = match endian {
            Endian::Little => Endianness::Little,
            Endian::Big => Endianness::Big,
        };
        let mut slot = 0;
        let mut subprograms = HashMap::new();
        for body in &functions.subprograms {
            let subprogram = Subprogram { slot, symbol: None, global: is_global(body.function) };
            subprograms.insert(body.function.name.as_str(), subprogram);
            slot += body.slots.len();
        }
        Self {
            object: Object::new(BinaryFormat::Elf, Architecture::Bpf, endianness),
            endian,
            btf: Builder::new(),
            sections: Vec::new(),
            subprograms,
            maps: HashMap::new(),
        }
    }

    /// The index of the code section with a name, which is new at its first use.
    fn code_section(&mut self, name: &str) -> usize {
        if let Some(index) = self.sections.iter().position(|section| section.name == name) {
            return index;
        }
        let id = self.object.add_section(Vec::new(), name.as_bytes().to_vec(), SectionKind::Text);
        self.sections.push(CodeSection { name: name.to_owned(), id, slots: 0 });
        self.sections.len() - 1
    }

    fn license(&mut self, license: &str) {
        let id = self.object.add_section(Vec::new(), b"license".to_vec(), SectionKind::Data);
        // Exactly one NUL and no padding: aya reads the whole section as one C string.
        let bytes = [license.as_bytes(), b"\0"].concat();
        self.object.append_section_data(id, &bytes, 1);
    }

    fn maps(&mut self, maps: &'a [SharedMap<'a>]) -> Result<(), WriteError> {
        let mut vars = Vec::new();
        let mut section = None;
        for map in maps {
            if let (Some(place), Some(data)) = (&map.data, &map.def.data) {
                self.data(map, place, data);
                continue;
            }
            let object = &mut self.object;
            let id = *section
                .get_or_insert_with(|| object.add_section(Vec::new(), b".maps".to_vec(), SectionKind::Data));
            let var = btf::map::add_map(&mut self.btf, map.def).map_err(|reason| WriteError::Map {
                program: map.program.to_owned(),
                map: map.def.name.clone(),
                reason,
            })?;
            let offset = self.object.append_section_data(id, &vec![0; var.size as usize], 8);
            // `Dynamic` is STV_DEFAULT, `Linkage` STV_HIDDEN, which libbpf takes for a static map and refuses.
            let symbol = self.data_symbol(map.symbol(), SymbolScope::Dynamic, id, offset, var.size);
            self.maps.insert(&map.def.name, symbol);
            vars.push(btf::SectionVar { var: var.var, offset: offset as u32, size: var.size });
        }
        if !vars.is_empty() {
            let size = vars.iter().map(|var| var.size).sum();
            self.btf.add(Kind::DataSec { name: ".maps".to_owned(), size, vars });
        }
        Ok(())
    }

    /// Writes a map's contents as a section with one variable: bytes.
    fn data(&mut self, map: &'a SharedMap<'a>, place: &DataSection, data: &[u8]) {
        let id = self.object.add_section(Vec::new(), place.name.as_bytes().to_vec(), place.kind);
        match place.kind {
            SectionKind::UninitializedData => self.object.append_section_bss(id, data.len() as u64, 8),
            _ => self.object.append_section_data(id, data, 8),
        };
        let size = data.len() as u32;
        let (scope, linkage) = match place.is_global {
            true => (SymbolScope::Dynamic, btf::Linkage::Global),
            false => (SymbolScope::Compilation, btf::Linkage::Static),
        };
        self.data_symbol(&place.symbol, scope, id, 0, size);
        // Addresses inside are relocated against the section: cilium/ebpf ignores a distance from any other symbol.
        let symbol = self.object.section_symbol(id);
        self.maps.insert(&map.def.name, symbol);
        let byte = self.btf.add_kernel_int("__u8", 1, btf::IntEncoding::UNSIGNED);
        let mut ty = self.btf.add_array(byte, size);
        if place.kind == SectionKind::ReadOnlyData {
            ty = self.btf.add(Kind::Const { to: ty });
        }
        let var = self.btf.add(Kind::Var { name: place.symbol.clone(), ty, linkage });
        let vars = vec![btf::SectionVar { var, offset: 0, size }];
        self.btf.add(Kind::DataSec { name: place.name.clone(), size, vars });
    }

    fn data_symbol(
        &mut self,
        name: &str,
        scope: SymbolScope,
        section: SectionId,
        offset: u64,
        size: u32,
    ) -> SymbolId {
        self.object.add_symbol(Symbol {
            name: name.as_bytes().to_vec(),
            value: offset,
            size: u64::from(size),
            kind: SymbolKind::Data,
            scope,
            weak: false,
            section: SymbolSection::Section(section),
            flags: SymbolFlags::None,
        })
    }

    /// Gives a function its place and its symbol.
    fn place(&mut self, section: usize, body: &'a Body<'a>) -> Placed<'a> {
        let slot = self.sections[section].slots;
        self.sections[section].slots += body.slots.len();
        let symbol = self.object.add_symbol(Symbol {
            name: body.function.name.as_bytes().to_vec(),
            value: (slot * Slot::LEN) as u64,
            size: (body.slots.len() * Slot::LEN) as u64,
            kind: SymbolKind::Text,
            // An entry has to be global for libbpf, whatever the program says.
            scope: match self.sections[section].name != TEXT || is_global(body.function) {
                true => SymbolScope::Dynamic,
                false => SymbolScope::Compilation,
            },
            weak: false,
            section: SymbolSection::Section(self.sections[section].id),
            flags: SymbolFlags::None,
        });
        if let Some(subprogram) = self.subprograms.get_mut(body.function.name.as_str()) {
            subprogram.symbol = Some(symbol);
        }
        Placed { section, slot, body }
    }

    /// Writes a function's code and the relocations of its references.
    fn code(&mut self, placed: &Placed<'_>) -> Result<(), WriteError> {
        let section = self.sections[placed.section].id;
        let mut slots = placed.body.slots.clone();
        for &(index, reference) in &placed.body.references {
            let Some(slot) = slots.get_mut(index) else {
                continue;
            };
            let here = placed.slot + index;
            if let Some((symbol, r_type)) = self.resolve(placed, here, reference, slot) {
                let relocation = Relocation {
                    offset: (here * Slot::LEN) as u64,
                    symbol,
                    // The addend stands in the immediate. Given here, it would be written over the opcode.
                    addend: 0,
                    flags: RelocationFlags::Elf { r_type },
                };
                self.object.add_relocation(section, relocation)?;
            }
        }
        let bytes: Vec<u8> = slots.iter().flat_map(|slot| slot.to_bytes(self.endian)).collect();
        self.object.append_section_data(section, &bytes, Slot::LEN as u64);
        Ok(())
    }

    /// Sets the immediate of a referring instruction and says which relocation it needs besides.
    fn resolve(
        &mut self,
        placed: &Placed<'_>,
        here: usize,
        reference: Reference<'_>,
        slot: &mut Slot,
    ) -> Option<(SymbolId, elf::RelocationType)> {
        match reference {
            Reference::Map(name) => Some((*self.maps.get(name)?, elf::R_BPF_64_64)),
            Reference::Data(name, offset) => {
                slot.imm = offset;
                Some((*self.maps.get(name)?, elf::R_BPF_64_64))
            }
            Reference::Call(name) => {
                let target = *self.subprograms.get(name)?;
                if self.sections[placed.section].name == TEXT {
                    slot.imm = (target.slot as i64 - here as i64 - 1) as i32;
                    return None;
                }
                if target.global {
                    slot.imm = -1;
                    return Some((target.symbol?, elf::R_BPF_64_32));
                }
                slot.imm = target.slot as i32 - 1;
                Some((self.text_symbol()?, elf::R_BPF_64_32))
            }
            // Loaders agree on this form alone, in `.text` too.
            Reference::Callback(name) => {
                slot.imm = (self.subprograms.get(name)?.slot * Slot::LEN) as i32;
                Some((self.text_symbol()?, elf::R_BPF_64_64))
            }
        }
    }

    fn text_symbol(&mut self) -> Option<SymbolId> {
        let text = self.sections.iter().find(|section| section.name == TEXT)?;
        Some(self.object.section_symbol(text.id))
    }

    /// Writes `.BTF` and `.BTF.ext`.
    fn debug(&mut self, placed: &[Placed<'_>]) -> Result<(), WriteError> {
        let mut ext = Ext::default();
        for (index, section) in self.sections.iter().enumerate() {
            let mut funcs = Vec::new();
            let mut lines = Vec::new();
            for function in placed.iter().filter(|function| function.section == index) {
                let start = (function.slot * Slot::LEN) as u32;
                funcs.push(FuncRecord {
                    offset: start,
                    ty: func_type(&mut self.btf, function.body, section.name == TEXT)?,
                });
                lines.extend(
                    function
                        .body
                        .lines
                        .iter()
                        .map(|line| LineRecord { offset: start + line.offset, ..line.clone() }),
                );
            }
            ext.func_info.push(SectionRecords { section: section.name.clone(), records: funcs });
            ext.line_info.push(SectionRecords { section: section.name.clone(), records: lines });
        }
        let ext = ext.encode(&mut self.btf, self.endian);
        for (name, bytes) in [(".BTF", self.btf.finish(self.endian)), (".BTF.ext", ext)] {
            let id = self.object.add_section(Vec::new(), name.as_bytes().to_vec(), SectionKind::Other);
            self.object.append_section_data(id, &bytes, 4);
        }
        Ok(())
    }
}

/// The type of a function: what its prototype says, or the usual one.
fn func_type(btf: &mut Builder, body: &Body<'_>, subprogram: bool) -> Result<TypeId, WriteError> {
    match &body.function.prototype {
        Some(prototype) => btf::signature::add_prototype(btf, body.function, prototype).map_err(|reason| {
            let (program, function) = (body.program.to_owned(), body.function.name.clone());
            WriteError::FunctionName { program, function, reason }
        }),
        None if subprogram => Ok(btf::signature::add_numbers(btf, body.function)),
        None => Ok(btf::signature::add_entry(btf, &body.function.name, body.prog_type)),
    }
}
