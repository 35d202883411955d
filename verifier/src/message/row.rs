//! One row of the table, as data.

use knockwright_asm::KernelVersion;
use knockwright_linux::release::{Release, Releases};

use super::{ClassId, Kind};

/// A message: what it is about, its fields and its texts.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) kind: Kind,
    pub(super) about: About,
    pub(super) fields: &'static [Field],
    pub(super) texts: &'static [Text],
}

/// What a message says of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// Why it's refused, and the class that the text alone decides. There is no refusal without one.
    Class(ClassId),
    /// Something on the way.
    Note,
}

/// A value in a message.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) hole: Hole,
}

/// What can stand where a value is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hole {
    /// The digits of a register.
    Register,
    /// A number, decimal or with `0x`, perhaps negative.
    Number,
    /// Text up to what follows.
    Text,
}

/// A text of a message, with its fields in braces.
#[derive(Debug)]
pub(super) struct Text {
    /// The kernels that print it, by their series; none if it's known from logs of kernels that nobody recorded.
    pub(super) releases: Option<Releases>,
    pub(super) template: &'static str,
}

/// The kernels of a text, or `read` for one that is only read.
pub(super) const fn releases(text: &'static str) -> Option<Releases> {
    match text.as_bytes() {
        b"read" => None,
        _ => Some(Releases::new(text)),
    }
}

impl Row {
    /// The text that a kernel prints.
    pub(super) fn text_on(&self, kernel: KernelVersion) -> Option<&'static Text> {
        self.texts.iter().find(|text| text.is_of(kernel))
    }
}

impl Text {
    /// Whether a kernel prints it.
    pub(super) fn is_of(&self, kernel: KernelVersion) -> bool {
        let first = Release { series: kernel, patch: 0 };
        self.releases.is_some_and(|releases| releases.contain(first))
    }
}
