//! The types of a kernel, found by name.

use std::sync::Arc;

use super::modules::{ModuleNames, Modules};
use super::{CoreError, compatible, essential_name, same_kind};
use crate::kind::{Kind, Linkage, TypeId};
use crate::parse::Btf;

/// The types of a kernel with an index of their names: made once, asked for many objects.
#[derive(Debug, Clone)]
pub struct KernelTypes {
    btf: Arc<Btf>,
    /// For each hash of a name without flavour, modulo the length, the number of the first type; 0 for none.
    first: Vec<u32>,
    /// For each type, by its number, the next with the same hash; 0 for none.
    next: Vec<u32>,
    modules: Modules,
}

impl KernelTypes {
    /// Indexes the types of a kernel.
    pub fn new(btf: Arc<Btf>) -> Self {
        let types = btf.iter().count();
        let mut first = vec![0; types.max(1).next_power_of_two()];
        let mut next = vec![0; types + 1];
        let mut named: Vec<(u32, &str)> =
            btf.iter().map(|(id, kind)| (id.0, essential_name(kind.name()))).collect();
        named.retain(|(_, name)| !name.is_empty());
        // From the last to the first, so that each list ascends.
        for (id, name) in named.into_iter().rev() {
            let place = place(name, first.len());
            next[id as usize] = first[place];
            first[place] = id;
        }
        Self { btf, first, next, modules: Modules::None }
    }

    /// The same of a kernel with modules whose types' names a function reads, when the first is asked for: `None` where it can't.
    #[must_use]
    pub fn with_module_names(self, read: impl FnOnce() -> Option<ModuleNames> + Send + 'static) -> Self {
        Self { modules: Modules::of(read), ..self }
    }

    /// Whether a module of the kernel may have a type of the kind and the name but for flavours, for all that is known. Such a
    /// type isn't among these.
    pub fn may_be_in_a_module(&self, kind: &Kind) -> bool {
        self.modules.may_have(kind)
    }

    /// The same of a function.
    pub fn function_may_be_in_a_module(&self, name: &str) -> bool {
        let (proto, linkage) = (TypeId::VOID, Linkage::Global);
        self.may_be_in_a_module(&Kind::Func { name: name.to_owned(), proto, linkage })
    }

    /// All types.
    pub fn btf(&self) -> &Arc<Btf> {
        &self.btf
    }

    /// The types of the same kind and the same name but for flavours, in the order of their numbers; none for a type
    /// without a name.
    pub fn alike(&self, kind: &Kind) -> Vec<TypeId> {
        let name = essential_name(kind.name());
        let fits = |other: &Kind| same_kind(Some(kind), Some(other)) && essential_name(other.name()) == name;
        self.chain(name).filter(|id| self.btf.get(*id).is_some_and(fits)).collect()
    }

    /// The first function of a name, [`Kind::Func`].
    pub fn function(&self, name: &str) -> Option<TypeId> {
        self.named(name, |kind| matches!(kind, Kind::Func { .. }))
    }

    /// The first struct of a name, [`Kind::Struct`].
    pub fn structure(&self, name: &str) -> Option<TypeId> {
        self.named(name, |kind| matches!(kind, Kind::Struct { .. }))
    }

    /// The first other name of a type, [`Kind::Typedef`].
    pub fn typedef(&self, name: &str) -> Option<TypeId> {
        self.named(name, |kind| matches!(kind, Kind::Typedef { .. }))
    }

    /// The first variable of a name, [`Kind::Var`].
    pub fn variable(&self, name: &str) -> Option<TypeId> {
        self.named(name, |kind| matches!(kind, Kind::Var { .. }))
    }

    /// Whether a type of an object is one of these, as the type of a function or variable that it names: the kinds agree all
    /// the way through pointers, arrays and the parameters of functions.
    ///
    /// # Errors
    /// Types that lead nowhere, or deeper than is looked at.
    pub fn fits(&self, local: &Btf, local_id: TypeId, id: TypeId) -> Result<bool, CoreError> {
        compatible::types(local, local_id, &self.btf, id)
    }

    fn named(&self, name: &str, wanted: impl Fn(&Kind) -> bool) -> Option<TypeId> {
        let fits = |kind: &Kind| wanted(kind) && kind.name() == name;
        self.chain(essential_name(name)).find(|id| self.btf.get(*id).is_some_and(fits))
    }

    /// The types whose name may be this one.
    fn chain(&self, name: &str) -> impl Iterator<Item = TypeId> + '_ {
        let next = |id: u32| self.next.get(id as usize).copied().filter(|id| *id != 0);
        let first = match name {
            "" => None,
            name => self.first.get(place(name, self.first.len())).copied().filter(|id| *id != 0),
        };
        std::iter::successors(first, move |id| next(*id)).map(TypeId)
    }
}

/// The place of a name in a table, by FNV-1a; the table's length is a power of two.
fn place(name: &str, len: usize) -> usize {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash ^ hash >> 32) as usize & (len - 1)
}
