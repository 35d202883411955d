//! The types that an object says its maps and functions have.

use std::sync::Arc;

use knockwright_asm::{DataType, Extent, ExternKind, ProgType, Prototype, TypeRef};

use super::link::func_info;
use crate::btf::map::Part;
use crate::btf::{Btf, Builder, Kind, Linkage, signature};
use crate::elf_file::{ElfFile, Symbol};

/// A map's key or value; `None` if it has a type without a size.
pub(super) fn extent(btf: Option<&Arc<Btf>>, part: Part) -> Option<Extent> {
    match (part, btf) {
        (Part::Bytes(size), _) => Some(Extent::Bytes(size)),
        (Part::Typed(id), Some(btf)) => {
            btf.size(id)?;
            Some(Extent::Typed(DataType::Btf(TypeRef::new(Arc::clone(btf), id))))
        }
        _ => Some(Extent::Bytes(0)),
    }
}

/// What a function takes and gives, if the object says it.
pub(super) fn prototype(file: &ElfFile<'_>, symbol: &Symbol) -> Option<Prototype> {
    let (btf, id, _) = func_info(file, symbol)?;
    Prototype::of_func(btf, id)
}

/// The same of an entry; `None` where it's the usual of its program type.
pub(super) fn entry(file: &ElfFile<'_>, symbol: &Symbol, prog_type: ProgType) -> Option<Prototype> {
    let mut usual = Builder::new();
    let func = signature::add_entry(&mut usual, &symbol.name, prog_type);
    let usual = Prototype::of_func(&Arc::new(usual.build()), func);
    prototype(file, symbol).filter(|prototype| usual.as_ref() != Some(prototype))
}

/// What the object says of something of the kernel.
pub(super) fn extern_kind(btf: Option<&Arc<Btf>>, name: &str) -> ExternKind {
    let found = || {
        let btf = btf?;
        let is_function =
            |kind: &Kind| matches!(kind, Kind::Func { name: of, linkage: Linkage::Extern, .. } if of == name);
        if let Some((id, _)) = btf.iter().find(|(_, kind)| is_function(kind)) {
            return Prototype::of_func(btf, id).map(ExternKind::Function);
        }
        let variable = |kind: &Kind| match kind {
            Kind::Var { name: of, ty, .. } if of == name => Some(TypeRef::new(Arc::clone(btf), *ty)),
            _ => None,
        };
        let (id, ty) = btf.iter().find_map(|(id, kind)| Some((id, variable(kind)?)))?;
        btf.iter().find_map(|(_, kind)| match kind {
            Kind::DataSec { name, vars, .. } if vars.iter().any(|var| var.var == id) => match name.as_str() {
                ".ksyms" => Some(ExternKind::Variable(ty.clone())),
                ".kconfig" => Some(ExternKind::Config(ty.clone())),
                _ => None,
            },
            _ => None,
        })
    };
    found().unwrap_or(ExternKind::Unknown)
}
