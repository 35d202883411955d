//! Functions, variables and values of the kernel that a program names, looked up in its types, its table of symbols and its
//! configuration as libbpf does.

use std::fmt;

use knockwright_asm::linux::errno::{EINVAL, ESRCH};
use knockwright_asm::{Code, HelperId, Imm64, Insn, Item, MapDef};
use knockwright_btf::MapTypes;

use super::ReadError;
use super::facts::{self, KernelFacts};
use super::kconfig::{self, ConfigError, Known, Setting};
use super::link::Linked;
use super::maps;
use super::relocate::{PoisonCause, Poisoned};
use crate::btf::core::{CoreError, KernelTypes, essential_name};
use crate::btf::{Btf, Kind, Linkage, TypeId};
use crate::elf_file::{ElfFile, STB_LOCAL, STB_WEAK, Symbol};

/// What a name stands for on a kernel.
enum Found {
    /// The type with this number.
    Is(TypeId),
    /// This address.
    At(u64),
    /// The value in the configuration's map at this byte.
    InConfig(u32),
    /// Nothing, and the program copes with that.
    Nothing,
    /// It can't be told by what is known of the kernel.
    Unknown,
}

/// What a name of the kernel's is looked up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Its types: functions, and variables with a type.
    Types,
    /// Its table of symbols: variables without a type.
    Symbols,
    /// Its configuration, and what libbpf makes up from its release.
    Config,
    /// The object doesn't say.
    Unknown,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Types => "the kernel's BTF",
            Self::Symbols => "the kernel's table of symbols",
            Self::Config => "the kernel's configuration and release",
            Self::Unknown => "the kernel's BTF, or its table of symbols or its configuration,",
        })
    }
}

/// What a name is looked up in.
pub(super) fn source(btf: Option<&Btf>, name: &str) -> Source {
    match btf.and_then(|btf| declared(btf, name)) {
        Some(Declared::Function(_) | Declared::Variable(_)) => Source::Types,
        Some(Declared::Address) => Source::Symbols,
        Some(Declared::Config) => Source::Config,
        None => Source::Unknown,
    }
}

/// The first of the numbers that libbpf gives to helpers that no kernel has, where a program calls a function that isn't
/// there.
const MISSING_FUNCTION: i32 = 2_002_000_000;

/// How many bytes of configuration are filled in: the sizes are numbers that anyone can write.
const MAX_CONFIG: u32 = 1 << 20;

/// Why loaders refuse a whole object for a name of the kernel's, whichever of its programs is wanted.
pub(super) fn refusal(file: &ElfFile<'_>, kernel: &KernelFacts) -> Option<ReadError> {
    let names = Names::of(file, kernel)?;
    let is_extern = |symbol: &&Symbol| symbol.section == 0 && symbol.binding != STB_LOCAL;
    file.symbols.iter().filter(is_extern).find_map(|symbol| {
        let why = names.find(&symbol.name, symbol.binding == STB_WEAK).err()?;
        Some(ReadError::NotInKernel { symbol: symbol.name.clone(), why })
    })
}

/// The map that loaders make of the kernel's configuration, and the types of it.
pub(super) struct ConfigMap {
    pub(super) def: MapDef,
    pub(super) types: Option<MapTypes>,
}

/// Puts the kernel's numbers where a program names something of the kernel. What can't be looked up stays. Where a program reads
/// the configuration, that is a map of it, which comes after its others.
pub(super) fn look_up(
    file: &ElfFile<'_>,
    linked: &mut Linked<'_>,
    kernel: &KernelFacts,
    maps: usize,
) -> Option<ConfigMap> {
    let names = Names::of(file, kernel)?;
    let (externs, mut left) = (std::mem::take(&mut linked.externs), Vec::new());
    let mut reads_config = false;
    for one in externs {
        match names.find(&one.name, one.weak) {
            Ok(Found::Unknown) | Err(_) => left.push(one),
            Ok(found) => {
                reads_config |= matches!(found, Found::InConfig(_));
                let is_nothing = matches!(found, Found::Nothing);
                let missing = if is_nothing { MISSING_FUNCTION + index(names.btf, &one.name) } else { 0 };
                let place = Place { missing, map: maps as i32 };
                for &index in &one.uses {
                    let is_call = |item: &Item| matches!(item.code, Code::Insn(Insn::CallKfunc { .. }));
                    if is_nothing && linked.items.get(index).is_some_and(is_call) {
                        let slot = linked.items.iter().take(index).map(|item| item.code.slots()).sum();
                        let (relocation, cause) = (one.name.clone(), PoisonCause::NoFunction);
                        linked.poisoned.push(Poisoned { slot, relocation, cause });
                    }
                    if let Some(item) = linked.items.get_mut(index) {
                        put(item, &found, place);
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
    reads_config.then(|| names.config_map())
}

/// What stands in instructions for what isn't by itself a number.
#[derive(Clone, Copy)]
struct Place {
    /// The helper that is called for a function that isn't there.
    missing: i32,
    /// The index of the configuration's map.
    map: i32,
}

/// Puts what was found into an instruction.
fn put(item: &mut Item, found: &Found, place: Place) {
    let id = match found {
        Found::Is(id) => Some(id.0 as i32),
        _ => None,
    };
    item.code = Code::Insn(match (item.code, id) {
        (Code::Insn(Insn::CallKfunc { .. }), Some(btf_id)) => Insn::CallKfunc { btf_id, module: 0 },
        (Code::Insn(Insn::CallKfunc { .. }), None) => {
            Insn::CallHelper { helper: HelperId::new(place.missing) }
        }
        (Code::Insn(Insn::LoadImm64 { dst, .. }), _) => {
            let value = match *found {
                Found::Is(id) => Imm64::BtfId { id: id.0 as i32, module_fd: 0 },
                Found::At(address) => Imm64::Const(address),
                Found::InConfig(offset) => Imm64::MapIdxValue { idx: place.map, off: offset as i32 },
                Found::Nothing | Found::Unknown => Imm64::Const(0),
            };
            Insn::LoadImm64 { dst, value }
        }
        _ => return,
    });
}

/// The names of an object on a kernel.
struct Names<'a> {
    file: &'a ElfFile<'a>,
    btf: &'a Btf,
    kernel: &'a KernelFacts,
    config: Vec<Setting>,
}

impl<'a> Names<'a> {
    /// Without types an object doesn't say what its names are.
    fn of(file: &'a ElfFile<'_>, kernel: &'a KernelFacts) -> Option<Self> {
        let btf = file.btf.as_deref()?;
        Some(Self { file, btf, kernel, config: kconfig::settings(file) })
    }

    /// What a name stands for, or why loaders refuse the object.
    fn find(&self, name: &str, weak: bool) -> Result<Found, NotInKernel> {
        match (declared(self.btf, name), &self.kernel.types) {
            (Some(Declared::Config), _) => self.in_config(name),
            (Some(Declared::Address), _) => self.address(name, weak),
            (Some(Declared::Function(proto)), Some(types)) => {
                let found = types.function(essential_name(name));
                let found = found.and_then(|id| proto_of(types.btf(), id).map(|ty| (id, ty)));
                let may_be_a_modules = || types.function_may_be_in_a_module(name);
                self.fitting(types, proto, found.ok_or_else(may_be_a_modules), weak)
            }
            (Some(Declared::Variable(ty)), Some(types)) => {
                let found = types.variable(name);
                let found = found.and_then(|id| type_of(types.btf(), id).map(|ty| (id, ty)));
                let variable = Kind::Var { name: name.to_owned(), ty, linkage: Linkage::Global };
                let may_be_a_modules = || types.may_be_in_a_module(&variable);
                self.fitting(types, ty, found.ok_or_else(may_be_a_modules), weak)
            }
            _ => Ok(Found::Unknown),
        }
    }

    /// What was found by a name, if its type is the one that the object says; where nothing was, whether a module may have it.
    fn fitting(
        &self,
        types: &KernelTypes,
        local: TypeId,
        found: Result<(TypeId, TypeId), bool>,
        weak: bool,
    ) -> Result<Found, NotInKernel> {
        let (id, ty) = match (found, weak) {
            (Ok(found), _) => found,
            (Err(true), _) => return Ok(Found::Unknown),
            (Err(false), true) => return Ok(Found::Nothing),
            (Err(false), false) => return Err(NotInKernel::Absent),
        };
        let copes = weak && matches!(types.btf().get(id), Some(Kind::Func { .. }));
        match (types.fits(self.btf, local, ty), copes) {
            (Ok(true), _) => Ok(Found::Is(id)),
            (_, true) => Ok(Found::Nothing),
            (Ok(false), false) => Err(NotInKernel::OtherType),
            (Err(error), false) => Err(NotInKernel::Types(error)),
        }
    }

    fn address(&self, name: &str, weak: bool) -> Result<Found, NotInKernel> {
        let found = self.kernel.symbols.as_ref().and_then(|symbols| symbols.find(name));
        match (found, weak) {
            (None, _) => Ok(Found::Unknown),
            (Some(facts::Symbol::At(address)), _) => Ok(Found::At(address)),
            (Some(facts::Symbol::Ambiguous), _) => Err(NotInKernel::Ambiguous),
            (Some(facts::Symbol::Absent), true) => Ok(Found::Nothing),
            (Some(facts::Symbol::Absent), false) => Err(NotInKernel::NoSymbol),
        }
    }

    fn in_config(&self, name: &str) -> Result<Found, NotInKernel> {
        let Some(setting) = self.config.iter().find(|setting| setting.name == name) else {
            return Ok(Found::Unknown);
        };
        if kconfig::size(&self.config) > MAX_CONFIG {
            return Ok(Found::Unknown);
        }
        match setting.on(self.kernel, self.file.endian) {
            Ok(Known::Value(_)) => Ok(Found::InConfig(setting.offset)),
            Ok(Known::Nothing) => Ok(Found::Unknown),
            Err(error) => Err(NotInKernel::Config(error)),
        }
    }

    /// The map of all values. What isn't known is 0 in it, and no program that is asked about reads it.
    fn config_map(&self) -> ConfigMap {
        let mut data = vec![0; kconfig::size(&self.config) as usize];
        for setting in &self.config {
            let place = data.get_mut(setting.offset as usize..);
            if let (Some(place), Ok(Known::Value(value))) = (place, setting.on(self.kernel, self.file.endian))
            {
                place[..value.len()].copy_from_slice(&value);
            }
        }
        ConfigMap {
            def: MapDef::constants(kconfig::SECTION, data),
            types: maps::variables(self.btf, kconfig::SECTION),
        }
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
    /// Its table of symbols has no such name.
    #[error("its table of symbols has none")]
    NoSymbol,
    /// Several are called so.
    #[error("its table of symbols has several at different addresses")]
    Ambiguous,
    /// A value of its configuration isn't there, or isn't one for the object.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl NotInKernel {
    /// The error number with which libbpf 1.7 refuses the object, positive.
    pub fn errno(&self) -> i32 {
        match self {
            // Whatever the cause: libbpf ends with this for all that it looks up by types.
            Self::Absent | Self::OtherType | Self::Types(_) | Self::Ambiguous => EINVAL,
            Self::NoSymbol => ESRCH,
            Self::Config(error) => error.errno(),
        }
    }
}

/// What an object says of a name, with its type.
enum Declared {
    Function(TypeId),
    Variable(TypeId),
    /// A variable without a type.
    Address,
    /// A value of the configuration.
    Config,
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
        let section = btf.iter().find_map(|(_, kind)| match kind {
            Kind::DataSec { name, vars, .. } if vars.iter().any(|slot| slot.var == var) => {
                Some(name.as_str())
            }
            _ => None,
        });
        let ty = btf.resolve(ty);
        match section {
            Some(kconfig::SECTION) => Some(Declared::Config),
            // What has no type is looked up by its address.
            Some(".ksyms") => Some(btf.get(ty).map_or(Declared::Address, |_| Declared::Variable(ty))),
            _ => None,
        }
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
