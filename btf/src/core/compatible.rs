//! Whether a type of an object and one of a kernel can stand for each other.

use super::{CoreError, bare, essential_name, same_kind};
use crate::kind::{Kind, TypeId};
use crate::parse::Btf;

/// How many pointers and arrays are looked through.
const MAX_DEPTH: u32 = 32;

/// Whether a member of an object and one of a kernel are read alike: any two structs and unions are, any two pointers, any
/// two integers of whole bytes.
pub(crate) fn members(
    local: &Btf,
    mut local_id: TypeId,
    kernel: &Btf,
    mut kernel_id: TypeId,
) -> Result<bool, CoreError> {
    let is_compound = |kind: Option<&Kind>| matches!(kind, Some(Kind::Struct { .. } | Kind::Union { .. }));
    // Arrays of arrays end, or the BTF is damaged.
    for _ in 0..256 {
        let ((_, one), (_, other)) = (bare(local, local_id)?, bare(kernel, kernel_id)?);
        if is_compound(one) && is_compound(other) {
            return Ok(true);
        }
        if !same_kind(one, other) {
            return Ok(false);
        }
        match (one, other) {
            (Some(Kind::Ptr { .. } | Kind::Float { .. }), _) => return Ok(true),
            (Some(one @ (Kind::Fwd { .. } | Kind::Enum { .. } | Kind::Enum64 { .. })), Some(other)) => {
                let (one, other) = (essential_name(one.name()), essential_name(other.name()));
                return Ok(one.is_empty() || other.is_empty() || one == other);
            }
            (Some(Kind::Int { bit_offset, .. }), Some(Kind::Int { bit_offset: other, .. })) => {
                return Ok(*bit_offset == 0 && *other == 0);
            }
            (Some(Kind::Array { element, .. }), Some(Kind::Array { element: other, .. })) => {
                (local_id, kernel_id) = (*element, *other);
            }
            _ => return Ok(false),
        }
    }
    Err(CoreError::TooDeep)
}

/// Whether a type of an object is one of a kernel: the kinds agree all the way through pointers, arrays and the parameters
/// of functions; what a struct holds doesn't count.
pub(crate) fn types(
    local: &Btf,
    local_id: TypeId,
    kernel: &Btf,
    kernel_id: TypeId,
) -> Result<bool, CoreError> {
    types_at(local, local_id, kernel, kernel_id, MAX_DEPTH)
}

fn types_at(
    local: &Btf,
    mut local_id: TypeId,
    kernel: &Btf,
    mut kernel_id: TypeId,
    level: u32,
) -> Result<bool, CoreError> {
    if !same_kind(local.get(local_id), kernel.get(kernel_id)) {
        return Ok(false);
    }
    for _ in 0..MAX_DEPTH {
        let ((_, one), (_, other)) = (bare(local, local_id)?, bare(kernel, kernel_id)?);
        if !same_kind(one, other) {
            return Ok(false);
        }
        match (one, other) {
            (Some(Kind::Int { bit_offset, .. }), Some(Kind::Int { bit_offset: other, .. })) => {
                return Ok(*bit_offset == 0 && *other == 0);
            }
            (Some(Kind::Ptr { to }), Some(Kind::Ptr { to: other })) => (local_id, kernel_id) = (*to, *other),
            (Some(Kind::Array { element, .. }), Some(Kind::Array { element: other, .. })) => {
                (local_id, kernel_id) = (*element, *other);
            }
            (Some(Kind::FuncProto { result, params }), Some(Kind::FuncProto { result: r, params: p })) => {
                if params.len() != p.len() {
                    return Ok(false);
                }
                for (one, other) in params.iter().zip(p) {
                    let level = level.checked_sub(1).ok_or(CoreError::TooDeep)?;
                    let ((one, _), (other, _)) = (bare(local, one.ty)?, bare(kernel, other.ty)?);
                    if !types_at(local, one, kernel, other, level)? {
                        return Ok(false);
                    }
                }
                (local_id, kernel_id) = (*result, *r);
            }
            (
                None
                | Some(
                    Kind::Struct { .. }
                    | Kind::Union { .. }
                    | Kind::Enum { .. }
                    | Kind::Enum64 { .. }
                    | Kind::Fwd { .. },
                ),
                _,
            ) => return Ok(true),
            _ => return Ok(false),
        }
    }
    Err(CoreError::TooDeep)
}
