//! Whether a kernel's type has all that a type of an object has.

use super::{CoreError, bare, essential_name};
use crate::kind::{Enumerator, Field, Kind, TypeId};
use crate::parse::Btf;

/// How deep types are looked into.
const MAX_DEPTH: u32 = 32;
/// How many pairs of types are looked at in all. Loaders have no such limit, and types that need more than this no kernel
/// has.
const MAX_PAIRS: u32 = 1 << 20;

/// Whether a kernel's type has all that a type of the object has: every member and enumerator by name, of a matching type,
/// integers of the same size and sign, arrays of the same length. Of what stands behind a pointer only the names count.
pub(crate) fn matches(
    local: &Btf,
    local_id: TypeId,
    kernel: &Btf,
    kernel_id: TypeId,
) -> Result<bool, CoreError> {
    Matching { local, kernel, pairs: MAX_PAIRS }.types(local_id, kernel_id, Reach::Value, MAX_DEPTH)
}

/// How a type is reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Value,
    Pointer,
}

struct Matching<'a> {
    local: &'a Btf,
    kernel: &'a Btf,
    /// How many more pairs of types are looked at.
    pairs: u32,
}

impl Matching<'_> {
    fn types(
        &mut self,
        mut local_id: TypeId,
        mut kernel_id: TypeId,
        mut reach: Reach,
        level: u32,
    ) -> Result<bool, CoreError> {
        let (local, kernel) = (self.local, self.kernel);
        if level == 0 {
            return Err(CoreError::TooDeep);
        }
        for _ in 0..MAX_DEPTH {
            self.pairs = self.pairs.checked_sub(1).ok_or(CoreError::TooDeep)?;
            let ((_, one), (_, other)) = (bare(local, local_id)?, bare(kernel, kernel_id)?);
            if !same_name(one.map_or("", Kind::name), other.map_or("", Kind::name)) {
                return Ok(false);
            }
            let (Some(one), Some(other)) = (one, other) else {
                return Ok(one.is_none() && other.is_none());
            };
            match (one, other) {
                (Kind::Ptr { to }, Kind::Ptr { to: other }) => {
                    reach = Reach::Pointer;
                    (local_id, kernel_id) = (*to, *other);
                }
                (Kind::Array { element, len, .. }, Kind::Array { element: other, len: other_len, .. }) => {
                    if len != other_len {
                        return Ok(false);
                    }
                    (local_id, kernel_id) = (*element, *other);
                }
                (
                    Kind::FuncProto { result, params },
                    Kind::FuncProto { result: other, params: other_params },
                ) => {
                    if params.len() != other_params.len() {
                        return Ok(false);
                    }
                    for (one, other) in params.iter().zip(other_params) {
                        if !self.types(one.ty, other.ty, reach, level - 1)? {
                            return Ok(false);
                        }
                    }
                    (local_id, kernel_id) = (*result, *other);
                }
                _ => return self.ends(one, other, reach, level),
            }
        }
        Err(CoreError::TooDeep)
    }

    /// Types that lead to no single other one.
    fn ends(&mut self, one: &Kind, other: &Kind, reach: Reach, level: u32) -> Result<bool, CoreError> {
        let is_union = |kind: &Kind| match kind {
            Kind::Fwd { union, .. } => Some(*union),
            Kind::Struct { .. } => Some(false),
            Kind::Union { .. } => Some(true),
            _ => None,
        };
        Ok(match (one, other) {
            (Kind::Fwd { .. }, Kind::Fwd { .. }) => is_union(one) == is_union(other),
            // Behind a pointer a declaration is as good as a definition.
            (Kind::Fwd { .. }, _) | (Kind::Struct { .. } | Kind::Union { .. }, Kind::Fwd { .. }) => {
                reach == Reach::Pointer && is_union(one) == is_union(other)
            }
            (Kind::Struct { members, .. }, Kind::Struct { members: others, .. })
            | (Kind::Union { members, .. }, Kind::Union { members: others, .. }) => {
                reach == Reach::Pointer || self.members(members, others, level)?
            }
            (
                Kind::Enum { size, values, .. } | Kind::Enum64 { size, values, .. },
                Kind::Enum { size: other_size, values: others, .. }
                | Kind::Enum64 { size: other_size, values: others, .. },
            ) => size == other_size && enumerators(values, others),
            (Kind::Int { size, encoding, .. }, Kind::Int { size: other_size, encoding: other, .. }) => {
                size == other_size && encoding.signed == other.signed
            }
            _ => false,
        })
    }

    fn members(&mut self, members: &[Field], others: &[Field], level: u32) -> Result<bool, CoreError> {
        if members.len() > others.len() {
            return Ok(false);
        }
        for member in members {
            let mut found = false;
            for other in others.iter().filter(|other| same_name(&member.name, &other.name)) {
                if self.types(member.ty, other.ty, Reach::Value, level - 1)? {
                    found = true;
                    break;
                }
            }
            if !found {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn enumerators(values: &[Enumerator], others: &[Enumerator]) -> bool {
    let has = |value: &Enumerator| others.iter().any(|other| same_name(&value.name, &other.name));
    values.len() <= others.len() && values.iter().all(has)
}

/// Whether two names are the same but for flavours.
fn same_name(one: &str, other: &str) -> bool {
    essential_name(one) == essential_name(other)
}
