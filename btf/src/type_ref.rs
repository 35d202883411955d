//! A type together with the BTF that it's in.

use std::fmt;
use std::sync::Arc;

use crate::kind::{Kind, TypeId};
use crate::parse::Btf;

/// A type of some BTF, which it keeps: whoever holds it can look at the type and at all types that it's made of.
///
/// Two are equal if their types are the same, wherever they stand: see [`Btf::same`].
#[derive(Clone)]
pub struct TypeRef {
    btf: Arc<Btf>,
    id: TypeId,
}

impl TypeRef {
    /// A type by its number.
    pub fn new(btf: Arc<Btf>, id: TypeId) -> Self {
        Self { btf, id }
    }

    /// All types among which it stands.
    pub fn btf(&self) -> &Arc<Btf> {
        &self.btf
    }

    /// Its number.
    pub fn id(&self) -> TypeId {
        self.id
    }

    /// The type as it stands; `None` for `void`, and where the number leads nowhere.
    pub fn kind(&self) -> Option<&Kind> {
        self.btf.get(self.id)
    }

    /// The type behind typedefs, qualifiers and tags.
    pub fn resolved(&self) -> Option<&Kind> {
        self.btf.get(self.btf.resolve(self.id))
    }

    /// A type that this one refers to.
    pub fn at(&self, id: TypeId) -> Self {
        Self { btf: Arc::clone(&self.btf), id }
    }

    /// The size in bytes of its values; `None` for what has no values.
    pub fn size(&self) -> Option<u32> {
        self.btf.size(self.id)
    }

    /// Whether its values are made of integers alone, in arrays and structs: no pointers, unions, enums, bit fields and floats,
    /// and nothing that nests more than 16 deep or has more than 4096 parts.
    pub fn is_plain(&self) -> bool {
        // Thirty structs that each hold the next one twice unfold to a billion members.
        const MAX_PARTS: u32 = 4096;
        const MAX_DEPTH: u32 = 16;
        let mut parts = MAX_PARTS;
        is_plain(&self.btf, self.id, MAX_DEPTH, &mut parts).is_some()
    }
}

/// `None` for what isn't plain; `parts` is what may follow.
fn is_plain(btf: &Btf, id: TypeId, depth: u32, parts: &mut u32) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    *parts = parts.checked_sub(1)?;
    match btf.get(btf.resolve(id))? {
        Kind::Int { size: size @ (1 | 2 | 4 | 8), bit_offset: 0, bits, .. } => {
            (u32::from(*bits) == size * 8).then_some(())
        }
        Kind::Array { element, .. } => {
            btf.size(id)?;
            is_plain(btf, *element, depth, parts)
        }
        Kind::Struct { members, .. } => members.iter().try_for_each(|member| {
            let whole_bytes = member.bit_width == 0 && member.bit_offset % 8 == 0;
            whole_bytes.then_some(())?;
            is_plain(btf, member.ty, depth, parts)
        }),
        _ => None,
    }
}

impl PartialEq for TypeRef {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.btf, &other.btf) && self.id == other.id
            || self.btf.same(self.id, &other.btf, other.id)
    }
}

impl Eq for TypeRef {}

impl fmt::Debug for TypeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.btf.c_name(self.id))
    }
}
