//! Error numbers of system calls, with the names that manual pages and the kernel's documentation use.

use std::fmt;
use std::io;

use knockwright_asm::linux::errno;

/// An error number, always positive.
///
/// Displays as the symbolic name followed by the system's text: `EACCES (Permission denied)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Errno(pub i32);

impl Errno {
    /// The error number of the calling thread's last failed system call.
    pub(crate) fn last() -> Self {
        Self::of(&io::Error::last_os_error())
    }

    /// The error number in `error`; `EIO` if it holds none.
    pub fn of(error: &io::Error) -> Self {
        Self(error.raw_os_error().unwrap_or(errno::EIO))
    }

    /// The symbolic name, for the numbers that BPF system calls and netlink return.
    pub fn name(self) -> Option<&'static str> {
        errno::name_of(self.0)
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(name), Some(text)) = (self.name(), errno::text_of(self.0)) {
            return write!(f, "{name} ({text})");
        }
        let text = io::Error::from_raw_os_error(self.0).to_string();
        let text = text.split(" (os error").next().unwrap_or_default();
        write!(f, "error {} ({text})", self.0)
    }
}

impl From<rustix::io::Errno> for Errno {
    fn from(errno: rustix::io::Errno) -> Self {
        Self(errno.raw_os_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_name_and_text() {
        assert_eq!(Errno(errno::EACCES).to_string(), "EACCES (Permission denied)");
        assert_eq!(Errno(errno::ENOTSUPP).to_string(), "ENOTSUPP (Operation is not supported)");
        assert!(Errno(9999).to_string().starts_with("error 9999 ("));
    }
}
