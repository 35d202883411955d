//! The way through a kernel's type that corresponds to one through a type of an object.

use super::access::{Access, MAX_STEPS, Step, as_enum};
use super::{About, CoreError, CoreKind, bare, compatible, essential_name, matching, size};
use crate::kind::{Field, Kind, TypeId};
use crate::parse::Btf;

/// The way through a type of the kernel that takes the same named members and elements; `None` if the type has none.
pub(crate) fn find(
    kind: CoreKind,
    local: &Btf,
    way: &Access,
    kernel: &Btf,
    candidate: TypeId,
) -> Result<Option<Access>, CoreError> {
    let mut found = Access::at(candidate);
    let fits = match kind.about() {
        About::Type => match kind {
            CoreKind::TypeMatches => matching::matches(local, way.root, kernel, candidate)?,
            _ => compatible::types(local, way.root, kernel, candidate)?,
        },
        About::Enumerator => enumerator(way, kernel, &mut found)?,
        About::Field => Search { local, kernel, found: &mut found }.field(way)?,
    };
    Ok(fits.then_some(found))
}

/// Finds an enumerator by its name without flavour.
fn enumerator(way: &Access, kernel: &Btf, found: &mut Access) -> Result<bool, CoreError> {
    let Some((id, Some(Kind::Enum { values, .. } | Kind::Enum64 { values, .. }))) =
        as_enum(kernel, found.root)?
    else {
        return Ok(false);
    };
    let wanted = way.steps.first().and_then(|step| step.name.as_deref()).map_or("", essential_name);
    let Some(index) = values.iter().position(|value| essential_name(&value.name) == wanted) else {
        return Ok(false);
    };
    let index = index as u32;
    found.numbers.push(index);
    found.steps.push(Step { ty: id, index, name: Some(values[index as usize].name.clone()) });
    Ok(true)
}

struct Search<'a> {
    local: &'a Btf,
    kernel: &'a Btf,
    /// The way so far.
    found: &'a mut Access,
}

impl Search<'_> {
    /// Follows a way step by step.
    fn field(&mut self, way: &Access) -> Result<bool, CoreError> {
        let mut id = self.found.root;
        for (place, step) in way.steps.iter().enumerate() {
            let next = match (&step.name, step.member(self.local)) {
                (Some(_), Some(member)) => self.member(member, id)?,
                (Some(_), None) => None,
                (None, _) => self.element(step, id, place == 0)?,
            };
            match next {
                Some(next) => id = next,
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Looks for a member of the object's in a struct or union, and in those without name that it holds. Gives the type
    /// of what is found.
    fn member(&mut self, wanted: &Field, id: TypeId) -> Result<Option<TypeId>, CoreError> {
        let (id, kind) = bare(self.kernel, id)?;
        let Some(Kind::Struct { members, .. } | Kind::Union { members, .. }) = kind else {
            return Ok(None);
        };
        for (index, member) in members.iter().enumerate() {
            if self.found.numbers.len() >= MAX_STEPS {
                return Err(CoreError::TooDeep);
            }
            let before = (self.found.bit_offset, self.found.numbers.len());
            self.found.bit_offset = self.found.bit_offset.wrapping_add(member.bit_offset);
            self.found.numbers.push(index as u32);
            if member.name.is_empty() {
                if let Some(next) = self.member(wanted, member.ty)? {
                    return Ok(Some(next));
                }
            } else if member.name == wanted.name {
                if !compatible::members(self.local, wanted.ty, self.kernel, member.ty)? {
                    return Ok(None);
                }
                self.found.steps.push(Step { ty: id, index: index as u32, name: Some(member.name.clone()) });
                return Ok(Some(member.ty));
            }
            self.found.bit_offset = before.0;
            self.found.numbers.truncate(before.1);
        }
        Ok(None)
    }

    /// Takes an element. The first step is one of a type that needn't be an array: the whole is its first element.
    fn element(&mut self, step: &Step, id: TypeId, first: bool) -> Result<Option<TypeId>, CoreError> {
        let (mut id, kind) = bare(self.kernel, id)?;
        if !first {
            let Some(Kind::Array { element, len, .. }) = kind else {
                return Ok(None);
            };
            if step.index >= *len && !self.found.is_flexible(self.kernel, *len) {
                return Ok(None);
            }
            id = bare(self.kernel, *element)?.0;
        }
        if self.found.numbers.len() >= MAX_STEPS {
            return Err(CoreError::TooDeep);
        }
        self.found.steps.push(Step { ty: id, index: step.index, name: None });
        self.found.numbers.push(step.index);
        self.found.skip_elements(step.index, size(self.kernel, id)?);
        Ok(Some(id))
    }
}
