//! The names of the classes of rejections.

use std::fmt;

/// A class of rejections, by the name that cases, lessons and diagnoses go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(&'static str);

impl ClassId {
    /// The class of a name such as `map-value-or-null`. What it is and how it's told is the explainer's to know.
    pub const fn new(slug: &'static str) -> Self {
        Self(slug)
    }

    /// The name that cases, diagnoses and files go by.
    pub const fn slug(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for ClassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
