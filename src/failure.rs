//! What a command that fails says, and the exit status that tells scripts why.

use std::fmt;
use std::io;
use std::process::ExitCode;

use knockwright_asm::text::visible_lines;

/// The exit statuses of the contract with scripts. Usage errors (2) are clap's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// All done; for `verify`: accepted.
    Done = 0,
    /// A program was rejected, a case failed.
    Rejected = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// A file, a text or a configuration is bad.
    BadInput = 3,
    /// Not permitted, or not possible on this machine.
    NotPossible = 4,
    /// A mistake of knockwright's own.
    Internal = 5,
}

impl Status {
    /// The status of several things done, from those of each: a mistake of ours first, then what can't be read, then a
    /// rejection, and only then what couldn't be asked.
    pub(crate) fn of_all(each: impl IntoIterator<Item = Self>) -> Self {
        const ORDER: [Status; 6] = [
            Status::Done,
            Status::NotPossible,
            Status::Rejected,
            Status::Usage,
            Status::BadInput,
            Status::Internal,
        ];
        let rank = |status: &Self| ORDER.iter().position(|one| one == status);
        each.into_iter().max_by_key(rank).unwrap_or(Self::Done)
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// The end of a command that can't go on.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    message: String,
}

impl Failure {
    pub(crate) fn new(status: Status, message: impl fmt::Display) -> Self {
        Self { status, message: message.to_string() }
    }

    pub(crate) fn bad_input(message: impl fmt::Display) -> Self {
        Self::new(Status::BadInput, message)
    }

    pub(crate) fn not_possible(message: impl fmt::Display) -> Self {
        Self::new(Status::NotPossible, message)
    }

    pub(crate) fn internal(message: impl fmt::Display) -> Self {
        Self::new(Status::Internal, message)
    }

    /// A file that can't be read or written: not permitted, no room left, or else the wrong file.
    pub(crate) fn file(name: &str, error: &io::Error) -> Self {
        use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        let status = match error.kind() {
            PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull => Status::NotPossible,
            _ => Status::BadInput,
        };
        Self::new(status, format!("{name}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It may name what stands in a file, and that may hold anything.
        f.write_str(&visible_lines(&self.message))
    }
}

/// Writing to standard output failed, for a full disk above all. A reader that goes away is none of these: see
/// [`Output`](crate::output::Output).
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::not_possible(format!("standard output: {error}"))
    }
}

/// What a command gives back.
pub(crate) type Outcome = Result<Status, Failure>;

#[cfg(test)]
mod tests {
    use super::Status::{self, BadInput, Done, Internal, NotPossible, Rejected};

    #[test]
    fn a_rejection_counts_more_than_what_was_not_asked_and_less_than_bad_input() {
        for (each, of_all) in [
            (&[][..], Done),
            (&[Done, Done], Done),
            (&[Done, NotPossible], NotPossible),
            (&[Rejected, NotPossible, Done], Rejected),
            (&[NotPossible, Rejected], Rejected),
            (&[Rejected, BadInput, NotPossible], BadInput),
            (&[Internal, BadInput], Internal),
        ] {
            assert_eq!(Status::of_all(each.iter().copied()), of_all, "{each:?}");
        }
    }
}
