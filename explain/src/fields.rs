//! The members of a map's value, by their offsets.

use knockwright_asm::btf::{Btf, Kind, TypeId};
use knockwright_asm::{Extent, Program, TypeRef};

use crate::diagnosis::Field;

/// The members of a type that are no structs themselves, with the names of the structs around them. None where the type has
/// parts that aren't told apart by names and offsets alone: pointers, unions, enums, bit fields.
pub(crate) fn fields(ty: &TypeRef) -> Vec<Field> {
    let mut found = Vec::new();
    if ty.is_plain() {
        collect(ty.btf(), ty.id(), "", 0, &mut found);
    }
    found
}

fn collect(btf: &Btf, id: TypeId, name: &str, offset: u32, found: &mut Vec<Field>) {
    let mut leaf = |elements| {
        let size = btf.size(id).unwrap_or(0);
        found.push(Field { name: name.to_owned(), offset, size, elements });
    };
    match btf.get(btf.resolve(id)) {
        Some(Kind::Struct { members, .. }) => {
            for member in members {
                let name =
                    if name.is_empty() { member.name.clone() } else { format!("{name}.{}", member.name) };
                collect(btf, member.ty, &name, offset + member.bit_offset / 8, found);
            }
        }
        // An array of structs stands for itself, with the whole array's extent beside.
        Some(Kind::Array { len, .. }) => leaf(Some(*len)),
        _ => leaf(None),
    }
}

/// The type of a map's value, by the map's name, or by the size of its value if only one map has it.
pub(crate) fn value_type(program: &Program, map: Option<&str>, size: Option<i128>) -> Option<TypeRef> {
    let typed = |extent: &Extent| extent.data_type()?.to_btf().ok();
    if let Some(name) = map {
        // The kernel keeps 15 bytes of a name.
        let same = |full: &str| full == name || name.len() == 15 && full.starts_with(name);
        return program.maps.iter().find(|map| same(&map.name)).and_then(|map| typed(&map.value));
    }
    let mut sized = program.maps.iter().filter(|map| Some(i128::from(map.value.size())) == size);
    let only = sized.next()?;
    if sized.next().is_some() { None } else { typed(&only.value) }
}
