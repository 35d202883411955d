//! Why a verification ends before the program's end.

/// Error numbers of rejections, `include/uapi/asm-generic/errno-base.h`.
pub(crate) const EPERM: i32 = 1;
pub(crate) const E2BIG: i32 = 7;
pub(crate) const EBADF: i32 = 9;
pub(crate) const ENOMEM: i32 = 12;
pub(crate) const EACCES: i32 = 13;
pub(crate) const EFAULT: i32 = 14;
pub(crate) const EINVAL: i32 = 22;
pub(crate) const ENOTSUPP: i32 = 524;

/// A rejection, or something that isn't modelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The kernel refuses with this error number; the log says why.
    Reject(i32),
    /// The name of what isn't modelled.
    Unsupported(String),
}

impl Stop {
    pub(crate) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported(what.into())
    }
}

/// The result of a check.
pub(crate) type Checked<T = ()> = Result<T, Stop>;
