//! What an object says of a program besides its code and maps, as libbpf gives it to the kernel with them: attach type, flags,
//! and the object's BTF.

use knockwright_asm::linux::AttachType;
use knockwright_asm::linux::prog_type::{HAS_FRAGS, SLEEPABLE};
use knockwright_asm::{Endian, Slot};
use knockwright_btf::{KernelRecords, MapTypes, SectionVar};

use super::kconfig::{self, Setting};
use super::link::{Linked, func_info, is_hidden};
use super::maps::PlacedMap;
use super::refused::place_by_symbols;
use crate::btf::{Builder, IntEncoding, Kind, Linkage, Param, TypeId};
use crate::elf_file::{ElfFile, Symbol};
use crate::kernel_records::push;
use crate::section_name::Tells;

/// What goes to the kernel with a program of an object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Carried {
    /// What it's to be attached to as, if its section's name says it.
    pub attach_type: Option<AttachType>,
    /// Program flags, `BPF_F_*`.
    pub flags: u32,
    /// The object's BTF as loaders give it to a kernel that knows all of it, with the records of the program's functions and
    /// lines; `None` if the object has none.
    pub records: Option<KernelRecords>,
    /// The types of the program's maps, in their order, by their numbers in the BTF.
    pub map_types: Vec<Option<MapTypes>>,
    /// What the program is for, by its number in the kernel's BTF, if it was looked up there.
    pub target: Option<u32>,
    /// Of a function in a struct of the kernel's, the index of the struct's member, which goes to the kernel as the attach type.
    pub member: Option<u32>,
}

impl Carried {
    /// The flags that a section's name stands for.
    pub(super) fn flags(tells: &[Tells]) -> u32 {
        let flag = |tells: &Tells| match tells {
            Tells::Sleepable => SLEEPABLE,
            Tells::Frags => HAS_FRAGS,
            _ => 0,
        };
        tells.iter().map(flag).fold(0, |flags, flag| flags | flag)
    }

    /// Whether what a section's name tells comes with the program.
    pub(super) fn has(&self, tells: Tells) -> bool {
        match tells {
            Tells::AttachType => self.attach_type.is_some(),
            Tells::Target => self.target.is_some(),
            Tells::Sleepable | Tells::Frags => true,
            Tells::Unknown => false,
        }
    }
}

/// The records of a program that was linked, and the BTF: the object's types with the strings of the program's lines.
pub(super) fn records(file: &ElfFile<'_>, types: &Builder, linked: &Linked<'_>) -> KernelRecords {
    let mut btf = types.clone();
    let (mut of_functions, mut of_lines) = (Vec::new(), Vec::new());
    // Without a record of its entry a program has none at all.
    let typed = linked.symbols.first().is_some_and(|entry| func_info(file, entry).is_some());
    let mut slot = 0;
    let ends = linked.functions.iter().skip(1).map(|function| function.start).chain([linked.items.len()]);
    for ((symbol, function), end) in linked.symbols.iter().zip(&linked.functions).zip(ends) {
        if let Some((_, id, _)) = func_info(file, symbol).filter(|_| typed) {
            push(&mut of_functions, [slot, id.0]);
        }
        for (offset, [file_name, text, line_col]) in lines(file, symbol, &mut btf) {
            push(&mut of_lines, [slot + offset, file_name, text, line_col]);
        }
        let items = linked.items.get(function.start..end).unwrap_or_default();
        slot += items.iter().map(|item| item.code.slots() as u32).sum::<u32>();
    }
    KernelRecords { btf: btf.finish(Endian::NATIVE), func_info: of_functions, line_info: of_lines }
}

/// The records of a function's lines: the slot counted in the function, and the rest of each as the kernel takes it.
fn lines(file: &ElfFile<'_>, symbol: &Symbol, btf: &mut Builder) -> Vec<(u32, [u32; 3])> {
    let section = file.section_name(symbol.section);
    let end = symbol.value.saturating_add(symbol.size);
    let blocks = file.ext.iter().flat_map(|ext| &ext.line_info).filter(|block| block.section == section);
    let own = |offset: u32| (symbol.value..end).contains(&u64::from(offset));
    let mut lines = Vec::new();
    for line in blocks.flat_map(|block| &block.records).filter(|line| own(line.offset)) {
        let slot = (line.offset - symbol.value as u32) / Slot::LEN as u32;
        let (name, text) = (btf.string(&line.file), btf.string(&line.text));
        lines.push((slot, [name, text, line.line_col()]));
    }
    lines
}

/// The types of the maps that a program has.
pub(super) fn map_types(maps: &[PlacedMap]) -> Vec<Option<MapTypes>> {
    maps.iter().filter(|map| map.def.is_ok()).map(|map| map.types.clone()).collect()
}

/// An object's types as loaders give them to a kernel that knows all kinds: sections of variables with their sizes and the
/// places in them, hidden functions as static ones, and what is the kernel's own as something that isn't.
pub(super) fn object_types(file: &ElfFile<'_>) -> Option<Builder> {
    let btf = file.btf.as_deref()?;
    let mut out = Builder::of(btf);
    let settings = kconfig::settings(file);
    let is_setting = |id| settings.iter().any(|setting| setting.var == id);
    for (id, kind) in btf.iter() {
        match kind {
            Kind::DataSec { name, .. } if name == kconfig::SECTION => {
                out.replace(id, config_section(&settings));
            }
            Kind::DataSec { name, .. } if name == ".ksyms" => {
                // Nothing refers to the section but its place among the types.
                let number = Kind::Int {
                    name: String::new(),
                    size: 1,
                    encoding: IntEncoding::UNSIGNED,
                    bit_offset: 0,
                    bits: 8,
                };
                out.replace(id, number);
            }
            Kind::DataSec { name, size, vars } => {
                out.replace(id, data_section(file, name, *size, vars.clone()));
            }
            Kind::Var { name, ty, linkage: Linkage::Extern } if is_setting(id) => {
                out.replace(id, Kind::Var { name: name.clone(), ty: *ty, linkage: Linkage::Global });
            }
            Kind::Var { name, linkage: Linkage::Extern, .. } => {
                let ty = out.add_int("int", 4, IntEncoding::SIGNED);
                out.replace(id, Kind::Var { name: name.clone(), ty, linkage: Linkage::Global });
            }
            Kind::Func { name, proto, linkage: Linkage::Extern } => {
                name_parameters(&mut out, btf.get(*proto), *proto);
                let linkage = Linkage::Global;
                out.replace(id, Kind::Func { name: name.clone(), proto: *proto, linkage });
            }
            Kind::Func { name, proto, linkage: Linkage::Global } if is_hidden_function(file, name) => {
                let linkage = Linkage::Static;
                out.replace(id, Kind::Func { name: name.clone(), proto: *proto, linkage });
            }
            _ => {}
        }
    }
    Some(out)
}

/// The values of the kernel's configuration, at their places in the map of them.
fn config_section(settings: &[Setting]) -> Kind {
    let var = |setting: &Setting| SectionVar { var: setting.var, offset: setting.offset, size: setting.size };
    Kind::DataSec {
        name: kconfig::SECTION.to_owned(),
        size: kconfig::size(settings),
        vars: settings.iter().map(var).collect(),
    }
}

/// Compilers leave sizes and places in sections to loaders; linkers fill them in.
fn data_section(file: &ElfFile<'_>, name: &str, size: u32, mut vars: Vec<SectionVar>) -> Kind {
    let btf = file.btf.as_deref();
    let section = file.sections.iter().find(|section| section.name == name);
    let whole = section.map_or(0, |section| u32::try_from(section.header.sh_size).unwrap_or(u32::MAX));
    if size == 0 {
        if let Some(btf) = btf {
            place_by_symbols(file, btf, &mut vars);
        }
    }
    vars.sort_by_key(|var| var.offset);
    Kind::DataSec { name: name.to_owned(), size: if size == 0 { whole } else { size }, vars }
}

/// The kernel takes no function of the program's whose parameters have no names.
fn name_parameters(out: &mut Builder, proto: Option<&Kind>, id: TypeId) {
    let Some(Kind::FuncProto { result, params }) = proto else { return };
    let is_unnamed = |param: &Param| param.ty != TypeId::VOID && param.name.is_empty();
    if !params.iter().any(is_unnamed) {
        return;
    }
    let mut params = params.clone();
    for param in params.iter_mut().filter(|param| is_unnamed(param)) {
        "arg".clone_into(&mut param.name);
    }
    out.replace(id, Kind::FuncProto { result: *result, params });
}

/// Whether a function that isn't an entry is hidden: loaders make it a static one.
fn is_hidden_function(file: &ElfFile<'_>, name: &str) -> bool {
    let is_it = |symbol: &&Symbol| symbol.name == name && file.section_name(symbol.section) == ".text";
    file.symbols.iter().find(is_it).is_some_and(is_hidden)
}
