//! Error numbers that system calls on BPF answer with.
//!
//! Source: `include/uapi/asm-generic/errno-base.h` and `errno.h`; the texts are those of `strerror(3)`.

use std::fmt;

macro_rules! errors {
    ($($(#[$meta:meta])* $name:ident = $number:literal $text:literal,)*) => {
        $($(#[$meta])* pub const $name: i32 = $number;)*

        /// Every error number with its name and its text.
        const TABLE: &[(i32, &str, &str)] = &[$(($number, stringify!($name), $text)),*];
    };
}

errors! {
    /// Not enough privilege for the call, or for something that the program does.
    EPERM = 1 "Operation not permitted",
    /// Something that doesn't exist: a file, a key of a map, a kernel function, a type.
    ENOENT = 2 "No such file or directory",
    /// No such process.
    ESRCH = 3 "No such process",
    /// A signal came first.
    EINTR = 4 "Interrupted system call",
    /// A device failed.
    EIO = 5 "Input/output error",
    /// No such device or address.
    ENXIO = 6 "No such device or address",
    /// Too much: instructions, states, calls; or attributes that this kernel doesn't know.
    E2BIG = 7 "Argument list too long",
    /// A descriptor that isn't one, or one of another kind.
    EBADF = 9 "Bad file descriptor",
    /// Not now: try again.
    EAGAIN = 11 "Resource temporarily unavailable",
    /// No memory, or more than the limit allows.
    ENOMEM = 12 "Cannot allocate memory",
    /// An access that isn't safe: the error of most rejections.
    EACCES = 13 "Permission denied",
    /// An address outside of the process, or an overflow of the verifier's own tables.
    EFAULT = 14 "Bad address",
    /// In use.
    EBUSY = 16 "Device or resource busy",
    /// There already.
    EEXIST = 17 "File exists",
    /// No such device.
    ENODEV = 19 "No such device",
    /// Not a folder.
    ENOTDIR = 20 "Not a directory",
    /// A folder.
    EISDIR = 21 "Is a directory",
    /// The code's form, arithmetic that isn't allowed, an attribute that makes no sense.
    EINVAL = 22 "Invalid argument",
    /// Too many open files in the system.
    ENFILE = 23 "Too many open files in system",
    /// Too many open files in the process.
    EMFILE = 24 "Too many open files",
    /// The log doesn't fit into its buffer; in older kernels also a program that is too complex.
    ENOSPC = 28 "No space left on device",
    /// A file system that can't be written.
    EROFS = 30 "Read-only file system",
    /// Out of range: an MTU, an offset.
    ERANGE = 34 "Numerical result out of range",
    /// A deadlock would follow.
    EDEADLK = 35 "Resource deadlock avoided",
    /// A system call that this kernel doesn't have.
    ENOSYS = 38 "Function not implemented",
    /// A folder that isn't empty.
    ENOTEMPTY = 39 "Directory not empty",
    /// Too many symbolic links.
    ELOOP = 40 "Too many levels of symbolic links",
    /// Nothing there.
    ENODATA = 61 "No data available",
    /// The link is gone.
    ENOLINK = 67 "Link has been severed",
    /// The other side says what isn't understood.
    EPROTO = 71 "Protocol error",
    /// A number that doesn't fit.
    EOVERFLOW = 75 "Value too large for defined data type",
    /// Not supported: by this driver, for this program or map.
    EOPNOTSUPP = 95 "Operation not supported",
    /// The network is down.
    ENETDOWN = 100 "Network is down",
    /// No answer in time.
    ETIMEDOUT = 110 "Connection timed out",
    /// As `EOPNOTSUPP`: a number that only the kernel has, which it nevertheless returns from `bpf(2)`.
    ENOTSUPP = 524 "Operation is not supported",
}

/// The name of an error number.
pub fn name_of(errno: i32) -> Option<&'static str> {
    TABLE.iter().find(|(number, ..)| *number == errno).map(|(_, name, _)| *name)
}

/// What `strerror(3)` says of an error number.
pub fn text_of(errno: i32) -> Option<&'static str> {
    TABLE.iter().find(|(number, ..)| *number == errno).map(|(.., text)| *text)
}

/// The name of an error number, or the number itself.
pub fn name(errno: i32) -> String {
    name_of(errno).map_or_else(|| format!("errno {errno}"), str::to_owned)
}

/// Every error number with its name and its text, by number.
pub fn all() -> impl Iterator<Item = (i32, &'static str, &'static str)> {
    TABLE.iter().copied()
}

/// An error number, always positive.
///
/// Displays as the name followed by the text: `EACCES (Permission denied)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Errno(pub i32);

impl Errno {
    /// The name, for the numbers that BPF system calls and netlink return.
    pub fn name(self) -> Option<&'static str> {
        name_of(self.0)
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (name_of(self.0), text_of(self.0)) {
            (Some(name), Some(text)) => write!(f, "{name} ({text})"),
            _ => write!(f, "error {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts() {
        assert_eq!(Errno(EACCES).to_string(), "EACCES (Permission denied)");
        assert_eq!(Errno(524).to_string(), "ENOTSUPP (Operation is not supported)");
        assert_eq!(Errno(9999).to_string(), "error 9999");
        assert_eq!((name(EINVAL), name(9999)), ("EINVAL".to_owned(), "errno 9999".to_owned()));
    }

    #[test]
    fn the_texts_are_those_of_the_system() {
        // The system has no text for the kernel's own number.
        for (number, name, text) in all().filter(|(number, ..)| *number != ENOTSUPP) {
            let system = std::io::Error::from_raw_os_error(number).to_string();
            assert_eq!(system, format!("{text} (os error {number})"), "{name}");
        }
        assert!(all().is_sorted(), "by number");
    }
}
