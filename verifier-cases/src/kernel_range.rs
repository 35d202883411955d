//! Which kernels an expectation is about.

use std::fmt;

use knockwright_asm::KernelVersion;

/// The series that the catalogue's expectations are measured on.
pub use knockwright_linux::SERIES;

/// A range of kernel versions, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernels {
    first: Option<KernelVersion>,
    last: Option<KernelVersion>,
}

/// Every kernel.
pub const ALL: Kernels = Kernels { first: None, last: None };

/// From a version on.
pub const fn since(major: u16, minor: u16) -> Kernels {
    Kernels { first: Some(KernelVersion::new(major, minor)), last: None }
}

/// Up to a version, which is included.
pub const fn until(major: u16, minor: u16) -> Kernels {
    Kernels { first: None, last: Some(KernelVersion::new(major, minor)) }
}

/// One version.
pub const fn only(major: u16, minor: u16) -> Kernels {
    between((major, minor), (major, minor))
}

/// From one version to another, both included.
pub const fn between(first: (u16, u16), last: (u16, u16)) -> Kernels {
    Kernels {
        first: Some(KernelVersion::new(first.0, first.1)),
        last: Some(KernelVersion::new(last.0, last.1)),
    }
}

impl Kernels {
    /// Whether a version is in the range.
    pub fn contains(&self, version: KernelVersion) -> bool {
        self.first.is_none_or(|first| first <= version) && self.last.is_none_or(|last| version <= last)
    }
}

impl fmt::Display for Kernels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            (None, None) => f.write_str("all kernels"),
            (Some(first), None) => write!(f, "{first} and later"),
            (None, Some(last)) => write!(f, "{last} and earlier"),
            (Some(first), Some(last)) if first == last => write!(f, "{first}"),
            (Some(first), Some(last)) => write!(f, "{first} to {last}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_include_their_ends() {
        let version = |minor| KernelVersion::new(6, minor);
        assert!(since(6, 12).contains(version(12)) && !since(6, 12).contains(version(11)));
        assert!(until(6, 12).contains(version(12)) && !until(6, 12).contains(version(13)));
        assert!(only(6, 12).contains(version(12)) && !only(6, 12).contains(version(13)));
        assert!(ALL.contains(version(0)));
    }
}
