//! Relocations: that each leads to something of its kind.

use knockwright_asm::linux::errno::{EINVAL, ESRCH};
use knockwright_asm::{Endian, MapType, ProgType};

use super::errno::{FORMAT, RELOC};
use super::map::Map;
use super::variables::{of_section, type_of};
use super::{ARENA, MAPS, SLOT, STRUCTS, Taken, is_code, is_extern, refuse};
use crate::btf::{Btf, Kind};
use crate::elf_file::{
    ElfFile, Relocation, STB_GLOBAL, STB_LOCAL, STB_WEAK, STT_FUNC, STT_SECTION, Section, Symbol, UNDEFINED,
};
use crate::read::dropped::ObjectFact;
use crate::read::maps::is_data;
use crate::section_name::{self, Tells};

/// The first of the indexes of sections that have meanings of their own.
const RESERVED: usize = 0xff00;
/// The section of jump tables.
const JUMP_TABLES: &str = ".jumptables";

// The bytes of instructions that refer to something.
const CALL: u8 = 0x85;
const LOAD_IMM64: u8 = 0x18;
/// The source register of a call of the program's own function.
const OWN_FUNCTION: u8 = 1;

/// A place in a map of maps, and what libbpf puts there.
pub(super) struct Filled {
    /// The map of maps, by its index.
    pub(super) map: usize,
    pub(super) place: u64,
    /// The map that is put there, by its index.
    pub(super) with: usize,
}

/// What maps of maps are filled with.
pub(super) fn all(file: &ElfFile<'_>, maps: &[Map<'_>]) -> Result<Vec<Filled>, ObjectFact> {
    let references = References { file, maps, programs: programs(file) };
    let mut filled = Vec::new();
    // By section, in the order of the file.
    for relocation in &file.relocations {
        let Some(section) = file.section(relocation.section) else { continue };
        match section.name.as_str() {
            name if STRUCTS.contains(&name) => references.of_struct(relocation, section)?,
            MAPS => filled.extend(references.of_map(relocation)?),
            _ if is_code(section) => references.of_code(relocation, section)?,
            _ => {}
        }
    }
    Ok(filled)
}

/// The functions that libbpf knows: those with a symbol of the type.
fn programs<'a>(file: &'a ElfFile<'_>) -> Vec<&'a Symbol> {
    let is_program = |symbol: &&Symbol| {
        symbol.kind == STT_FUNC && symbol.size > 0 && file.section(symbol.section).is_some_and(is_code)
    };
    file.symbols.iter().filter(is_program).collect()
}

struct References<'a, 'f> {
    file: &'a ElfFile<'f>,
    maps: &'a [Map<'a>],
    programs: Vec<&'a Symbol>,
}

impl<'a> References<'a, '_> {
    fn symbol(&self, relocation: &Relocation) -> Result<&'a Symbol, ObjectFact> {
        match self.file.symbols.get(relocation.symbol) {
            Some(symbol) => Ok(symbol),
            None => refuse(FORMAT, format!("symbol #{} of a relocation not found", relocation.symbol)),
        }
    }

    /// The function that an instruction is in.
    fn program_at(&self, section: usize, offset: u64) -> Option<&'a Symbol> {
        let contains = |program: &&&Symbol| {
            program.section == section
                && (program.value..program.value.saturating_add(program.size)).contains(&offset)
        };
        self.programs.iter().find(contains).copied()
    }

    fn is_text(&self, section: usize) -> bool {
        section != UNDEFINED && self.file.section_name(section) == ".text"
    }

    fn of_code(&self, relocation: &Relocation, section: &Section<'_>) -> Taken {
        let symbol = self.symbol(relocation)?;
        let offset = relocation.offset;
        if symbol.section >= self.file.sections.len() {
            let why =
                format!("sec '{}': a symbol points to invalid section {:#x}", section.name, symbol.section);
            return refuse(FORMAT, why);
        }
        let bytes = usize::try_from(offset).ok().and_then(|start| section.data.get(start..start + 2));
        let Some(&[code, registers]) = bytes.filter(|_| offset % SLOT == 0) else {
            return refuse(
                FORMAT,
                format!("sec '{}': invalid offset {offset:#x} of a relocation", section.name),
            );
        };
        // What a weak function that lost left behind.
        let Some(program) = self.program_at(relocation.section, offset) else { return Ok(()) };
        let name = match symbol.name.as_str() {
            "" => self.file.section_name(symbol.section),
            name => name,
        };
        let bad = |what: &str| refuse(RELOC, format!("prog '{}': {what} '{name}'", program.name));
        if !matches!(code, CALL | LOAD_IMM64) {
            return bad("invalid relo against");
        }
        if is_extern(symbol) {
            return if symbol.name.is_empty() { bad("no extern for") } else { Ok(()) };
        }
        if code == CALL {
            let source = match self.file.endian {
                Endian::Little => registers >> 4,
                Endian::Big => registers & 0xf,
            };
            return match () {
                () if source != OWN_FUNCTION => bad("incorrect bpf_call opcode for"),
                () if !self.is_text(symbol.section) => {
                    let why = format!(
                        "bad call relo against section '{}' for",
                        self.file.section_name(symbol.section)
                    );
                    bad(&why)
                }
                () if symbol.value % SLOT != 0 => bad("bad call relo against"),
                () => Ok(()),
            };
        }
        self.of_address(symbol, bad)
    }

    /// An instruction that loads an address: of a function, a map or a variable.
    fn of_address(&self, symbol: &Symbol, bad: impl Fn(&str) -> Taken) -> Taken {
        let Symbol { section, value, .. } = *symbol;
        if section == UNDEFINED || section >= RESERVED {
            return bad("invalid relo in a special section against");
        }
        let is_function = match symbol.kind {
            STT_SECTION => symbol.binding == STB_LOCAL,
            STT_FUNC => matches!(symbol.binding, STB_GLOBAL | STB_WEAK),
            _ => false,
        };
        if self.is_text(section) && is_function {
            return if value % SLOT == 0 { Ok(()) } else { bad("bad subprog addr relo against") };
        }
        let Some(target) = self.file.section(section) else { return Ok(()) };
        match target.name.as_str() {
            ARENA => match self.maps.iter().any(|map| map.is.map_type == MapType::Arena.number()) {
                true => Ok(()),
                false => bad("bad arena data relocation against"),
            },
            JUMP_TABLES => Ok(()),
            MAPS => match self.maps.iter().any(|map| u64::from(map.var.offset) == value) {
                true => Ok(()),
                false => bad("map relo failed to find map for"),
            },
            name if is_data(name) && target.header.sh_size > 0 => Ok(()),
            name => bad(&format!("bad map relo against section '{name}' for")),
        }
    }

    /// What is put into a map of maps or programs.
    fn of_map(&self, relocation: &Relocation) -> Result<Option<Filled>, ObjectFact> {
        let symbol = self.symbol(relocation)?;
        let (name, offset) = (&symbol.name, relocation.offset);
        let is_in = |map: &&Map<'_>| {
            let start = u64::from(map.var.offset);
            start <= offset && offset.saturating_add(8) <= start + u64::from(map.var.size)
        };
        let Some((index, map)) = self.maps.iter().enumerate().find(|(_, map)| is_in(map)) else {
            return refuse(EINVAL, format!(".maps relo: cannot find map at byte {offset} for '{name}'"));
        };
        let bad =
            |errno, what: &str| refuse(errno, format!("map '{}', .maps relo: '{name}' {what}", map.name));
        let mut with = None;
        if map.is.is_of_maps() {
            if self.file.section_name(symbol.section) != MAPS {
                return bad(RELOC, "isn't a BTF-defined map");
            }
            if map.is.map_type == MapType::HashOfMaps.number() && map.is.key_size != 4 {
                return bad(EINVAL, "is in a hash-of-maps that should have key size 4");
            }
            with = self.maps.iter().position(|map| map.name == *name);
            if with.is_none() {
                return bad(ESRCH, "isn't a valid map reference");
            }
        } else if map.is.map_type == MapType::ProgArray.number() {
            let is_it = |program: &&&Symbol| program.name == *name && !self.is_text(program.section);
            let Some(program) = self.programs.iter().find(is_it) else {
                return bad(ESRCH, "isn't a valid program reference");
            };
            if (program.section, program.value) != (symbol.section, symbol.value) {
                return bad(RELOC, "isn't an entry-point program");
            }
        } else {
            return bad(EINVAL, "is put into a map of neither maps nor programs");
        }
        let place = map.members.last().filter(|member| member.name == "values").and_then(|member| {
            (offset - u64::from(map.var.offset)).checked_sub(u64::from(member.bit_offset / 8))
        });
        match place {
            Some(place) if place % 8 == 0 => {
                Ok(with.map(|with| Filled { map: index, place: place / 8, with }))
            }
            _ => bad(EINVAL, "is put where the map has no values"),
        }
    }

    /// A program that is put into a struct of functions.
    fn of_struct(&self, relocation: &Relocation, section: &Section<'_>) -> Taken {
        let Some(btf) = self.file.btf.as_deref() else { return Ok(()) };
        let symbol = self.symbol(relocation)?;
        let refuse = |errno, why: &str| {
            refuse(
                errno,
                format!("struct_ops reloc in {} at byte {}: {why}", section.name, relocation.offset),
            )
        };
        let vars = of_section(self.file, btf, &section.name).unwrap_or_default();
        let structure = vars.iter().find_map(|var| match type_of(btf, var.var)? {
            Kind::Struct { members, size, .. } => {
                let within = relocation.offset.checked_sub(var.offset.into())?;
                (within < u64::from(*size)).then_some((members, within))
            }
            _ => None,
        });
        let Some((members, within)) = structure else { return refuse(EINVAL, "cannot find map") };
        if symbol.section >= RESERVED {
            return refuse(RELOC, "unsupported non-static function");
        }
        if symbol.value % SLOT != 0 {
            return refuse(FORMAT, "invalid target program offset");
        }
        let Some(member) = members.iter().find(|member| u64::from(member.bit_offset) == within * 8) else {
            return refuse(EINVAL, "cannot find member");
        };
        if !is_function_pointer(btf, member.ty) {
            return refuse(EINVAL, &format!("cannot relocate non func ptr {}", member.name));
        }
        match self.program_at(symbol.section, symbol.value) {
            None => refuse(EINVAL, &format!("cannot find prog to relocate func ptr {}", member.name)),
            Some(program) if !is_of_structs(self.file.section_name(program.section)) => {
                refuse(EINVAL, &format!("prog {} is not struct_ops BPF program", program.name))
            }
            Some(_) => Ok(()),
        }
    }
}

/// Whether a section is of programs for structs.
fn is_of_structs(section: &str) -> bool {
    let meaning = section_name::meaning(section);
    meaning.is_some_and(|of| of.prog_type == ProgType::StructOps && !of.tells.contains(&Tells::Unknown))
}

fn is_function_pointer(btf: &Btf, ty: crate::btf::TypeId) -> bool {
    let Some(Kind::Ptr { to }) = btf.get(btf.resolve(ty)) else { return false };
    matches!(btf.get(btf.resolve(*to)), Some(Kind::FuncProto { .. }))
}
