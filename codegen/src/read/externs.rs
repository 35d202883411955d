//! Functions and variables of the kernel that a program names, looked up in the kernel's types as libbpf does.

use knockwright_asm::{Code, HelperId, Imm64, Insn, Item};

use super::ReadError;
use super::link::Linked;
use crate::btf::core::{CoreError, KernelTypes, essential_name};
use crate::btf::{Btf, Kind, Linkage, TypeId};
use crate::elf_file::{ElfFile, STB_LOCAL, STB_WEAK, Symbol};

/// What a name stands for on a kernel.
enum Found {
    /// The type with this number.
    Is(TypeId),
    /// Nothing, and the program copes with that.
    Nothing,
    /// It can't be told by types.
    Unknown,
}

/// The first of the numbers that libbpf gives to helpers that no kernel has, where a program calls a function that isn't
/// there.
const MISSING_FUNCTION: i32 = 2_002_000_000;

/// Why loaders refuse a whole object for a name of the kernel's, whichever of its programs is wanted.
pub(super) fn refusal(file: &ElfFile<'_>, kernel: &KernelTypes) -> Option<ReadError> {
    let btf = file.btf.as_deref()?;
    let is_extern = |symbol: &&Symbol| symbol.section == 0 && symbol.binding != STB_LOCAL;
    file.symbols.iter().filter(is_extern).find_map(|symbol| {
        let why = find(btf, &symbol.name, symbol.binding == STB_WEAK, kernel).err()?;
        Some(ReadError::NotInKernel { symbol: symbol.name.clone(), why })
    })
}

/// Puts the kernel's numbers where a program names functions and variables of the kernel. What can't be looked up stays.
pub(super) fn look_up(file: &ElfFile<'_>, linked: &mut Linked<'_>, kernel: &KernelTypes) {
    let Some(btf) = file.btf.as_deref() else {
        return;
    };
    let (externs, mut left) = (std::mem::take(&mut linked.externs), Vec::new());
    for one in externs {
        match find(btf, &one.name, one.weak, kernel) {
            Ok(Found::Unknown) | Err(_) => left.push(one),
            Ok(found) => {
                let missing = MISSING_FUNCTION + index(btf, &one.name);
                for &index in &one.uses {
                    if let Some(item) = linked.items.get_mut(index) {
                        put(item, &found, missing);
                    }
                }
            }
        }
    }
    let is_left = |error: &ReadError| match error {
        ReadError::Extern { symbol, .. } => left.iter().any(|one| one.name == *symbol),
        _ => true,
    };
    linked.faults.retain(|(_, error)| is_left(error));
    linked.externs = left;
}

/// Puts what was found into an instruction.
fn put(item: &mut Item, found: &Found, missing: i32) {
    let id = match found {
        Found::Is(id) => Some(id.0 as i32),
        _ => None,
    };
    item.code = Code::Insn(match (item.code, id) {
        (Code::Insn(Insn::CallKfunc { .. }), Some(btf_id)) => Insn::CallKfunc { btf_id, module: 0 },
        (Code::Insn(Insn::CallKfunc { .. }), None) => Insn::CallHelper { helper: HelperId::new(missing) },
        (Code::Insn(Insn::LoadImm64 { dst, .. }), Some(id)) => {
            Insn::LoadImm64 { dst, value: Imm64::BtfId { id, module_fd: 0 } }
        }
        (Code::Insn(Insn::LoadImm64 { dst, .. }), None) => Insn::LoadImm64 { dst, value: Imm64::Const(0) },
        _ => return,
    });
}

/// What a name stands for, or why loaders refuse the object.
fn find(btf: &Btf, name: &str, weak: bool, kernel: &KernelTypes) -> Result<Found, NotInKernel> {
    let Some((local, found)) = declared(btf, name).and_then(|declared| match declared {
        Declared::Function(proto) => {
            let found = kernel.function(essential_name(name));
            Some((proto, found.and_then(|id| proto_of(kernel.btf(), id).map(|proto| (id, proto)))))
        }
        Declared::Variable(ty) => {
            let ty = btf.resolve(ty);
            // What has no type is looked up by its address, in the table of symbols.
            btf.get(ty)?;
            let found = kernel.variable(name);
            Some((ty, found.and_then(|id| type_of(kernel.btf(), id).map(|ty| (id, ty)))))
        }
    }) else {
        return Ok(Found::Unknown);
    };
    let Some((id, ty)) = found else {
        return match (kernel.has_modules(), weak) {
            (true, _) => Ok(Found::Unknown),
            (false, true) => Ok(Found::Nothing),
            (false, false) => Err(NotInKernel::Absent),
        };
    };
    match (kernel.fits(btf, local, ty), weak && matches!(kernel.btf().get(id), Some(Kind::Func { .. }))) {
        (Ok(true), _) => Ok(Found::Is(id)),
        (_, true) => Ok(Found::Nothing),
        (Ok(false), false) => Err(NotInKernel::OtherType),
        (Err(error), false) => Err(NotInKernel::Types(error)),
    }
}

/// Why a name of the kernel's can't be what an object says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotInKernel {
    /// There is no such function or variable.
    #[error("the kernel has none")]
    Absent,
    /// It has another type.
    #[error("the kernel's has another type")]
    OtherType,
    /// The types can't be compared.
    #[error(transparent)]
    Types(CoreError),
}

/// What an object says of a name, with its type.
enum Declared {
    Function(TypeId),
    Variable(TypeId),
}

fn declared(btf: &Btf, name: &str) -> Option<Declared> {
    let function = btf.iter().find_map(|(_, kind)| match kind {
        Kind::Func { name: of, linkage: Linkage::Extern, proto } if of == name => {
            Some(Declared::Function(*proto))
        }
        _ => None,
    });
    function.or_else(|| {
        let (var, ty) = btf.iter().find_map(|(id, kind)| match kind {
            Kind::Var { name: of, ty, linkage: Linkage::Extern } if of == name => Some((id, *ty)),
            _ => None,
        })?;
        let is_symbol = |(_, kind): (TypeId, &Kind)| match kind {
            Kind::DataSec { name, vars, .. } => name == ".ksyms" && vars.iter().any(|slot| slot.var == var),
            _ => false,
        };
        btf.iter().any(is_symbol).then_some(Declared::Variable(ty))
    })
}

fn proto_of(btf: &Btf, func: TypeId) -> Option<TypeId> {
    if let Some(Kind::Func { proto, .. }) = btf.get(func) { Some(*proto) } else { None }
}

fn type_of(btf: &Btf, var: TypeId) -> Option<TypeId> {
    if let Some(Kind::Var { ty, .. }) = btf.get(var) { Some(btf.resolve(*ty)) } else { None }
}

/// The place of a name among those that libbpf counts: what comes from the configuration, then the others by name.
fn index(btf: &Btf, name: &str) -> i32 {
    let (mut config, mut symbols) = (0, Vec::new());
    for (_, kind) in btf.iter() {
        let Kind::DataSec { name, vars, .. } = kind else {
            continue;
        };
        match name.as_str() {
            ".kconfig" => config += vars.len(),
            ".ksyms" => symbols.extend(vars.iter().filter_map(|slot| btf.get(slot.var)).map(Kind::name)),
            _ => {}
        }
    }
    symbols.sort_unstable();
    let place = symbols.iter().position(|symbol| *symbol == name).unwrap_or(0);
    (config + place) as i32
}
