//! What aya, libbpf, cilium/ebpf and the kernel want of an object, rule by rule, checked on the bytes with another ELF
//! reader than ours.

mod support;

use goblin::elf::header::{ELFCLASS64, EM_BPF, ET_REL};
use goblin::elf::section_header::{
    SHF_ALLOC, SHF_EXECINSTR, SHT_NOBITS, SHT_PROGBITS, SHT_REL, SHT_RELA, SHT_SYMTAB, SectionHeader,
};
use goblin::elf::sym::{STB_GLOBAL, STB_LOCAL, STT_FUNC, STT_OBJECT, STT_SECTION, STV_DEFAULT};
use goblin::elf::{Elf, Reloc, Sym};
use knockwright_asm::opcode::{self, pseudo};
use knockwright_asm::{Code, Endian, Imm64, Insn, Reg, Slot};
use knockwright_codegen::btf::{Btf, Ext, Kind, Linkage, TypeId};
use knockwright_codegen::{Object, WriteError};
use support::{knock, pass, prints_constant};

const R_BPF_64_64: u32 = 1;
const R_BPF_64_32: u32 = 10;

/// An object with what its parts are.
struct Read {
    bytes: Vec<u8>,
}

impl Read {
    fn knock() -> Self {
        Self { bytes: Object::new().program(&knock()).finish().unwrap() }
    }

    fn elf(&self) -> Elf<'_> {
        Elf::parse(&self.bytes).unwrap()
    }

    fn section(&self, name: &str) -> SectionHeader {
        let elf = self.elf();
        let found =
            elf.section_headers.iter().find(|header| elf.shdr_strtab.get_at(header.sh_name) == Some(name));
        found.unwrap_or_else(|| panic!("no section {name}")).clone()
    }

    fn data(&self, name: &str) -> &[u8] {
        &self.bytes[self.section(name).file_range().unwrap()]
    }

    fn symbol(&self, name: &str) -> Sym {
        let elf = self.elf();
        let found = elf.syms.iter().find(|sym| elf.strtab.get_at(sym.st_name) == Some(name));
        found.unwrap_or_else(|| panic!("no symbol {name}"))
    }

    fn section_of(&self, symbol: &Sym) -> String {
        let elf = self.elf();
        let header = &elf.section_headers[symbol.st_shndx];
        elf.shdr_strtab.get_at(header.sh_name).unwrap().to_owned()
    }

    /// The relocations of a section with their symbols.
    fn relocations(&self, section: &str) -> Vec<(Reloc, Sym)> {
        let elf = self.elf();
        let name = format!(".rel{section}");
        let table = elf
            .shdr_relocs
            .iter()
            .find(|(index, _)| elf.shdr_strtab.get_at(elf.section_headers[*index].sh_name) == Some(&name));
        let relocations = table.into_iter().flat_map(|(_, table)| table.iter());
        relocations.map(|relocation| (relocation, elf.syms.get(relocation.r_sym).unwrap())).collect()
    }

    fn slots(&self, section: &str) -> Vec<Slot> {
        let slots = self.data(section).chunks_exact(Slot::LEN);
        assert!(slots.remainder().is_empty());
        slots.map(|slot| Slot::from_bytes(slot.try_into().unwrap(), Endian::Little)).collect()
    }

    fn btf(&self) -> Btf {
        Btf::parse(self.data(".BTF"), Endian::Little).unwrap()
    }

    fn ext(&self) -> Ext {
        Ext::parse(self.data(".BTF.ext"), &self.btf(), Endian::Little).unwrap()
    }
}

#[test]
fn header_is_relocatable_bpf_of_64_bits_with_one_symbol_table() {
    let object = Read::knock();
    let elf = object.elf();
    assert_eq!(elf.header.e_ident[4], ELFCLASS64);
    assert_eq!((elf.header.e_type, elf.header.e_machine), (ET_REL, EM_BPF));
    assert_eq!(elf.section_headers.iter().filter(|header| header.sh_type == SHT_SYMTAB).count(), 1);
}

#[test]
fn relocations_have_no_addends_and_link_to_symbols_and_section() {
    let object = Read::knock();
    let elf = object.elf();
    assert!(elf.section_headers.iter().all(|header| header.sh_type != SHT_RELA));
    let tables: Vec<_> = elf.section_headers.iter().filter(|header| header.sh_type == SHT_REL).collect();
    assert!(!tables.is_empty());
    for table in tables {
        assert_eq!(table.sh_entsize, 16);
        assert_eq!(elf.section_headers[table.sh_link as usize].sh_type, SHT_SYMTAB);
        let target = &elf.section_headers[table.sh_info as usize];
        assert_ne!(target.sh_flags & u64::from(SHF_EXECINSTR), 0);
    }
}

#[test]
fn program_section_is_allocated_code_aligned_to_slots() {
    let object = Read::knock();
    for name in ["xdp", ".text"] {
        let header = object.section(name);
        assert_eq!(header.sh_type, SHT_PROGBITS);
        assert_eq!(header.sh_flags, u64::from(SHF_ALLOC | SHF_EXECINSTR));
        assert_eq!(header.sh_addralign, 8);
    }
}

#[test]
fn program_section_can_be_named() {
    let (first, second) = (pass("first"), pass("second"));
    let bytes = Object::new().program_in(&first, "xdp.frags").program(&second).finish().unwrap();
    let object = Read { bytes };
    assert_eq!(object.section_of(&object.symbol("first")), "xdp.frags");
    assert_eq!(object.section_of(&object.symbol("second")), "xdp");
}

#[test]
fn program_symbol_is_a_global_function_of_exact_size() {
    let object = Read::knock();
    let symbol = object.symbol("knock");
    assert_eq!((symbol.st_type(), symbol.st_bind()), (STT_FUNC, STB_GLOBAL));
    assert_eq!(symbol.st_visibility(), STV_DEFAULT);
    assert_eq!(object.section_of(&symbol), "xdp");
    assert_eq!((symbol.st_value, symbol.st_size), (0, 19 * 8));
    assert_eq!(object.section("xdp").sh_size, symbol.st_size);
}

#[test]
fn programs_of_one_section_stand_one_after_the_other() {
    let (first, second) = (pass("first"), pass("second"));
    let object = Read { bytes: Object::new().program(&first).program(&second).finish().unwrap() };
    let (first, second) = (object.symbol("first"), object.symbol("second"));
    assert_eq!(first.st_shndx, second.st_shndx);
    assert_eq!((first.st_value, first.st_size, second.st_value, second.st_size), (0, 16, 16, 16));
}

#[test]
fn subprograms_cover_text_without_gaps() {
    let object = Read::knock();
    let mut symbols = ["step", "limit", "tick"].map(|name| object.symbol(name));
    symbols.sort_by_key(|symbol| symbol.st_value);
    let mut end = 0;
    for symbol in &symbols {
        assert_eq!(object.section_of(symbol), ".text");
        assert_eq!(symbol.st_type(), STT_FUNC);
        assert_eq!(symbol.st_value, end);
        end += symbol.st_size;
    }
    assert_eq!(object.section(".text").sh_size, end);
    assert_eq!(symbols.map(|symbol| symbol.st_bind()), [STB_LOCAL, STB_GLOBAL, STB_LOCAL]);
}

#[test]
fn call_of_a_static_function_is_relocated_against_the_text_section() {
    let object = Read::knock();
    let (_, symbol) = object.relocations("xdp")[1];
    assert_eq!((symbol.st_type(), object.section_of(&symbol).as_str()), (STT_SECTION, ".text"));
    let (relocation, _) = object.relocations("xdp")[1];
    assert_eq!((relocation.r_type, relocation.r_offset), (R_BPF_64_32, 8 * 8));
    let slot = object.slots("xdp")[8];
    let offset = object.symbol("step").st_value as i32;
    assert_eq!((slot.opcode, slot.src, slot.off, slot.imm), (opcode::CALL, pseudo::CALL, 0, offset / 8 - 1));
}

#[test]
fn call_of_a_global_function_is_relocated_against_its_symbol() {
    let object = Read::knock();
    let (relocation, symbol) = object.relocations("xdp")[2];
    assert_eq!((relocation.r_type, relocation.r_offset), (R_BPF_64_32, 10 * 8));
    assert_eq!(symbol, object.symbol("limit"));
    let slot = object.slots("xdp")[10];
    assert_eq!((slot.opcode, slot.src, slot.off, slot.imm), (opcode::CALL, pseudo::CALL, 0, -1));
}

#[test]
fn call_inside_text_is_relative_without_relocation() {
    let object = Read::knock();
    assert_eq!(object.relocations(".text"), []);
    let here = object.symbol("step").st_value as i32 / 8 + 1;
    let slot = object.slots(".text")[here as usize];
    assert_eq!((slot.opcode, slot.src), (opcode::CALL, pseudo::CALL));
    assert_eq!(here + 1 + slot.imm, object.symbol("limit").st_value as i32 / 8);
}

#[test]
fn callback_is_relocated_against_the_text_section_with_its_offset_in_bytes() {
    let object = Read::knock();
    let (relocation, symbol) = object.relocations("xdp")[3];
    assert_eq!((relocation.r_type, relocation.r_offset), (R_BPF_64_64, 12 * 8));
    assert_eq!((symbol.st_type(), object.section_of(&symbol).as_str()), (STT_SECTION, ".text"));
    let slots = object.slots("xdp");
    assert_eq!((slots[12].opcode, slots[12].src), (opcode::LD_IMM64, pseudo::FUNC));
    assert_eq!(slots[12].imm, object.symbol("tick").st_value as i32);
    assert_eq!(slots[13], Slot::default());
}

#[test]
fn map_symbols_are_visible_objects_over_zeros_and_alone_in_their_section() {
    let object = Read::knock();
    assert!(object.data(".maps").iter().all(|&byte| byte == 0));
    let elf = object.elf();
    let section = object.symbol("config_map").st_shndx;
    let symbols: Vec<Sym> = elf.syms.iter().filter(|symbol| symbol.st_shndx == section).collect();
    assert_eq!(symbols.len(), knock().maps.len());
    for symbol in symbols {
        assert_eq!((symbol.st_type(), symbol.st_bind()), (STT_OBJECT, STB_GLOBAL));
        assert!(symbol.st_size > 0 && symbol.st_size % 8 == 0);
    }
}

#[test]
fn map_symbols_are_not_hidden() {
    let object = Read::knock();
    for map in &knock().maps {
        assert_eq!(object.symbol(&map.name).st_visibility(), STV_DEFAULT);
    }
}

#[test]
fn map_address_is_relocated_against_the_symbol_over_zeros() {
    let object = Read::knock();
    let (relocation, symbol) = object.relocations("xdp")[0];
    assert_eq!((relocation.r_type, relocation.r_offset), (R_BPF_64_64, 3 * 8));
    assert_eq!(symbol, object.symbol("ip_tracking_map"));
    let slots = object.slots("xdp");
    assert_eq!((slots[3].opcode, slots[3].dst, slots[3].src, slots[3].imm), (opcode::LD_IMM64, 1, 0, 0));
    assert_eq!(slots[4], Slot::default());
}

#[test]
fn address_inside_a_map_value_is_refused() {
    let mut program = knock();
    program.items[3].code =
        Code::Insn(Insn::LoadImm64 { dst: Reg::R1, value: Imm64::MapIdxValue { idx: 1, off: 8 } });
    let error = Object::new().program(&program).finish().unwrap_err();
    assert!(
        matches!(&error, WriteError::MapValue { map, site } if map == "config_map" && site.slot == 3),
        "{error}"
    );
}

#[test]
fn licence_is_one_string_with_one_nul() {
    for license in ["GPL", "Dual MIT/GPL"] {
        let mut program = pass("pass");
        program.license = license.to_owned();
        let object = Read { bytes: Object::new().program(&program).finish().unwrap() };
        assert_eq!(object.data("license"), [license.as_bytes(), b"\0"].concat());
    }
}

#[test]
fn btf_has_a_plain_header_and_no_gaps() {
    let object = Read::knock();
    let header = object.section(".BTF");
    assert_eq!((header.sh_type, header.sh_addralign), (SHT_PROGBITS, 4));
    let data = object.data(".BTF");
    assert_eq!(data[..4], [0x9f, 0xeb, 1, 0]);
    let field = |index: usize| u32::from_le_bytes(data[4 + index * 4..][..4].try_into().unwrap());
    let [header_len, type_off, type_len, str_off, str_len] = [0, 1, 2, 3, 4].map(field);
    assert_eq!((header_len, type_off, str_off), (24, 0, type_len));
    assert_eq!(24 + type_len + str_len, data.len() as u32);
    assert_eq!((data[24 + type_len as usize], data.last()), (0, Some(&0)));
}

/// The section of the maps' variables.
fn maps_datasec(btf: &Btf) -> (u32, Vec<knockwright_codegen::btf::SectionVar>) {
    let found = btf.iter().find_map(|(_, kind)| match kind {
        Kind::DataSec { name, size, vars } if name == ".maps" => Some((*size, vars.clone())),
        _ => None,
    });
    found.expect("a DATASEC of the maps")
}

#[test]
fn datasec_is_filled_in() {
    let object = Read::knock();
    let (size, vars) = maps_datasec(&object.btf());
    assert_eq!(u64::from(size), object.section(".maps").sh_size);
    let mut end = 0;
    for slot in vars {
        assert_eq!(slot.offset, end);
        end += slot.size;
    }
    assert_eq!(end, size);
}

#[test]
fn map_variables_are_global_at_their_symbols() {
    let object = Read::knock();
    let btf = object.btf();
    for slot in maps_datasec(&btf).1 {
        let Some(Kind::Var { name, linkage, .. }) = btf.get(slot.var) else {
            panic!("no variable");
        };
        let symbol = object.symbol(name);
        assert_eq!(*linkage, Linkage::Global);
        assert_eq!((u64::from(slot.offset), u64::from(slot.size)), (symbol.st_value, symbol.st_size));
    }
}

/// The members of a map's definition: the length of the array or the type that each points to.
fn definition(btf: &Btf, map: &str) -> Vec<(String, Result<u32, TypeId>)> {
    let ty = btf.iter().find_map(|(_, kind)| match kind {
        Kind::Var { name, ty, .. } if name == map => Some(*ty),
        _ => None,
    });
    let Some(Kind::Struct { members, .. }) = btf.get(ty.expect("a variable")) else {
        panic!("no struct");
    };
    let member = |member: &knockwright_codegen::btf::Field| {
        let Some(Kind::Ptr { to }) = btf.get(member.ty) else {
            panic!("no pointer");
        };
        match btf.get(*to) {
            Some(Kind::Array { len, .. }) => (member.name.clone(), Ok(*len)),
            _ => (member.name.clone(), Err(*to)),
        }
    };
    members.iter().map(member).collect()
}

#[test]
fn map_definitions_have_known_members_only() {
    let object = Read::knock();
    let btf = object.btf();
    let names = |map| {
        let members = definition(&btf, map);
        members.into_iter().map(|(name, number)| (name, number.ok())).collect::<Vec<_>>()
    };
    let own = |members: &[(&str, Option<u32>)]| {
        members.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect::<Vec<_>>()
    };
    assert_eq!(
        names("ip_tracking_map"),
        own(&[("type", Some(1)), ("key", None), ("value", None), ("max_entries", Some(10_000))])
    );
    assert_eq!(
        names("raw"),
        own(&[
            ("type", Some(9)),
            ("key_size", Some(16)),
            ("value_size", Some(12)),
            ("max_entries", Some(64))
        ])
    );
    assert_eq!(names("events"), own(&[("type", Some(27)), ("max_entries", Some(4096))]));
    assert_eq!(names("preallocated")[4], ("map_flags".to_owned(), Some(1)));
}

#[test]
fn functions_have_linkage_and_named_parameters() {
    let object = Read::knock();
    let btf = object.btf();
    let func = |wanted: &str| {
        let found = btf.iter().find_map(|(_, kind)| match kind {
            Kind::Func { name, proto, linkage } if name == wanted => Some((*linkage, *proto)),
            _ => None,
        });
        let (linkage, proto) = found.expect("a function");
        let Some(Kind::FuncProto { params, .. }) = btf.get(proto) else {
            panic!("no prototype");
        };
        (linkage, params.clone())
    };
    let (linkage, params) = func("knock");
    assert_eq!((linkage, params.len(), params[0].name.as_str()), (Linkage::Global, 1, "ctx"));
    let Some(Kind::Ptr { to }) = btf.get(params[0].ty) else {
        panic!("no pointer");
    };
    assert!(matches!(btf.get(*to), Some(Kind::Struct { name, size: 24, .. }) if name == "xdp_md"));
    assert_eq!(func("limit").0, Linkage::Global);
    let (linkage, params) = func("tick");
    assert_eq!(linkage, Linkage::Static);
    assert_eq!(params.iter().map(|param| param.name.as_str()).collect::<Vec<_>>(), ["index", "context"]);
}

/// The lengths of the header of `.BTF.ext` and of its records, `tools/lib/bpf/libbpf_internal.h`.
const EXT_HEADER_LEN: u32 = 32;
const FUNC_RECORD_LEN: u32 = 8;
const LINE_RECORD_LEN: u32 = 16;

#[test]
fn btf_ext_has_exact_records_in_one_block_a_section() {
    let object = Read::knock();
    let data = object.data(".BTF.ext");
    assert_eq!(object.section(".BTF.ext").sh_addralign, 4);
    let field = |offset: usize| u32::from_le_bytes(data[offset..][..4].try_into().unwrap());
    assert_eq!(data[..4], [0x9f, 0xeb, 1, 0]);
    let [header_len, func_off, func_len, line_off, line_len] = [4, 8, 12, 16, 20].map(field);
    assert_eq!((header_len, func_off, line_off), (EXT_HEADER_LEN, 0, func_len));
    assert_eq!(EXT_HEADER_LEN + func_len + line_len, data.len() as u32);
    let record_lens = [0, func_len].map(|at| field((EXT_HEADER_LEN + at) as usize));
    assert_eq!(record_lens, [FUNC_RECORD_LEN, LINE_RECORD_LEN]);
    let ext = object.ext();
    let sections = |names: Vec<&String>| assert_eq!(names, [".text", "xdp"]);
    sections(ext.func_info.iter().map(|block| &block.section).collect());
    sections(ext.line_info.iter().map(|block| &block.section).collect());
}

#[test]
fn every_function_has_a_func_info_at_its_start() {
    let object = Read::knock();
    let (btf, ext) = (object.btf(), object.ext());
    let mut names = Vec::new();
    for block in &ext.func_info {
        assert_eq!(block.records[0].offset, 0);
        assert!(block.records.is_sorted_by(|a, b| a.offset < b.offset));
        for record in &block.records {
            let name = btf.get(record.ty).unwrap().name().to_owned();
            assert_eq!(u64::from(record.offset), object.symbol(&name).st_value);
            names.push(name);
        }
    }
    assert_eq!(names, ["step", "limit", "tick", "knock"]);
}

#[test]
fn every_function_starts_with_a_line_record_and_none_splits_an_instruction() {
    for program in [knock(), {
        let mut program = knock();
        program.items.iter_mut().for_each(|item| item.source = None);
        program
    }] {
        let object = Read { bytes: Object::new().program(&program).finish().unwrap() };
        let ext = object.ext();
        for (funcs, lines) in ext.func_info.iter().zip(&ext.line_info) {
            assert!(lines.records.is_sorted_by(|a, b| a.offset < b.offset));
            for func in &funcs.records {
                assert!(lines.records.iter().any(|line| line.offset == func.offset));
            }
            let slots = object.slots(&lines.section);
            for line in &lines.records {
                let slot = line.offset as usize / 8;
                assert!(slot < slots.len());
                assert!(
                    slot == 0 || slots[slot - 1].opcode != opcode::LD_IMM64,
                    "in the middle of an ld_imm64"
                );
                assert_ne!((line.file.as_str(), line.text.as_str()), ("", ""));
            }
        }
    }
}

#[test]
fn instructions_of_one_line_share_a_record() {
    let object = Read::knock();
    let ext = object.ext();
    let lines: Vec<(u32, u32)> =
        ext.line_info[1].records.iter().map(|line| (line.offset / 8, line.line)).collect();
    assert_eq!(lines, [(0, 10), (6, 11), (7, 12), (11, 13), (17, 14)]);
}

#[test]
fn line_and_column_share_a_number() {
    let object = Read::knock();
    let data = object.data(".BTF.ext");
    let field = |offset: usize| u32::from_le_bytes(data[offset..][..4].try_into().unwrap());
    let line_info = EXT_HEADER_LEN as usize + field(12) as usize;
    let first_record = line_info + 4 + 8; // the length of records, then the section's name and their count
    assert_eq!(field(first_record + 12), 20 << 10 | 5);
}

#[test]
fn source_text_is_ascii() {
    let mut program = pass("pass");
    program.items[0].source = support::source(1, "let ü = →;\t// x");
    let object = Read { bytes: Object::new().program(&program).finish().unwrap() };
    assert_eq!(object.ext().line_info[0].records[0].text, "let ? = ?; // x");
}

#[test]
fn there_are_no_empty_data_sections() {
    let object = Read::knock();
    let elf = object.elf();
    for header in &elf.section_headers {
        let name = elf.shdr_strtab.get_at(header.sh_name).unwrap();
        assert!(![".data", ".rodata", ".bss"].contains(&name));
    }
}

#[test]
fn contents_of_maps_are_sections_with_one_variable() {
    let object = Read { bytes: Object::new().program(&prints_constant()).finish().unwrap() };
    assert_eq!(object.data(".rodata.texts"), b"bye\0hello\0");
    assert_eq!(object.section(".rodata.texts").sh_flags, u64::from(SHF_ALLOC));
    assert_eq!(object.data(".data.counters"), [1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!((object.section(".bss").sh_type, object.section(".bss").sh_size), (SHT_NOBITS, 16));
    let btf = object.btf();
    // Every object may have variables in `.bss`: a name that others see would clash where they are linked.
    let sections = [
        (".rodata.texts", "texts", STB_GLOBAL),
        (".data.counters", "counters", STB_GLOBAL),
        (".bss", "bss", STB_LOCAL),
    ];
    for (section, symbol, bind) in sections {
        let found = btf.iter().find_map(|(_, kind)| match kind {
            Kind::DataSec { name, size, vars } if name == section => Some((*size, vars.clone())),
            _ => None,
        });
        let (size, vars) = found.expect("a DATASEC");
        let symbol = object.symbol(symbol);
        assert_eq!((symbol.st_type(), symbol.st_bind(), symbol.st_value), (STT_OBJECT, bind, 0));
        assert_eq!(
            (u64::from(size), vars.len(), u64::from(vars[0].size)),
            (symbol.st_size, 1, symbol.st_size)
        );
    }
}

#[test]
fn address_inside_contents_is_relocated_against_the_section_with_its_offset() {
    let object = Read { bytes: Object::new().program(&prints_constant()).finish().unwrap() };
    let (relocation, symbol) = object.relocations("xdp")[0];
    assert_eq!((relocation.r_type, relocation.r_offset), (R_BPF_64_64, 0));
    assert_eq!((symbol.st_type(), object.section_of(&symbol).as_str()), (STT_SECTION, ".rodata.texts"));
    let slots = object.slots("xdp");
    assert_eq!((slots[0].src, slots[0].imm, slots[1]), (0, 4, Slot::default()));
}

#[test]
fn big_endian_objects_differ_in_byte_order_alone() {
    let big = Object::new().program(&knock()).endian(Endian::Big).finish().unwrap();
    let elf = Elf::parse(&big).unwrap();
    assert!(!elf.little_endian);
    assert_eq!(elf.header.e_machine, EM_BPF);
    let programs = knockwright_codegen::read::programs(&big).unwrap();
    let little = Object::new().program(&knock()).finish().unwrap();
    assert_eq!(programs, knockwright_codegen::read::programs(&little).unwrap());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let other = pass("other");
    let write = || Object::new().program(&knock()).program(&other).finish().unwrap();
    assert_eq!(write(), write());
}

#[test]
fn a_raw_slot_is_written_as_it_is() {
    let slot = Slot { opcode: 0xff, dst: 11, src: 15, off: -2, imm: 7 };
    let mut program = pass("pass");
    program.items.insert(0, support::item(Insn::Exit));
    program.items[0].code = Code::Raw(slot);
    let object = Read { bytes: Object::new().program(&program).finish().unwrap() };
    assert_eq!(object.slots("xdp")[0], slot);
}
