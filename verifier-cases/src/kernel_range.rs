//! Which kernels an expectation is about.

use std::fmt;

use knockwright_asm::KernelVersion;

/// The series that the catalogue's expectations are measured on, oldest first.
pub const SERIES: [KernelVersion; 11] = [
    KernelVersion::new(5, 10),
    KernelVersion::new(6, 1),
    KernelVersion::new(6, 12),
    KernelVersion::new(6, 16),
    KernelVersion::new(6, 17),
    KernelVersion::new(6, 18),
    KernelVersion::new(6, 19),
    KernelVersion::new(7, 0),
    KernelVersion::new(7, 1),
    KernelVersion::new(7, 2),
    KernelVersion::new(7, 3),
];

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

/// The version in a release like `6.12.117+deb12-cloud-amd64` or a number like `6.12`.
pub fn version_of_release(release: &str) -> Option<KernelVersion> {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    Some(KernelVersion::new(numbers.next()?.ok()?, numbers.next()?.ok()?))
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

    #[test]
    fn releases_have_versions() {
        assert_eq!(version_of_release("6.12.117+deb12-cloud-amd64"), Some(KernelVersion::new(6, 12)));
        assert_eq!(version_of_release("7.3"), Some(KernelVersion::new(7, 3)));
        assert_eq!(version_of_release("7"), None);
        assert_eq!(version_of_release("host"), None);
    }
}
