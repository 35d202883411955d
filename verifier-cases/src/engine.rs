//! What runs programs past a verifier: the running kernel, a kernel in QEMU, or a verifier in user space.

use knockwright_asm::{KernelVersion, Program};

use crate::case::Privilege;
use crate::observation::Observation;

/// A program to be verified.
#[derive(Debug, Clone)]
pub struct Load {
    /// What messages call it.
    pub name: String,
    /// The program.
    pub program: Program,
    /// BTF with its records, if the program comes with some; else the engine makes what it needs.
    pub btf: Option<Btf>,
    /// `BPF_F_*` program flags.
    pub flags: u32,
    /// Who loads it.
    pub privilege: Privilege,
    /// The log levels wanted, each its own load: 1, 2 or both.
    pub levels: Vec<u32>,
}

/// BTF in the form that `bpf(2)` takes: record offsets count slots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Btf {
    /// The types and strings.
    pub types: Vec<u8>,
    /// `struct bpf_func_info` records of 8 bytes.
    pub func_info: Vec<u8>,
    /// `struct bpf_line_info` records of 16 bytes.
    pub line_info: Vec<u8>,
}

/// What one load came to: an observation, or why the verifier never saw the program.
pub type Attempt = Result<Observation, String>;

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
