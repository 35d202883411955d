//! The classes of the catalogue: what went wrong, why the verifier cares, and what repairs it.
//!
//! A class is one file of `classes/`, by its slug; the build finds it there. What a file says is [`Facts`]. The class of most
//! messages stands in their row of the verifier's table; a class may claim others by what the log shows ([`Facts::when`]).

mod of_block;
mod pages;
mod vocabulary;

use std::fmt;

use knockwright_asm::Program;
use knockwright_verifier::annotation::Severity;
use knockwright_verifier::message::ClassId;

use crate::analysis::derive::Numbers;
use crate::analysis::{Evidence, Fault};
use crate::guard::Shape;

include!(concat!(env!("OUT_DIR"), "/classes.rs"));

/// Who has to change for the program to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Blame {
    /// The program breaks a rule, or can't show that it keeps it.
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
    /// How bad it is for who reads a report: the program's own faults are errors; what another kernel, loader or shape of the
    /// program would change are warnings. `None` for nothing.
    pub const fn severity(self) -> Option<Severity> {
        match self {
            Self::Program => Some(Severity::Error),
            Self::Kernel | Self::Privilege | Self::Limit => Some(Severity::Warning),
            Self::Unknown => Some(Severity::Notice),
            Self::Nobody => None,
        }
    }

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
    /// Why it's learnt nowhere, in a sentence: of the classes beside the catalogue.
    pub(crate) no_lesson: Option<&'static str>,
    /// The page of the kernel's documentation about it.
    pub(crate) docs: Option<&'static str>,
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
    /// What helps in each language. Where a guard is found too, it is what the guard can't say: how to write it so that the
    /// compiler keeps it. None of what is no fault or not known.
    pub(crate) remedy: fn(&Fault<'_>) -> Option<Remedy>,
    /// What the guard can't say.
    pub(crate) note: fn(&Fault<'_>) -> Option<String>,
    /// What stands for the words above where the log leaves open what they claim.
    pub(crate) words: fn(&Fault<'_>, Words) -> Words,
}

/// What helps, by the language that the program is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Remedy {
    /// For C with libbpf.
    pub c: &'static str,
    /// For Rust with aya.
    pub rust: &'static str,
    /// For assembly, and for who makes the load itself.
    pub asm: &'static str,
}

/// What is said of a class. Where the log leaves open what the class's own words would claim, others stand for them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    pub(crate) title: &'static str,
    pub(crate) why: &'static str,
    pub(crate) fix: &'static str,
}

impl Words {
    pub(crate) fn of(fault: &Fault<'_>, class: Class) -> Self {
        let facts = class.facts();
        (facts.words)(fault, Self { title: facts.title, why: facts.why, fix: facts.fix })
    }
}

/// The place of a class among the lessons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The slug of its chapter.
    pub chapter: &'static str,
    /// Its number in the chapter, by which lessons are ordered; there is room between two of them.
    pub number: u16,
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

    /// Why there is no case and no lesson of it, in a sentence; none if there are.
    pub const fn no_lesson(self) -> Option<&'static str> {
        self.facts().no_lesson
    }

    /// The page of the kernel's documentation about it, as a URL; none where there is no such page.
    pub const fn docs(self) -> Option<&'static str> {
        self.facts().docs
    }
}

/// The class of a rejection: the one that claims it by what the log shows, else that of the message. The program, where it's
/// at hand, tells what some logs leave open.
pub(crate) fn classify(fault: &Fault<'_>, program: Option<&Program>) -> Class {
    let Some(kind) = fault.kind() else { return Class::Unknown };
    let evidence = Evidence::new(fault, program);
    let mut claiming = Class::ALL.iter().copied().filter(|class| (class.facts().when)(&evidence));
    let claimed = claiming.next();
    debug_assert_eq!(claiming.next(), None, "{claimed:?} isn't alone");
    claimed.or_else(|| Class::of(kind.class()?)).unwrap_or(Class::Unknown)
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
    use crate::reading::Reading;

    #[test]
    fn every_class_says_what_helps_in_each_language_and_where_to_read_on() {
        let reading = Reading::default();
        let fault = Fault::new(&reading);
        let told = Class::ALL.iter().filter(|class| !matches!(class, Class::Accepted | Class::Unknown));
        let mut wrong = Vec::new();
        for class in told {
            let facts = class.facts();
            if facts.docs.is_none() {
                wrong.push(format!("{class}: no page of the kernel's documentation"));
            }
            let Some(Remedy { c, rust, asm }) = (facts.remedy)(&fault) else {
                wrong.push(format!("{class}: no remedy"));
                continue;
            };
            for what in [c, rust, asm] {
                if what.is_empty() || facts.fix.contains(what) || what.contains(facts.fix) {
                    wrong.push(format!("{class}: empty, or told twice: {what}"));
                }
            }
            if c == rust || rust == asm || c == asm {
                wrong.push(format!("{class}: two languages alike: {c}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn classes_of_the_catalogue_are_learnt_somewhere_and_the_others_say_why_not() {
        for (index, class) in Class::ALL.iter().enumerate() {
            assert_eq!(class.lesson().is_some(), index < Class::IN_CATALOGUE, "{class}");
            assert_eq!(class.no_lesson().is_none(), class.lesson().is_some(), "{class}");
            let reason = class.no_lesson().unwrap_or(".");
            assert!(
                reason.ends_with('.') && !reason.contains('\n') && reason.len() < 120,
                "{class}: {reason}"
            );
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
