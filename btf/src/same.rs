//! Types of different BTF compared by what they are.

use std::collections::{HashMap, HashSet};

use crate::kind::{Kind, TypeId};
use crate::parse::Btf;

/// The tags of each type: the member or parameter that each is of, if it is of one, and its name.
type Tags<'a> = HashMap<TypeId, Vec<(Option<u32>, &'a str)>>;

fn tags(btf: &Btf) -> Tags<'_> {
    let mut tags = Tags::new();
    for (_, kind) in btf.iter() {
        if let Kind::DeclTag { name, to, component } = kind {
            tags.entry(*to).or_default().push((*component, name));
        }
    }
    tags.values_mut().for_each(|tags| tags.sort_unstable());
    tags
}

impl Btf {
    /// Whether a type is the same as one of other BTF: the same kinds, names, sizes, tags, and the same of all types that they
    /// are made of. The numbers of the types don't matter.
    pub fn same(&self, id: TypeId, other: &Self, other_id: TypeId) -> bool {
        let mut seen = HashSet::new();
        let mut open = vec![(id, other_id)];
        while let Some((id, other_id)) = open.pop() {
            // What refers to itself is the same if nothing on the way differs.
            if !seen.insert((id, other_id)) {
                continue;
            }
            match (self.get(id), other.get(other_id)) {
                (None, None) => {}
                (Some(one), Some(two)) if one.same_but_for_references(two) => {
                    open.extend(one.references().zip(two.references()));
                }
                _ => return false,
            }
        }
        let (tags, other_tags) = (tags(self), tags(other));
        seen.iter().all(|(id, other_id)| tags.get(id) == other_tags.get(other_id))
    }
}

impl Kind {
    /// Whether two types are equal if those that they refer to are.
    fn same_but_for_references(&self, other: &Self) -> bool {
        let bare = |kind: &Self| kind.clone().map_references(|_| TypeId::VOID);
        self.number() == other.number() && self.name() == other.name() && bare(self) == bare(other)
    }
}
