//! Sections of variables: that the object has what its types say of them, and structs of functions.

use knockwright_asm::linux::errno::{EINVAL, ENOENT, EOPNOTSUPP};

use super::{STRUCTS, Taken, looked_at, refuse};
use crate::btf::{Btf, Kind, Linkage, SectionVar, TypeId};
use crate::elf_file::{ElfFile, STB_GLOBAL, STB_WEAK, STT_OBJECT, Symbol};

/// The symbol of a variable that others see.
fn symbol<'a>(file: &'a ElfFile<'_>, name: &str) -> Option<&'a Symbol> {
    file.symbols.iter().find(|symbol| {
        symbol.kind == STT_OBJECT && matches!(symbol.binding, STB_GLOBAL | STB_WEAK) && symbol.name == name
    })
}

/// That each section of variables is there, and each of its variables that others see.
pub(super) fn fixed(file: &ElfFile<'_>) -> Taken {
    let Some(btf) = file.btf.as_deref() else { return Ok(()) };
    for (_, kind) in btf.iter() {
        let Kind::DataSec { name, size, vars } = kind else { continue };
        if matches!(name.as_str(), ".kconfig" | ".ksyms") {
            continue;
        }
        let section = file.sections.iter().find(|section| section.name == *name);
        if *size == 0 && section.is_none_or(|section| section.header.sh_size == 0) {
            return refuse(
                ENOENT,
                format!("sec '{name}': its BTF has variables of it, and it's empty or missing"),
            );
        }
        for var in vars {
            match btf.get(var.var) {
                Some(Kind::Var { name: variable, linkage: Linkage::Global, .. }) => {
                    if symbol(file, variable).is_none() {
                        let why = format!("sec '{name}': failed to find ELF symbol for VAR '{variable}'");
                        return refuse(ENOENT, why);
                    }
                }
                Some(Kind::Var { .. }) => {}
                _ => return refuse(EINVAL, format!("sec '{name}': unexpected non-VAR type found")),
            }
        }
    }
    Ok(())
}

/// The variables of the first section of a name in the object's types, by their places, which compilers leave to the symbols.
pub(super) fn of_section(file: &ElfFile<'_>, btf: &Btf, section: &str) -> Option<Vec<SectionVar>> {
    let (size, mut vars) = btf.iter().find_map(|(_, kind)| match kind {
        Kind::DataSec { name, size, vars } if name == section => Some((*size, vars.clone())),
        _ => None,
    })?;
    if size == 0 {
        place_by_symbols(file, btf, &mut vars);
    }
    vars.sort_by_key(|var| var.offset);
    Some(vars)
}

/// Puts global variables where their symbols are: compilers leave the places of sections out.
pub(in crate::read) fn place_by_symbols(file: &ElfFile<'_>, btf: &Btf, vars: &mut [SectionVar]) {
    for var in vars {
        let Some(Kind::Var { name, linkage: Linkage::Global, .. }) = btf.get(var.var) else { continue };
        if let Some(symbol) = symbol(file, name) {
            var.offset = symbol.value as u32;
        }
    }
}

/// The type of a variable, without what changes nothing.
pub(super) fn type_of(btf: &Btf, var: TypeId) -> Option<&Kind> {
    match btf.get(var)? {
        Kind::Var { ty, .. } => btf.get(btf.resolve(*ty)),
        _ => None,
    }
}

/// The structs of functions.
pub(super) fn structs(file: &ElfFile<'_>) -> Taken {
    let Some(btf) = file.btf.as_deref() else { return Ok(()) };
    for name in STRUCTS {
        let found = looked_at(file).find(|(_, section)| section.name == name && section.is_progbits());
        let Some((_, section)) = found.filter(|(_, section)| section.header.sh_size > 0) else { continue };
        let Some(vars) = of_section(file, btf, name) else {
            return refuse(EINVAL, format!("struct_ops init: DATASEC {name} not found"));
        };
        for var in vars {
            match type_of(btf, var.var) {
                Some(Kind::Struct { name: structure, size, .. }) if !structure.is_empty() => {
                    if u64::from(var.offset) + u64::from(*size) > section.header.sh_size {
                        let why =
                            format!("struct_ops init: a {structure} is beyond the end of DATASEC {name}");
                        return refuse(EINVAL, why);
                    }
                }
                Some(kind) if kind.name().is_empty() => {
                    return refuse(EOPNOTSUPP, "struct_ops init: anonymous type is not supported");
                }
                Some(kind) => {
                    return refuse(EINVAL, format!("struct_ops init: {} is not a struct", kind.name()));
                }
                None => return refuse(EINVAL, format!("struct_ops init: no type of a variable in {name}")),
            }
        }
    }
    Ok(())
}
