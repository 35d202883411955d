//! The way into a type that an access string names.

use super::{About, Bare, CoreError, CoreKind, CoreRecord, bare, is_enum, size};
use crate::kind::{Field, Kind, TypeId};
use crate::parse::Btf;

/// How many numbers an access string, and the way through a kernel's type, may have.
pub(crate) const MAX_STEPS: usize = 64;

/// A way into a type, of the object or of the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    /// The type that it starts at.
    pub(crate) root: TypeId,
    /// The number of each member and element on the way.
    pub(crate) numbers: Vec<u32>,
    /// The steps that count: named members, elements, the enumerator.
    pub(crate) steps: Vec<Step>,
    /// The distance in bits of where it ends.
    pub(crate) bit_offset: u32,
}

/// A step on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// The struct or union of a member, the type of an element, the enum of an enumerator.
    pub(crate) ty: TypeId,
    /// The number of the member, element or enumerator.
    pub(crate) index: u32,
    /// The name; `None` for an element.
    pub(crate) name: Option<String>,
}

impl Access {
    pub(crate) fn at(root: TypeId) -> Self {
        Self { root, numbers: Vec::new(), steps: Vec::new(), bit_offset: 0 }
    }

    /// Goes on by a number of elements of a size in bytes. The offset wraps as that of loaders does.
    pub(crate) fn skip_elements(&mut self, count: u32, size: u32) {
        let bits = u64::from(count).wrapping_mul(u64::from(size)).wrapping_mul(8);
        self.bit_offset = self.bit_offset.wrapping_add(bits as u32);
    }

    /// The way that a relocation names in the object's types.
    pub(crate) fn of_record(btf: &Btf, record: &CoreRecord, kind: CoreKind) -> Result<Self, CoreError> {
        let misfit = || CoreError::Access { access: record.access.clone(), ty: record.ty };
        let mut access = Self::at(record.ty);
        if kind.about() == About::Type {
            return if record.access == "0" { Ok(access) } else { Err(misfit()) };
        }
        access.numbers = numbers(&record.access).ok_or_else(misfit)?;
        let first = *access.numbers.first().ok_or_else(misfit)?;
        let (id, whole) = bare(btf, record.ty).map_err(|_| misfit())?;
        access.steps.push(Step { ty: id, index: first, name: None });
        if kind.about() == About::Enumerator {
            let (Some(Kind::Enum { values, .. } | Kind::Enum64 { values, .. }), 1) =
                (whole, access.numbers.len())
            else {
                return Err(misfit());
            };
            let value = values.get(first as usize).ok_or_else(misfit)?;
            access.steps[0].name = Some(value.name.clone());
            return Ok(access);
        }
        access.skip_elements(first, size(btf, id).map_err(|_| misfit())?);
        let mut id = id;
        for index in access.numbers.clone().into_iter().skip(1) {
            id = access.step(btf, id, index).ok_or_else(misfit)?;
        }
        Ok(access)
    }

    /// One step into a type; gives the type where it leads.
    fn step(&mut self, btf: &Btf, id: TypeId, index: u32) -> Option<TypeId> {
        let (id, kind) = bare(btf, id).ok()?;
        match kind? {
            Kind::Struct { members, .. } | Kind::Union { members, .. } => {
                let member = members.get(index as usize)?;
                self.bit_offset = self.bit_offset.wrapping_add(member.bit_offset);
                if !member.name.is_empty() {
                    self.steps.push(Step { ty: id, index, name: Some(member.name.clone()) });
                }
                Some(member.ty)
            }
            Kind::Array { element, len, .. } => {
                let (element, _) = bare(btf, *element).ok()?;
                if index >= *len && !self.is_flexible(btf, *len) {
                    return None;
                }
                self.steps.push(Step { ty: element, index, name: None });
                self.skip_elements(index, size(btf, element).ok()?);
                Some(element)
            }
            _ => None,
        }
    }

    /// Whether an array that the way has come to ends its struct and says no length.
    pub(crate) fn is_flexible(&self, btf: &Btf, len: u32) -> bool {
        let last = self.steps.last().filter(|step| len == 0 && step.name.is_some());
        last.is_some_and(|step| match btf.get(step.ty) {
            Some(Kind::Struct { members, .. } | Kind::Union { members, .. }) => {
                step.index as usize + 1 == members.len()
            }
            _ => false,
        })
    }
}

impl Step {
    /// The member that a step goes into.
    pub(crate) fn member<'a>(&self, btf: &'a Btf) -> Option<&'a Field> {
        match btf.get(self.ty)? {
            Kind::Struct { members, .. } | Kind::Union { members, .. } => members.get(self.index as usize),
            _ => None,
        }
    }

    /// The enumerator that a step names.
    pub(crate) fn enumerator_value(&self, btf: &Btf) -> Option<u64> {
        match bare(btf, self.ty).ok()? {
            (_, Some(Kind::Enum { values, .. })) => {
                // Loaders take the 32 bits for a signed number, whatever the enum says.
                values.get(self.index as usize).map(|value| i64::from(value.value as i32) as u64)
            }
            (_, Some(Kind::Enum64 { values, .. })) => {
                values.get(self.index as usize).map(|value| value.value as u64)
            }
            _ => None,
        }
    }
}

/// The numbers of an access string.
fn numbers(access: &str) -> Option<Vec<u32>> {
    let number = |text: &str| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| digits && *number <= i32::MAX as u32)
    };
    let numbers: Option<Vec<u32>> = access.split(':').take(MAX_STEPS + 1).map(number).collect();
    numbers.filter(|numbers| numbers.len() <= MAX_STEPS)
}

/// Whether a type is an enum, with its number.
pub(crate) fn as_enum(btf: &Btf, id: TypeId) -> Result<Option<Bare<'_>>, CoreError> {
    let found = bare(btf, id)?;
    Ok(Some(found).filter(|(_, kind)| kind.is_some_and(is_enum)))
}
