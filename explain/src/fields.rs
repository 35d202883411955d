//! The members of a map's value, by their offsets.

use knockwright_asm::{Extent, Program, Type};

use crate::diagnosis::Field;

/// The members of a type that are no structs themselves, with the names of the structs around them.
pub(crate) fn fields(ty: &Type) -> Vec<Field> {
    let mut found = Vec::new();
    collect(ty, "", 0, &mut found);
    found
}

fn collect(ty: &Type, name: &str, offset: u32, found: &mut Vec<Field>) {
    match ty {
        Type::Struct(of) => {
            for member in of.members {
                let name =
                    if name.is_empty() { member.name.to_owned() } else { format!("{name}.{}", member.name) };
                collect(&member.ty, &name, offset + member.offset, found);
            }
        }
        Type::Array { element, len } if matches!(**element, Type::Int(_)) => {
            found.push(Field { name: name.to_owned(), offset, size: ty.size(), elements: Some(*len) })
        }
        Type::Array { element, len } => {
            // An array of structs shows the members of its first element, with the whole array's extent beside.
            found.push(Field {
                name: name.to_owned(),
                offset,
                size: element.size() * *len,
                elements: Some(*len),
            });
        }
        Type::Int(of) => found.push(Field { name: name.to_owned(), offset, size: of.size, elements: None }),
    }
}

/// The type of a map's value, by the map's name, or by the size of its value if only one map has it.
pub(crate) fn value_type<'p>(
    program: &'p Program,
    map: Option<&str>,
    size: Option<i128>,
) -> Option<&'p Type> {
    let typed = |extent: &'p Extent| match extent {
        Extent::Typed(ty) => Some(ty),
        Extent::Bytes(_) => None,
    };
    if let Some(name) = map {
        // The kernel keeps 15 bytes of a name.
        let same = |full: &str| full == name || name.len() == 15 && full.starts_with(name);
        return program.maps.iter().find(|map| same(&map.name)).and_then(|map| typed(&map.value));
    }
    let mut sized = program.maps.iter().filter(|map| Some(i128::from(map.value.size())) == size);
    let only = sized.next()?;
    if sized.next().is_some() { None } else { typed(&only.value) }
}
