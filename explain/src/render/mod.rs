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
}
