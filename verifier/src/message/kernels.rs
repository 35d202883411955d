//! Ranges of kernels.

use knockwright_asm::KernelVersion;

/// The kernels that print a text, as series. No texts of kernels before 5.10 are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kernels {
    /// From the first to the last; none means that no end is known.
    Range { since: Option<KernelVersion>, until: Option<KernelVersion> },
    /// Known from logs, not from which kernel.
    Unrecorded,
}

impl Kernels {
    /// Reads `..`, `..=6.1`, `6.1..`, `6.1..=7.2` or `read`, with spaces between its parts as the compiler writes them.
    /// Anything else is an error of the table.
    pub(super) const fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        if let b"read" = bytes {
            return Self::Unrecorded;
        }
        let (since, at) = version(bytes, 0);
        let at = skip(bytes, skip(bytes, at, b'.'), b'.');
        let at = if at < bytes.len() { skip(bytes, at, b'=') } else { at };
        let (until, at) = version(bytes, at);
        assert!(at == bytes.len(), "no range of kernels");
        Self::Range { since, until }
    }

    /// Whether a kernel is one of them.
    pub(super) fn contain(self, kernel: KernelVersion) -> bool {
        match self {
            Self::Range { since, until } => {
                since.is_none_or(|since| since <= kernel) && until.is_none_or(|until| kernel <= until)
            }
            Self::Unrecorded => false,
        }
    }
}

const fn skip(bytes: &[u8], mut at: usize, byte: u8) -> usize {
    while at < bytes.len() && bytes[at] == b' ' {
        at += 1;
    }
    assert!(at < bytes.len() && bytes[at] == byte, "no range of kernels");
    at + 1
}

/// A version at a place, if one starts there, and the place after it.
const fn version(bytes: &[u8], mut at: usize) -> (Option<KernelVersion>, usize) {
    while at < bytes.len() && bytes[at] == b' ' {
        at += 1;
    }
    let (major, dot) = digits(bytes, at);
    if dot == at {
        return (None, at);
    }
    let start = skip(bytes, dot, b'.');
    let (minor, end) = digits(bytes, start);
    assert!(end > start, "a version has two numbers");
    (Some(KernelVersion::new(major, minor)), end)
}

const fn digits(bytes: &[u8], mut at: usize) -> (u16, usize) {
    let mut value = 0;
    while at < bytes.len() && bytes[at].is_ascii_digit() {
        value = value * 10 + (bytes[at] - b'0') as u16;
        at += 1;
    }
    (value, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_as_in_rust() {
        let version = |major, minor| Some(KernelVersion::new(major, minor));
        let range = |since, until| Kernels::Range { since, until };
        assert_eq!(Kernels::of(".."), range(None, None));
        assert_eq!(Kernels::of("..=6.10"), range(None, version(6, 10)));
        assert_eq!(Kernels::of("6.1.."), range(version(6, 1), None));
        assert_eq!(Kernels::of("5.18 ..= 7.2"), range(version(5, 18), version(7, 2)));
        assert_eq!(Kernels::of("read"), Kernels::Unrecorded);
    }
}
