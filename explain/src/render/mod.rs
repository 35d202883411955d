//! Diagnoses for people and programs.

mod fix;
pub mod github;
pub mod html;
pub mod sarif;
pub mod text;

use crate::reading::UnknownLines;

/// What renderers say of the run beside the explanations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meta {
    /// The version of knockwright.
    pub version: Option<String>,
    /// Where knockwright is described.
    pub information_uri: Option<String>,
    /// What the logs were read from, as the user named it.
    pub input: Option<String>,
    /// Where the book of lessons is served, for links to its pages: `https://example.org/lessons`.
    pub lessons: Option<String>,
    /// The lines outside of all logs that no loader writes.
    pub outside: UnknownLines,
    /// How many logs aren't shown since each tells a fault that is told of an earlier one.
    pub repeated: usize,
}

impl Meta {
    /// Says that some logs aren't shown; none if all are.
    pub fn repeated_words(&self) -> Option<String> {
        match self.repeated {
            0 => None,
            1 => Some("1 more log tells a fault that is told above".to_owned()),
            more => Some(format!("{more} more logs tell faults that are told above")),
        }
    }
}
