//! The types of a kernel's modules, by name: enough to say that none of them has one.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, LazyLock};

use super::essential_name;
use crate::endian::Endian;
use crate::format::kind;
use crate::kind::Kind;
use crate::parse::{Btf, BtfError};

/// The names of the types that a kernel's modules add to its own, without flavours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModuleNames {
    names: HashSet<(u32, String)>,
}

impl ModuleNames {
    /// Adds those of a module, whose types go on after the kernel's.
    ///
    /// # Errors
    /// [`BtfError`] says what is damaged or unknown.
    pub fn add(&mut self, kernel: &Btf, module: &[u8], endian: Endian) -> Result<(), BtfError> {
        let names = Btf::names_after(kernel, module, endian)?;
        self.names.extend(names.map(|(number, name)| (class(number), essential_name(&name).to_owned())));
        Ok(())
    }

    /// Whether one has a type of the kind and the name, but for flavours.
    fn contain(&self, kind: &Kind) -> bool {
        self.names.contains(&(class(kind.number()), essential_name(kind.name()).to_owned()))
    }
}

/// The kind as far as names are looked for by it.
fn class(number: u32) -> u32 {
    if number == kind::ENUM64 { kind::ENUM } else { number }
}

/// What is known of a kernel's modules.
#[derive(Clone)]
pub(super) enum Modules {
    /// It has none.
    None,
    /// Names that are read when the first is asked for. Where they can't be, nothing is known of the types.
    Named(Arc<LazyLock<Option<ModuleNames>, Read>>),
}

/// How names are read; `None` if they can't be.
type Read = Box<dyn FnOnce() -> Option<ModuleNames> + Send>;

impl Modules {
    /// Those with names that a function reads.
    pub(super) fn of(read: impl FnOnce() -> Option<ModuleNames> + Send + 'static) -> Self {
        Self::Named(Arc::new(LazyLock::new(Box::new(read))))
    }

    /// Whether one of them may have a type of the kind and the name.
    pub(super) fn may_have(&self, kind: &Kind) -> bool {
        match self {
            Self::None => false,
            Self::Named(names) => LazyLock::force(names).as_ref().is_none_or(|names| names.contain(kind)),
        }
    }
}

impl fmt::Debug for Modules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Named(_) => "Named",
        })
    }
}
