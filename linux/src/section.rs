//! What the name of an ELF section tells a loader of the programs in it.

use std::fmt;

use crate::{AttachType, ProgType};

/// A name of sections that loaders know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Section {
    /// The name, or what the name starts with if a `/` or `.` follows.
    pub name: &'static str,
    /// What libbpf lets follow it.
    pub rest: Rest,
    /// What libbpf says that such a program is to be attached to when it loads it.
    pub attach: Option<AttachType>,
    /// What else the name tells a loader, and a verdict depends on.
    pub tells: &'static [Tells],
}

/// What libbpf lets follow a name. Where something else follows, it knows no type of the section's programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Nothing: the name stands alone.
    Nothing,
    /// Nothing, or a `/` and whatever the program is for.
    More,
    /// The same, and `.s` before it, where the program may sleep.
    MoreOrAsleep,
    /// It doesn't know the name at all; other loaders do.
    NotKnown,
}

impl Rest {
    /// Whether libbpf knows a name with this after it.
    pub fn allows(self, rest: &str) -> bool {
        let is_more = |rest: &str| rest.is_empty() || rest.starts_with('/');
        match self {
            Self::Nothing => rest.is_empty(),
            Self::More => is_more(rest),
            Self::MoreOrAsleep => is_more(rest.strip_prefix(".s").unwrap_or(rest)),
            Self::NotKnown => false,
        }
    }
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
    /// Something that libbpf doesn't know: a name of other loaders, or more after a name than [`Rest`] lets follow it.
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
            Self::Unknown => "a name that libbpf knows no section by",
        })
    }
}

impl Section {
    /// A section whose name says the program type alone.
    pub(crate) const fn plain(name: &'static str) -> Self {
        Self { name, rest: Rest::Nothing, attach: None, tells: &[] }
    }

    /// A section with an attach type that makes no difference to the verifier: none that a program could tell, or the one
    /// that programs of the type are loaded with by themselves.
    pub(crate) const fn alike(name: &'static str, attach: AttachType) -> Self {
        Self { name, rest: Rest::Nothing, attach: Some(attach), tells: &[] }
    }

    /// A section with an attach type that the verifier looks at.
    pub(crate) const fn attached(name: &'static str, attach: AttachType) -> Self {
        Self { name, rest: Rest::Nothing, attach: Some(attach), tells: &[Tells::AttachType] }
    }

    /// A section of programs for a target in the kernel's BTF.
    pub(crate) const fn targeted(name: &'static str, attach: Option<AttachType>) -> Self {
        Self { name, rest: Rest::Nothing, attach, tells: &[Tells::Target] }
    }

    /// The same where more may follow after a `/`.
    pub(crate) const fn with_more(self) -> Self {
        Self { rest: Rest::More, ..self }
    }

    /// The same where `.s` may stand before it.
    pub(crate) const fn with_more_or_asleep(self) -> Self {
        Self { rest: Rest::MoreOrAsleep, ..self }
    }

    /// A section that other loaders know.
    pub(crate) const fn unknown_to_libbpf(self) -> Self {
        Self { rest: Rest::NotKnown, ..self }
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
