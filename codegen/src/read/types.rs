//! Types of BTF as layouts.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use knockwright_asm::{IntType, Member, StructType, Type};

use crate::btf::{Btf, Kind, TypeId, is_kernel_typedef};

/// How many types one layout may be made of, counted as often as they occur. Without a limit, thirty structs that each
/// hold the next one twice would unfold to a billion members.
const MAX_PARTS: u32 = 4096;
/// How deep types may nest, typedefs not counted.
const MAX_DEPTH: u32 = 16;

/// The layout of a type; `None` if it holds what a layout can't express: pointers, unions, enums, bit fields, floats.
pub(super) fn layout(btf: &Btf, id: TypeId) -> Option<Type> {
    let mut parts = MAX_PARTS;
    unfold(btf, id, MAX_DEPTH, &mut parts).map(Tree::keep)
}

/// A layout that owns its parts.
#[derive(PartialEq, Eq, Hash, Clone)]
enum Tree {
    Int { name: String, size: u32, signed: bool, boolean: bool },
    Array { element: Box<Tree>, len: u32 },
    Struct { name: String, size: u32, align: u32, members: Vec<(String, u32, Tree)> },
}

/// The layouts that were read so far. A [`Type`] borrows its parts for ever, as those in programs are constants; so what is
/// read is kept, each different layout once.
static KEPT: LazyLock<Mutex<HashMap<Tree, Type>>> = LazyLock::new(Mutex::default);

impl Tree {
    fn align(&self) -> u32 {
        match self {
            Self::Int { size, .. } => *size,
            Self::Array { element, .. } => element.align(),
            Self::Struct { align, .. } => *align,
        }
    }

    fn keep(self) -> Type {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ty) = kept.get(&self) {
            return *ty;
        }
        let ty = self.clone().leak();
        kept.insert(self, ty);
        ty
    }

    fn leak(self) -> Type {
        match self {
            Self::Int { name, size, signed, boolean } => {
                Type::Int(IntType { name: name.leak(), size, signed, boolean })
            }
            Self::Array { element, len } => Type::Array { element: Box::leak(Box::new(element.leak())), len },
            Self::Struct { name, size, align, members } => {
                let member = |(name, offset, ty): (String, u32, Self)| Member {
                    name: name.leak(),
                    offset,
                    ty: ty.leak(),
                };
                let members: Vec<Member> = members.into_iter().map(member).collect();
                Type::Struct(Box::leak(Box::new(StructType {
                    name: name.leak(),
                    size,
                    align,
                    members: members.leak(),
                })))
            }
        }
    }
}

fn unfold(btf: &Btf, id: TypeId, depth: u32, parts: &mut u32) -> Option<Tree> {
    let depth = depth.checked_sub(1)?;
    *parts = parts.checked_sub(1)?;
    Some(match btf.get(btf.resolve(id))? {
        Kind::Int { name, size: size @ (1 | 2 | 4 | 8), encoding, bit_offset: 0, bits }
            if u32::from(*bits) == size * 8 =>
        {
            Tree::Int {
                name: kernel_name(btf, id, *size, encoding.signed).unwrap_or(name).to_owned(),
                size: *size,
                signed: encoding.signed,
                boolean: encoding.bool,
            }
        }
        Kind::Array { element, len, .. } => {
            // An array of more than 4 GiB has no size, and no `Type` could say it.
            btf.size(id)?;
            Tree::Array { element: Box::new(unfold(btf, *element, depth, parts)?), len: *len }
        }
        Kind::Struct { name, size, members } => {
            let mut layout = Vec::new();
            for member in members {
                if member.bit_width != 0 || member.bit_offset % 8 != 0 {
                    return None;
                }
                let ty = unfold(btf, member.ty, depth, parts)?;
                layout.push((member.name.clone(), member.bit_offset / 8, ty));
            }
            let align = layout.iter().map(|(_, _, ty)| ty.align()).max().unwrap_or(1);
            // Where a member or the end isn't aligned, the struct is packed.
            let packed = layout.iter().any(|(_, offset, ty)| offset % ty.align() != 0) || size % align != 0;
            Tree::Struct {
                name: name.clone(),
                size: *size,
                align: if packed { 1 } else { align },
                members: layout,
            }
        }
        _ => return None,
    })
}

/// The name of `linux/types.h` on the way from a type to its integer.
fn kernel_name(btf: &Btf, mut id: TypeId, size: u32, signed: bool) -> Option<&str> {
    for _ in 0..32 {
        match btf.get(id)? {
            Kind::Typedef { name, .. } if is_kernel_typedef(name, size, signed) => return Some(name),
            Kind::Typedef { to, .. }
            | Kind::Volatile { to }
            | Kind::Const { to }
            | Kind::Restrict { to }
            | Kind::TypeTag { to, .. } => id = *to,
            _ => return None,
        }
    }
    None
}
