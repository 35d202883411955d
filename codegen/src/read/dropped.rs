//! What an object says of a program, and a [`Program`](knockwright_asm::Program) doesn't carry.
//!
//! A loader gives the kernel more than code and maps: an attach type, flags, the types of functions and of map values. Where a
//! verdict can depend on such a thing, the program that was read can't be verified in the object's name.

use std::collections::BTreeSet;
use std::fmt;

use knockwright_asm::{Code, Helper, Imm64, Insn, Item, MapType, Program};

use super::error::ReadError;
use super::link::{Linked, func_info, is_hidden};
use super::maps::PlacedMap;
use crate::btf::{Btf, Kind, Linkage, TypeId};
use crate::elf_file::{ElfFile, STB_LOCAL};
use crate::section_name::Tells;

/// Something that an object says of a program, that a verdict can depend on, and that isn't carried.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dropped {
    /// What the section's name tells besides the program type.
    Section(Tells),
    /// What the object says of a function.
    Function {
        /// The function.
        name: String,
        /// What it is.
        what: FunctionFact,
    },
    /// It names something of the kernel, which only a loader with the kernel's BTF can look up.
    Extern(ReadError),
    /// The types of a map.
    Map {
        /// The map.
        name: String,
        /// Why a verdict can depend on them.
        why: MapFact,
    },
}

/// What an object says of a function besides its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FunctionFact {
    /// It's global, and takes something other than numbers: pointers, structs.
    Parameters,
    /// It's global, and gives something other than an integer.
    Result,
    /// It's tagged, or one of its parameters is.
    Tags,
    /// It calls `bpf_tail_call` or loads with `BPF_ABS`, which the kernel allows by the type of its result.
    TailCall,
    /// The program has no types of functions, and the function does what the kernel allows only with them: it takes the
    /// address of a function or, not being the entry, does as in [`FunctionFact::TailCall`].
    Untyped,
    /// The program has types of functions, but none of this one.
    Missing,
    /// It's static and stands among the programs of a section, where libbpf takes none.
    Section,
}

/// Why a verdict can depend on the types of a map's keys and values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MapFact {
    /// The value holds something that the kernel knows by its type.
    Holds(String),
    /// The kernel makes maps of this kind only with types.
    Kind(MapType),
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Section(tells) => write!(f, "{tells} isn't carried"),
            Self::Function { name, what } => write!(f, "function `{name}`: {what}"),
            Self::Extern(error) => write!(f, "{error}"),
            Self::Map { name, why } => {
                write!(f, "map `{name}`: the types of its values aren't carried, and {why}")
            }
        }
    }
}

impl fmt::Display for FunctionFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parameters => {
                "it's global and takes more than numbers, and the types of parameters aren't carried"
            }
            Self::Result => "it's global and gives no integer, and the types of results aren't carried",
            Self::Tags => "it has a tag that the kernel knows (`decl_tag`), and tags aren't carried",
            Self::TailCall => {
                "it makes a tail call or loads with BPF_ABS, which its result's type decides on, and that isn't carried"
            }
            Self::Untyped => {
                "it takes a function's address, makes a tail call or loads with BPF_ABS, which the kernel allows only to \
                 programs with types of functions: this one has none, and that isn't carried"
            }
            Self::Missing => "the object has no type of it",
            Self::Section => "it's static and stands in a section of programs, where libbpf takes none",
        })
    }
}

impl fmt::Display for MapFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds(what) => write!(f, "there is {what} among them"),
            Self::Kind(map_type) => write!(f, "the kernel makes no {map_type} map without"),
        }
    }
}

/// What is dropped of a program that was linked, sections aside.
pub(super) fn of(file: &ElfFile<'_>, linked: &Linked<'_>, maps: &[PlacedMap]) -> Vec<Dropped> {
    let mut dropped = functions(file, linked);
    let used = used_maps(linked);
    let known = maps.iter().filter_map(|map| Some((map.def.as_ref().ok()?, map.types.as_ref()?, map)));
    for (def, why, map) in known {
        let index = maps.iter().filter(|map| map.def.is_ok()).position(|other| std::ptr::eq(other, map));
        if index.is_some_and(|index| used.contains(&index)) {
            dropped.push(Dropped::Map { name: def.name.clone(), why: why.clone() });
        }
    }
    dropped
}

/// The maps that the instructions name.
pub(super) fn used_maps(linked: &Linked<'_>) -> BTreeSet<usize> {
    let index = |item: &Item| match item.code {
        Code::Insn(Insn::LoadImm64 {
            value: Imm64::MapIdx(idx) | Imm64::MapIdxValue { idx, .. }, ..
        }) => usize::try_from(idx).ok(),
        _ => None,
    };
    linked.items.iter().filter_map(index).collect()
}

/// Leaves out the maps that a program doesn't name and that nothing but a loader with types can make: nobody needs to fail
/// over them.
pub(super) fn without_unmakable(program: &mut Program, linked_maps: &[PlacedMap], used: &BTreeSet<usize>) {
    let facts = linked_maps.iter().filter(|map| map.def.is_ok()).map(|map| map.types.as_ref());
    let mut kept = 0..;
    let numbers: Vec<Option<i32>> = facts
        .enumerate()
        .map(|(index, fact)| {
            let keep = used.contains(&index) || !matches!(fact, Some(MapFact::Kind(_)));
            if keep { kept.next() } else { None }
        })
        .collect();
    let mut of_maps = numbers.iter();
    program.maps.retain(|_| of_maps.next().is_some_and(Option::is_some));
    for item in &mut program.items {
        if let Code::Insn(Insn::LoadImm64 {
            value: Imm64::MapIdx(idx) | Imm64::MapIdxValue { idx, .. }, ..
        }) = &mut item.code
            && let Some(Some(new)) = usize::try_from(*idx).ok().and_then(|index| numbers.get(index))
        {
            *idx = *new;
        }
    }
}

fn functions(file: &ElfFile<'_>, linked: &Linked<'_>) -> Vec<Dropped> {
    let mut dropped = Vec::new();
    // Without the type of its entry a program has none at all: loaders leave out the others, and the kernel treats all
    // functions as static.
    let typed = linked.symbols.first().is_some_and(|entry| func_info(file, entry).is_some());
    for (index, (symbol, function)) in linked.symbols.iter().zip(&linked.functions).enumerate() {
        let end = linked.functions.get(index + 1).map_or(linked.items.len(), |next| next.start);
        let items = linked.items.get(function.start..end).unwrap_or_default();
        let info = func_info(file, symbol).filter(|_| typed);
        let what = match (index, info) {
            (_, None) if !typed && (takes_address(items) || index != 0 && wants_number(items)) => {
                Some(FunctionFact::Untyped)
            }
            (0, None) => None,
            (0, Some((btf, id, _))) => catches_exceptions(btf, id).then_some(FunctionFact::Tags),
            _ if symbol.binding == STB_LOCAL && file.section_name(symbol.section) != ".text" => {
                Some(FunctionFact::Section)
            }
            (_, None) if typed => Some(FunctionFact::Missing),
            (_, None) => None,
            (_, Some((btf, id, Kind::Func { proto, linkage, .. }))) => {
                let global = *linkage == Linkage::Global && !is_hidden(symbol);
                subprogram(btf, id, *proto, global, items)
            }
            (_, Some(_)) => Some(FunctionFact::Missing),
        };
        dropped.extend(what.map(|what| Dropped::Function { name: function.name.clone(), what }));
    }
    dropped
}

/// What a verdict can depend on in a subprogram's type. [`Program`] has numbers only, which is the same where numbers are
/// all that the type has, and for static functions, whose types the verifier hardly looks at.
fn subprogram(btf: &Btf, id: TypeId, proto: TypeId, global: bool, items: &[Item]) -> Option<FunctionFact> {
    let Some(Kind::FuncProto { result, params }) = btf.get(proto) else {
        return Some(FunctionFact::Missing);
    };
    match global {
        true if !params.iter().all(|param| is_number(btf, param.ty)) => Some(FunctionFact::Parameters),
        // Linux 5.10 takes no enum here.
        true if !is_integer(btf, *result) => Some(FunctionFact::Result),
        true if has_tag(btf, id, |_| true) => Some(FunctionFact::Tags),
        // `kernel/bpf/verifier.c`, `check_btf_func`: only functions that return an integer.
        _ if wants_number(items) && !is_number(btf, *result) => Some(FunctionFact::TailCall),
        _ => None,
    }
}

/// Whether code calls `bpf_tail_call` or loads from a packet as classic BPF does.
fn wants_number(items: &[Item]) -> bool {
    items.iter().any(|item| match item.code {
        Code::Insn(Insn::CallHelper { helper }) => helper == Helper::TailCall.into(),
        Code::Insn(Insn::LoadAbs { .. } | Insn::LoadInd { .. }) => true,
        _ => false,
    })
}

/// Whether code takes the address of a function, for a callback.
fn takes_address(items: &[Item]) -> bool {
    items.iter().any(|item| matches!(item.code, Code::Insn(Insn::LoadImm64 { value: Imm64::Func(_), .. })))
}

/// Whether a type is an integer of at most 8 bytes.
fn is_integer(btf: &Btf, id: TypeId) -> bool {
    matches!(btf.get(btf.resolve(id)), Some(Kind::Int { size, .. }) if *size <= 8)
}

/// Whether a type is such an integer or an enum. Those of 64 bits are left out: kernels before 6.0 don't know them.
fn is_number(btf: &Btf, id: TypeId) -> bool {
    is_integer(btf, id) || matches!(btf.get(btf.resolve(id)), Some(Kind::Enum { .. }))
}

fn has_tag(btf: &Btf, func: TypeId, which: impl Fn(&str) -> bool) -> bool {
    btf.iter().any(|(_, kind)| matches!(kind, Kind::DeclTag { name, to, .. } if *to == func && which(name)))
}

/// Whether the entry names another function for exceptions. Its other tags are notes for people and test runners.
fn catches_exceptions(btf: &Btf, entry: TypeId) -> bool {
    has_tag(btf, entry, |name| name.starts_with("exception_callback:"))
}

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

/// What a type holds that the kernel knows by its type: a lock, a timer, a tagged pointer.
pub(super) fn known_part(btf: &Btf, id: TypeId) -> Option<MapFact> {
    let mut open = vec![id];
    for _ in 0..MAX_PARTS {
        let id = open.pop()?;
        match btf.get(id) {
            Some(Kind::Struct { name, .. }) if KNOWN_STRUCTS.contains(&name.as_str()) => {
                return Some(MapFact::Holds(format!("a `struct {name}`")));
            }
            Some(Kind::Struct { members, .. } | Kind::Union { members, .. }) => {
                open.extend(members.iter().map(|member| member.ty));
            }
            Some(Kind::Array { element, .. }) => open.push(*element),
            Some(Kind::Ptr { to }) => {
                if let Some(tag) = tag_of(btf, *to) {
                    return Some(MapFact::Holds(format!("a pointer with the tag `{tag}`")));
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
    Some(MapFact::Holds("more than is looked at".to_owned()))
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

/// A program of an object as far as it can be read, and what doesn't come with it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Reading {
    /// The name of its entry.
    pub name: String,
    /// The section of its entry.
    pub section: String,
    /// The program, or why it can't be expressed.
    pub program: Result<Program, ReadError>,
    /// What the object says of it, and a verdict can depend on, that the program doesn't carry.
    pub dropped: Vec<Dropped>,
}

impl Reading {
    /// The program, if everything came with it that a verdict can depend on.
    ///
    /// # Errors
    /// What didn't, in one line that names the program and its section.
    pub fn whole(&self) -> Result<&Program, String> {
        let reason = match &self.program {
            Ok(program) if self.dropped.is_empty() => return Ok(program),
            Ok(_) => self.dropped.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            Err(error) => error.to_string(),
        };
        Err(format!("program `{}` in section {}: {reason}", self.name, self.section))
    }
}
