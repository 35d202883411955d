//! What runs programs past a verifier: the running kernel, a kernel in QEMU, or a verifier in user space.

use knockwright_asm::{KernelVersion, Program};
use knockwright_codegen::KernelRecords;

use crate::case::Privilege;
use crate::observation::Observation;

/// A program to be verified.
#[derive(Debug, Clone)]
pub struct Load {
    /// What messages call it.
    pub name: String,
    /// The program.
    pub program: Program,
    /// The BTF of its functions and lines, if it's to have some.
    pub btf: Option<KernelRecords>,
    /// `BPF_F_*` program flags.
    pub flags: u32,
    /// Who loads it.
    pub privilege: Privilege,
    /// The log levels wanted, each its own load, ascending: of 0, 1 and 2.
    pub levels: Vec<u32>,
}

/// What one load came to: an observation, or why there is no verdict.
pub type Attempt = Result<Observation, NotVerified>;

/// Why there is no verdict on a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotVerified {
    /// The user-space verifier doesn't model this, and doesn't guess.
    #[error("unsupported: {0}")]
    Unsupported(String),
    /// The verifier never saw the program.
    #[error("{0}")]
    Failed(String),
}

/// The answer to one load at one level.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The index of the [`Load`].
    pub load: usize,
    /// The log level that was asked for.
    pub level: u32,
    /// What came of it.
    pub attempt: Attempt,
}

/// A kernel as an engine names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KernelId {
    /// What the user calls it: `host`, `6.12`, a file's name.
    pub name: String,
    /// Major and minor version, which expectations go by.
    pub version: KernelVersion,
    /// The release, `6.12.117+deb12-cloud-amd64`.
    pub release: String,
}

/// Something that verifies programs.
pub trait Engine {
    /// Verifies all programs, in order. Either all answers come or an error: nothing half done.
    ///
    /// # Errors
    /// What kept the engine from answering.
    fn verify(&mut self, loads: &[Load]) -> Result<(KernelId, Vec<Answer>), EngineError>;
}

/// Why an engine gave no answers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The running kernel doesn't let this user load programs.
    #[error(
        "this user may not load programs: run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON ({0})"
    )]
    NotPermitted(String),
    /// The release isn't a version.
    #[error("`{release}` doesn't start with a kernel version")]
    UnknownRelease {
        /// As the kernel gives it.
        release: String,
    },
    /// A kernel in QEMU.
    #[error("kernel {kernel}: {error}")]
    Guest {
        /// Which one.
        kernel: String,
        /// What happened.
        #[source]
        error: crate::qemu::GuestError,
    },
}
