//! Why a verification ends before the program's end.

pub(crate) use knockwright_asm::linux::errno::{
    E2BIG, EACCES, EBADF, EFAULT, EINVAL, ENOMEM, ENOTSUPP, EPERM,
};

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
