//! Why a verification ends before the program's end.

pub(crate) use knockwright_asm::linux::errno::{E2BIG, EACCES, EBADF, EFAULT, EINVAL, ENOTSUPP, EPERM};

use crate::message::Message;

/// A rejection, or something that isn't modelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The kernel refuses the program.
    Reject(Box<Refusal>),
    /// The name of what isn't modelled.
    Unsupported(String),
    /// The kernel doesn't make a map, so that no program is looked at.
    NoMap {
        /// What making it ends with, positive.
        errno: i32,
        /// Which, and why.
        what: String,
    },
}

/// What the kernel refuses with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Positive.
    pub(crate) errno: i32,
    /// What the log says of it, line by line. Some refusals are silent.
    pub(crate) messages: Vec<Message>,
}

impl Stop {
    pub(crate) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported(what.into())
    }

    /// A refusal without a word.
    #[cold]
    pub(crate) fn silent(errno: i32) -> Self {
        Self::Reject(Box::new(Refusal { errno, messages: Vec::new() }))
    }

    /// The same with one more line.
    #[must_use]
    #[cold]
    pub(crate) fn then(mut self, message: Message) -> Self {
        if let Self::Reject(refusal) = &mut self {
            refusal.messages.push(message);
        }
        self
    }
}

/// Refuses the program with a message.
#[cold]
pub(crate) fn refuse<T>(errno: i32, message: Message) -> Checked<T> {
    Err(Stop::silent(errno).then(message))
}

/// The result of a check.
pub(crate) type Checked<T = ()> = Result<T, Stop>;
