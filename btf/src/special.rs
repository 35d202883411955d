//! What the kernel looks for in types of values by name: locks, timers, pointers that it counts.

use std::fmt;

use crate::kind::{Kind, TypeId};
use crate::parse::Btf;

/// The structs that the kernel looks for in map values by their names.
///
/// Source: `kernel/bpf/btf.c`, `btf_get_field_type`.
const KNOWN_STRUCTS: &[&str] = &[
    "bpf_spin_lock",
    "bpf_res_spin_lock",
    "bpf_timer",
    "bpf_wq",
    "bpf_task_work",
    "bpf_list_head",
    "bpf_list_node",
    "bpf_rb_root",
    "bpf_rb_node",
    "bpf_refcount",
];

/// How many types are looked at in one value.
const MAX_PARTS: u32 = 4096;

/// Something in a type that the kernel treats as more than bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpecialPart {
    /// A struct of the kernel's with this name.
    Struct(String),
    /// A pointer with this tag.
    Pointer(String),
    /// Perhaps: the type is made of more than is looked at.
    Unknown,
}

impl fmt::Display for SpecialPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Struct(name) => write!(f, "a `struct {name}`"),
            Self::Pointer(tag) => write!(f, "a pointer with the tag `{tag}`"),
            Self::Unknown => f.write_str("more than is looked at"),
        }
    }
}

impl Btf {
    /// The first part of a type that the kernel knows by its type, where it stands in a map.
    pub fn special_part(&self, id: TypeId) -> Option<SpecialPart> {
        special_part(self, id)
    }
}

fn special_part(btf: &Btf, id: TypeId) -> Option<SpecialPart> {
    let mut open = vec![id];
    for _ in 0..MAX_PARTS {
        let id = open.pop()?;
        match btf.get(id) {
            Some(Kind::Struct { name, .. }) if KNOWN_STRUCTS.contains(&name.as_str()) => {
                return Some(SpecialPart::Struct(name.clone()));
            }
            Some(Kind::Struct { members, .. } | Kind::Union { members, .. }) => {
                open.extend(members.iter().map(|member| member.ty));
            }
            Some(Kind::Array { element, .. }) => open.push(*element),
            Some(Kind::Ptr { to }) => {
                if let Some(tag) = tag_of(btf, *to) {
                    return Some(SpecialPart::Pointer(tag.to_owned()));
                }
            }
            Some(
                Kind::Typedef { to, .. }
                | Kind::Volatile { to }
                | Kind::Const { to }
                | Kind::Restrict { to }
                | Kind::TypeTag { to, .. }
                | Kind::Var { ty: to, .. },
            ) => open.push(*to),
            Some(Kind::DataSec { vars, .. }) => open.extend(vars.iter().map(|var| var.var)),
            _ => {}
        }
    }
    Some(SpecialPart::Unknown)
}

/// How many qualifiers of one pointer are looked at; damaged BTF may run in circles.
const MAX_QUALIFIERS: u32 = 32;

/// The first tag on the way from a pointer to what it leads to.
fn tag_of(btf: &Btf, mut id: TypeId) -> Option<&str> {
    for _ in 0..MAX_QUALIFIERS {
        match btf.get(id)? {
            Kind::TypeTag { name, .. } => return Some(name),
            Kind::Volatile { to } | Kind::Const { to } | Kind::Restrict { to } => id = *to,
            _ => return None,
        }
    }
    None
}
