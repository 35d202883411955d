//! Versions of the kernel.

use std::fmt;
use std::str::FromStr;

/// A kernel's version, major and minor: `6.12`. What its stable releases change is told by their number beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KernelVersion {
    /// The first number.
    pub major: u16,
    /// The second number.
    pub minor: u16,
}

impl KernelVersion {
    /// The version `major.minor`.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// The version in a release like `6.12.117+deb12-cloud-amd64` or a number like `6.12`.
    pub fn of_release(release: &str) -> Option<Self> {
        let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(str::parse);
        Some(Self::new(numbers.next()?.ok()?, numbers.next()?.ok()?))
    }
}

/// The series that are measured, oldest first: those with a kernel to ask.
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

impl fmt::Display for KernelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A text that is no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kernel version: write the first two numbers, as in 6.12")]
pub struct NoVersion(pub String);

impl FromStr for KernelVersion {
    type Err = NoVersion;

    /// Reads `major.minor`.
    fn from_str(text: &str) -> Result<Self, NoVersion> {
        let no_version = || NoVersion(text.to_owned());
        let (major, minor) = text.split_once('.').ok_or_else(no_version)?;
        let number = |part: &str| part.parse().map_err(|_| no_version());
        Ok(Self { major: number(major)?, minor: number(minor)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_number() {
        let version = |text: &str| text.parse::<KernelVersion>();
        assert_eq!(version("6.12"), Ok(KernelVersion::new(6, 12)));
        assert!(version("6.9").unwrap() < version("6.12").unwrap());
        for text in ["6", "6.", ".1", "6.12.1", "six.one", "6.99999"] {
            assert_eq!(version(text), Err(NoVersion(text.to_owned())));
        }
    }

    #[test]
    fn releases_have_versions() {
        let of = KernelVersion::of_release;
        assert_eq!(of("6.12.117+deb12-cloud-amd64"), Some(KernelVersion::new(6, 12)));
        assert_eq!(of("7.3"), Some(KernelVersion::new(7, 3)));
        assert_eq!(of("7"), None);
        assert_eq!(of("host"), None);
    }
}
