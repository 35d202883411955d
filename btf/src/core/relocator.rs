//! The relocations of an object, one after the other, against one kernel.

use std::collections::HashMap;

use super::access::Access;
use super::find::find;
use super::value::{Value, may_change_size, value};
use super::{CoreError, CoreKind, CoreRecord, KernelTypes, essential_name, text};
use crate::endian::Endian;
use crate::kind::TypeId;
use crate::parse::Btf;

/// What belongs into an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution {
    /// What the compiler put there; `None` where that needn't be what its types say, as of a bit field.
    pub compiled: Option<u64>,
    /// What belongs there on this kernel; `None` if the kernel has nothing of the kind: the program mustn't come to the
    /// instruction.
    pub value: Option<u64>,
    /// For the place of a member whose size differs: what a load or a store there has to do about it.
    pub size: Option<SizeChange>,
}

/// A member has another size than the program was compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeChange {
    /// The size in bytes that it was compiled for; 0 for a bit field.
    pub compiled: u32,
    /// The size in bytes on this kernel; 0 for a bit field.
    pub kernel: u32,
    /// Whether an instruction that reads or writes so many bytes does the same.
    pub is_safe: bool,
}

/// Resolves the relocations of an object.
///
/// The order matters, as it does for libbpf: a type of the kernel that didn't fit while others of its name did isn't looked
/// at again.
#[derive(Debug)]
pub struct Relocator<'a> {
    local: &'a Btf,
    kernel: &'a KernelTypes,
    endian: Endian,
    /// For types of the object those of the kernel that they may be.
    candidates: HashMap<TypeId, Vec<TypeId>>,
}

impl<'a> Relocator<'a> {
    /// For an object with such types and of such a byte order.
    pub fn new(local: &'a Btf, kernel: &'a KernelTypes, endian: Endian) -> Self {
        Self { local, kernel, endian, candidates: HashMap::new() }
    }

    /// What belongs into the instruction of a relocation.
    ///
    /// # Errors
    /// Why loaders refuse the object: it's damaged, or types of the kernel contradict each other.
    pub fn resolve(&mut self, record: &CoreRecord) -> Result<Resolution, CoreError> {
        let kind = CoreKind::from_number(record.kind).ok_or(CoreError::UnknownKind(record.kind))?;
        let root = self.local.get(record.ty);
        if root.is_none() && record.ty != TypeId::VOID {
            return Err(CoreError::NoType(record.ty));
        }
        let way = Access::of_record(self.local, record, kind)?;
        if kind == CoreKind::TypeIdLocal {
            let value = Some(record.ty.0.into());
            return Ok(Resolution { compiled: None, value, size: None });
        }
        let Some(root) = root.filter(|root| !root.name().is_empty()) else {
            return Err(CoreError::Anonymous(record.ty));
        };
        let kernel = self.kernel;
        let candidates = self.candidates.entry(record.ty).or_insert_with(|| kernel.alike(root));
        if candidates.is_empty() && kernel.may_be_in_a_module(root) {
            return Err(CoreError::Modules(essential_name(root.name()).to_owned()));
        }
        let (fitting, chosen) = choose(kind, self.local, &way, kernel.btf(), candidates, self.endian)?;
        // What fits nowhere rules nothing out.
        if !fitting.is_empty() {
            *candidates = fitting;
        }
        let compiled = value(kind, self.local, Some(&way), self.endian)?.unwrap_or_default();
        let found = match chosen {
            Some((_, found)) => Some(found),
            None => value(kind, kernel.btf(), None, self.endian)?,
        };
        Ok(Resolution {
            compiled: (!compiled.is_ambiguous).then_some(compiled.value),
            value: found.map(|found| found.value),
            size: found.and_then(|found| self.size_change(&compiled, &found)),
        })
    }

    fn size_change(&self, compiled: &Value, found: &Value) -> Option<SizeChange> {
        let size = |value: &Value| value.read.map_or(0, |(size, _)| size);
        let is_safe = match (compiled.read, found.read) {
            (Some((_, one)), Some((_, other))) => may_change_size(self.local, one, self.kernel.btf(), other),
            _ => false,
        };
        let change = SizeChange { compiled: size(compiled), kernel: size(found), is_safe };
        Some(change).filter(|change| change.compiled != change.kernel)
    }

    /// A relocation in words, as libbpf writes them: `<byte_off> [7] struct task_struct.pid (0:1 @ offset 4)`.
    ///
    /// # Errors
    /// The relocation doesn't fit the object's types.
    pub fn describe(local: &Btf, record: &CoreRecord) -> Result<String, CoreError> {
        let kind = CoreKind::from_number(record.kind).ok_or(CoreError::UnknownKind(record.kind))?;
        let way = Access::of_record(local, record, kind)?;
        Ok(text::describe(local, kind, &way))
    }
}

/// The way through the first type that has it, and what it gives.
type Chosen = (Access, Value);

/// The types that have the way, and the first of them with what it gives: all have to give the same.
fn choose(
    kind: CoreKind,
    local: &Btf,
    way: &Access,
    kernel: &Btf,
    candidates: &[TypeId],
    endian: Endian,
) -> Result<(Vec<TypeId>, Option<Chosen>), CoreError> {
    let mut fitting = Vec::new();
    let mut first: Option<Chosen> = None;
    for &candidate in candidates {
        let Some(found) = find(kind, local, way, kernel, candidate)? else {
            continue;
        };
        // What can't be said of the object's own type is said before what can't of the kernel's.
        value(kind, local, Some(way), endian)?;
        let given = value(kind, kernel, Some(&found), endian)?.unwrap_or_default();
        fitting.push(candidate);
        match &first {
            None => first = Some((found, given)),
            Some((one, _)) if one.bit_offset != found.bit_offset => {
                return Err(CoreError::Places {
                    one: one.root,
                    one_bits: one.bit_offset,
                    other: candidate,
                    other_bits: found.bit_offset,
                });
            }
            Some((one, value)) if value.value != given.value => {
                return Err(CoreError::Values {
                    one: one.root,
                    one_value: value.value,
                    other: candidate,
                    other_value: given.value,
                });
            }
            Some(_) => {}
        }
    }
    Ok((fitting, first))
}
