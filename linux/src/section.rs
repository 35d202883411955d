//! What the name of an ELF section tells a loader of the programs in it.

use std::fmt;

use crate::{AttachType, ProgType};

/// A name of sections that loaders know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Section {
    /// The name, or what the name starts with if a `/` or `.` follows.
    pub name: &'static str,
    /// What libbpf says that such a program is to be attached to when it loads it.
    pub attach: Option<AttachType>,
    /// What else the name tells a loader, and a verdict depends on.
    pub tells: &'static [Tells],
}

/// Something that a section's name tells a loader besides the program type, and that a verdict depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// What the program is to be attached to as: the verifier allows other results, members of the context or helpers than
    /// without.
    AttachType,
    /// The flag `BPF_F_SLEEPABLE`.
    Sleepable,
    /// The flag `BPF_F_XDP_HAS_FRAGS`.
    Frags,
    /// The function, hook, iterator or struct that the program is for, which only the kernel's BTF has a number for.
    Target,
    /// Something that no loader knows: a `.` and more after a name that takes none.
    Unknown,
}

impl fmt::Display for Tells {
    /// Writes the thing as a subject: `its attach type`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AttachType => "its attach type",
            Self::Sleepable => "the flag that it may sleep (`.s`)",
            Self::Frags => "the flag that it takes packets of several buffers (`.frags`)",
            Self::Target => "its target in the kernel's BTF",
            Self::Unknown => "what the section's name says after its `.`",
        })
    }
}

impl Section {
    /// A section whose name says the program type alone.
    pub(crate) const fn plain(name: &'static str) -> Self {
        Self { name, attach: None, tells: &[] }
    }

    /// A section with an attach type that makes no difference to the verifier: none that a program could tell, or the one
    /// that programs of the type are loaded with by themselves.
    pub(crate) const fn alike(name: &'static str, attach: AttachType) -> Self {
        Self { name, attach: Some(attach), tells: &[] }
    }

    /// A section with an attach type that the verifier looks at.
    pub(crate) const fn attached(name: &'static str, attach: AttachType) -> Self {
        Self { name, attach: Some(attach), tells: &[Tells::AttachType] }
    }

    /// A section of programs for a target in the kernel's BTF.
    pub(crate) const fn targeted(name: &'static str, attach: Option<AttachType>) -> Self {
        Self { name, attach, tells: &[Tells::Target] }
    }

    /// The same with more that the verifier looks at.
    pub(crate) const fn telling(self, tells: &'static [Tells]) -> Self {
        Self { tells, ..self }
    }
}

/// Every name of sections with the type of the programs in it.
pub fn all() -> impl Iterator<Item = (ProgType, &'static Section)> {
    ProgType::ALL
        .iter()
        .flat_map(|&prog_type| prog_type.facts().sections.iter().map(move |section| (prog_type, section)))
}
