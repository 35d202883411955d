//! What a command that fails says, and the exit status that tells scripts why.

use std::fmt;
use std::process::ExitCode;

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

    /// Whether it's only that the reader of our output went away, which is no failure.
    pub(crate) fn is_closed_pipe(error: &std::io::Error) -> bool {
        error.kind() == std::io::ErrorKind::BrokenPipe
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Writing to standard output failed: the disk is full, or the reader is gone.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if Self::is_closed_pipe(&error) {
            return Self::new(Status::Done, "");
        }
        Self::internal(format!("can't write the output: {error}"))
    }
}

/// What a command gives back.
pub(crate) type Outcome = Result<Status, Failure>;
