//! The classes of the catalogue: what went wrong, why the verifier cares, and what repairs it.
//!
//! A class is one file of `classes/`, by its slug; the build finds it there. What a file says is [`Facts`]. The class of most
//! messages stands in their row of the verifier's table; a class may claim others by what the log shows ([`Facts::when`]).

mod vocabulary;

use std::fmt;

use knockwright_verifier::message::ClassId;

use crate::analysis::{Evidence, Fault};
use crate::wording::Words;

include!(concat!(env!("OUT_DIR"), "/classes.rs"));

/// Who has to change for the program to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// The program.
    Program,
    /// The kernel: another version, or another program type, takes the program.
    Kernel,
    /// Whoever loads it: with more privilege the program passes.
    Privilege,
    /// A limit of the verifier: the program may be right, but is too much.
    Limit,
    /// Nobody: the program was accepted.
    Nobody,
    /// The log doesn't say.
    Unknown,
}

impl Blame {
    /// The blame in words, as an end of "this is …".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Program => "a fault of the program",
            Self::Kernel => "not supported by this kernel or for this program type",
            Self::Privilege => "not permitted to who loads it",
            Self::Limit => "beyond a limit of the verifier",
            Self::Nobody => "no fault",
            Self::Unknown => "not known here",
        }
    }
}

/// What is told of a class.
pub(crate) struct Facts {
    /// What it is, in one line.
    pub(crate) title: &'static str,
    /// Why the verifier says no, in general.
    pub(crate) why: &'static str,
    /// What repairs it, in general.
    pub(crate) fix: &'static str,
    /// Who has to change.
    pub(crate) blame: Blame,
    /// Where it's learnt.
    pub(crate) lesson: Option<Place>,
    /// Whether a fault is of the class though its message alone doesn't say so. No two classes claim one fault.
    pub(crate) when: fn(&Evidence<'_>) -> bool,
    /// The guard that repairs it.
    pub(crate) guard: Shape,
    /// Where the numbers of its message come from.
    pub(crate) derivation: Numbers,
    /// The step before the last that changes what the value is worth without touching its register, and how.
    pub(crate) turn: fn(&Fault<'_>, usize) -> Option<(usize, String)>,
    /// The register held a pointer before that step.
    pub(crate) loses_pointer: bool,
    /// What the guard can't say.
    pub(crate) note: fn(&Fault<'_>) -> Option<String>,
    /// What stands for the words above where the log leaves open what they claim.
    pub(crate) words: fn(&Fault<'_>, Words) -> Words,
}

/// The place of a class among the lessons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The slug of its chapter.
    pub chapter: &'static str,
    /// Its number in the chapter, by which lessons are ordered; there is room between two of them.
    pub number: u16,
}

/// The guard that repairs faults of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// No condition does.
    None,
    /// The pointer isn't NULL.
    NotNull,
    /// The result is in its range.
    Result,
    /// The bytes lie before data_end.
    Packet,
    /// The offset in the packet is one that a comparison can prove.
    FarInPacket,
    /// The offset stays inside the object.
    Offset,
    /// The size fits.
    Size(SizeFault),
}

/// What is wrong with a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SizeFault {
    /// It may be zero.
    Zero,
    /// It may be negative.
    Negative,
    /// It has no upper bound.
    Unbounded,
}

/// Which numbers lead to the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// Those of an offset, if the message is about one.
    Offset,
    /// A size.
    Size,
    /// The bytes of the packet that are proven and needed.
    Packet,
    /// How far in the packet the access may be.
    FarInPacket,
    /// The pointer that may be NULL.
    Null,
}

impl Class {
    /// The class of a name.
    pub fn of(id: ClassId) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| class.slug() == id.slug())
    }

    /// What the class is, in one line.
    pub const fn title(self) -> &'static str {
        self.facts().title
    }

    /// Why the verifier says no, in general.
    pub const fn why(self) -> &'static str {
        self.facts().why
    }

    /// What repairs it, in general.
    pub const fn fix(self) -> &'static str {
        self.facts().fix
    }

    /// Who has to change, unless the message knows better.
    pub const fn blame(self) -> Blame {
        self.facts().blame
    }

    /// Where it's learnt; none if it is no class of the catalogue.
    pub const fn lesson(self) -> Option<Place> {
        self.facts().lesson
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

#[cfg(test)]
mod tests {
    use knockwright_verifier::message::Kind;

    use super::*;

    #[test]
    fn classes_of_the_catalogue_are_learnt_somewhere() {
        for (index, class) in Class::ALL.iter().enumerate() {
            assert_eq!(class.lesson().is_some(), index < Class::ALL.len() - 3, "{class}");
        }
    }

    #[test]
    fn messages_name_classes_that_there_are() {
        for kind in Kind::ALL {
            if let Some(id) = kind.class() {
                assert!(Class::of(id).is_some(), "{kind:?} is of the class {id}, which there is not");
            }
        }
    }
}
