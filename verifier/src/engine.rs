//! What verifies programs: the running kernel, a kernel in QEMU, or the verifier of this crate.

use std::error::Error;
use std::path::Path;

use knockwright_asm::KernelVersion;

use crate::attempt::Attempt;
use crate::verdict::Verdict;

/// A kernel as an engine names it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KernelId {
    /// What the user calls it: `host`, `6.12`, a file's name.
    pub name: String,
    /// Major and minor version, which expectations go by.
    pub version: KernelVersion,
    /// The release, `6.12.117+deb12-cloud-amd64`.
    pub release: String,
    /// How many processors it counts.
    pub cpus: u32,
}

impl KernelId {
    /// A kernel by its release; none if that doesn't start with a version.
    pub fn of_release(name: impl Into<String>, release: &str, cpus: u32) -> Option<Self> {
        let version = KernelVersion::of_release(release)?;
        Some(Self { name: name.into(), version, release: release.to_owned(), cpus })
    }
}

/// Something that verifies programs.
///
/// An engine is used by one thread at a time, which may be another one each time.
pub trait Engine: Send {
    /// The kernel whose verdicts these are. One in QEMU that has not booted yet does so for it.
    ///
    /// # Errors
    /// What keeps the engine from answering at all.
    fn kernel(&mut self) -> Result<KernelId, EngineError>;

    /// The verdicts on all attempts, in their order. Either all come or an error: nothing half done. What keeps one
    /// program from being verified is its verdict.
    ///
    /// # Errors
    /// What kept the engine from answering.
    fn verify(&mut self, attempts: &[Attempt]) -> Result<Vec<Verdict>, EngineError>;

    /// Says that nobody reads more of a log than so many bytes at its end. An engine to which logs come slowly, as they do from
    /// a kernel in QEMU, leaves out the rest; others needn't.
    fn limit_logs(&mut self, bytes: usize) {
        let _ = bytes;
    }

    /// What the user calls the kernel, as far as that's known before it is asked.
    fn name(&self) -> Option<&str> {
        None
    }

    /// The image that it boots, of a kernel in a machine of its own: its types are in there.
    fn image(&self) -> Option<&Path> {
        None
    }

    /// The verdict on one attempt. Every failure is a verdict too.
    fn verdict(&mut self, attempt: &Attempt) -> Verdict {
        match self.verify(std::slice::from_ref(attempt)) {
            Ok(verdicts) => verdicts.into_iter().next().unwrap_or_else(Verdict::no_answer),
            Err(error) => Verdict::error(0, error.to_string()),
        }
    }
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
    /// A kernel of its own machine can't be asked.
    #[error("kernel {kernel}: {error}")]
    Machine {
        /// Which one.
        kernel: String,
        /// What happened.
        #[source]
        error: Box<dyn Error + Send + Sync>,
    },
}
