//! Kernels in QEMU, by software emulation: no KVM, no modules, no root.
//!
//! A kernel boots on the machine type `microvm` with an initial RAM disk that holds two files: the guest's first process and
//! the programs to load. What the verifier says comes back over the serial port.

mod initramfs;
mod machine;
mod serial;
mod wire;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::engine::{Answer, Engine, EngineError, KernelId, Load, NotVerified};
use crate::kernel_range::version_of_release;
use crate::observation::Observation;

use initramfs::Initramfs;
use machine::Machine;
use serial::Line;

pub use machine::{find_qemu, set_qemu_env_name};

/// The static first process, compiled by the build script.
static GUEST: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/guest"));

/// Why a kernel in QEMU gave no answers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuestError {
    /// The library was built without the guest's first process.
    #[error(
        "this build has no guest program: install the Rust target x86_64-unknown-linux-musl or a static glibc and build again"
    )]
    NoGuestProgram,
    /// QEMU isn't there.
    #[error(
        "no qemu-system-x86_64 in PATH: install it (Debian: qemu-system-x86) or name it in {}",
        set_qemu_env_name()
    )]
    NoQemu,
    /// A file can't be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        error: std::io::Error,
    },
    /// QEMU can't be started or died.
    #[error("QEMU ended with {status} before the kernel said anything: {stderr}")]
    Qemu {
        /// Its exit status.
        status: String,
        /// What it wrote to standard error.
        stderr: String,
    },
    /// Nothing came from the guest: the kernel doesn't boot.
    #[error("the kernel did not boot within {} s; its last words: {tail}", timeout.as_secs())]
    NoBoot {
        /// How long was waited.
        timeout: Duration,
        /// The end of the serial output.
        tail: String,
    },
    /// The guest stopped answering.
    #[error("no end within {} s; hung at load {load}; its last words: {tail}", timeout.as_secs())]
    Hung {
        /// How long was waited.
        timeout: Duration,
        /// The name of the load that wasn't answered.
        load: String,
        /// The end of the serial output.
        tail: String,
    },
    /// The kernel crashed while it verified a program.
    #[error("the kernel crashed at load {load}; its last words: {tail}")]
    Crashed {
        /// The name of the load that wasn't answered.
        load: String,
        /// The end of the serial output.
        tail: String,
    },
    /// Lines on the serial port were damaged or are missing.
    #[error("the serial output is damaged: {lines} damaged lines, {missing} answers missing")]
    Damaged {
        /// The lines whose checksum is wrong.
        lines: usize,
        /// The answers that didn't come.
        missing: usize,
    },
    /// The guest's first process gave up.
    #[error("the guest gave up: {0}")]
    Fatal(String),
    /// The kernel's release isn't a version.
    #[error("the kernel calls itself `{0}`, which doesn't start with a version")]
    UnknownRelease(String),
}

/// A kernel image that boots in QEMU for each batch of programs.
#[derive(Debug, Clone)]
pub struct QemuEngine {
    name: String,
    image: PathBuf,
    timeout: Duration,
}

/// How long a boot with all its loads may take: many times what it does take.
const TIMEOUT: Duration = Duration::from_secs(90);

impl QemuEngine {
    /// An engine for a kernel image (`bzImage` or `vmlinux`), under the name that reports show.
    pub fn new(name: impl Into<String>, image: impl Into<PathBuf>) -> Self {
        Self { name: name.into(), image: image.into(), timeout: TIMEOUT }
    }

    /// The same with another limit of time.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The image.
    pub fn image(&self) -> &Path {
        &self.image
    }

    fn boot(&self, archive: &[u8], loads: &[Load]) -> Result<(KernelId, Vec<Answer>), GuestError> {
        let machine = Machine::start(&self.image, archive)?;
        let mut session = Session::new(loads);
        let end = machine.read_lines(self.timeout, |line| session.take(line));
        session.finish(&self.name, end?, self.timeout)
    }
}

impl Engine for QemuEngine {
    /// Boots, loads everything and powers off. What can be bad luck (a hang, damaged output) gets a second chance.
    fn verify(&mut self, loads: &[Load]) -> Result<(KernelId, Vec<Answer>), EngineError> {
        let guest_error = |error| EngineError::Guest { kernel: self.name.clone(), error };
        if GUEST.is_empty() {
            return Err(guest_error(GuestError::NoGuestProgram));
        }
        let archive =
            Initramfs::new().file("init", 0o755, GUEST).file("cases", 0o644, &wire::encode(loads)).finish();
        let first = self.boot(&archive, loads);
        let result = match first {
            Err(
                GuestError::Damaged { .. }
                | GuestError::Hung { .. }
                | GuestError::NoBoot { .. }
                | GuestError::Crashed { .. },
            ) => self.boot(&archive, loads),
            other => other,
        };
        result.map_err(guest_error)
    }
}

/// How a machine's output ended.
#[derive(Debug)]
enum End {
    /// QEMU ended.
    Exit { status: String, success: bool, stderr: String },
    /// It was ended, for its time was up.
    TimeUp,
}

/// What has come from a guest so far.
struct Session<'a> {
    loads: &'a [Load],
    release: Option<String>,
    answers: Vec<Answer>,
    end: Option<usize>,
    damaged: usize,
    fatal: Option<String>,
    /// The last lines that weren't the guest's: messages of the kernel.
    tail: Vec<String>,
}

impl<'a> Session<'a> {
    fn new(loads: &'a [Load]) -> Self {
        let answers = Vec::with_capacity(loads.len());
        Self { loads, release: None, answers, end: None, damaged: 0, fatal: None, tail: Vec::new() }
    }

    fn take(&mut self, line: &str) {
        match serial::read(line) {
            None => {
                if !line.trim().is_empty() {
                    self.tail.push(line.trim().to_owned());
                }
                if self.tail.len() > 8 {
                    self.tail.remove(0);
                }
            }
            Some(Err(serial::Damaged)) => self.damaged += 1,
            Some(Ok(Line::Kernel { kernel })) => self.release = Some(kernel),
            Some(Ok(Line::Result { load, level, errno, log_level, log })) => {
                let attempt = Ok(Observation::new(errno, log, log_level));
                self.answers.push(Answer { load, level, attempt });
            }
            Some(Ok(Line::Failed { load, level, error })) => {
                self.answers.push(Answer { load, level, attempt: Err(NotVerified::Failed(error)) });
            }
            Some(Ok(Line::End { end })) => self.end = Some(end),
            Some(Ok(Line::Fatal { fatal })) => self.fatal = Some(fatal),
        }
    }

    /// The load whose answer would have come next.
    fn next_load(&self) -> String {
        let next = self.answers.last().map_or(0, |last| {
            let levels = self.loads.get(last.load).map_or(0, |load| load.levels.len());
            let answered = self.answers.iter().rev().take_while(|answer| answer.load == last.load).count();
            if answered < levels { last.load } else { last.load + 1 }
        });
        self.loads.get(next).map_or_else(|| "none".to_owned(), |load| format!("`{}`", load.name))
    }

    fn finish(self, name: &str, end: End, timeout: Duration) -> Result<(KernelId, Vec<Answer>), GuestError> {
        let tail = if self.tail.is_empty() { "none".to_owned() } else { self.tail.join(" | ") };
        let expected: usize = self.loads.iter().map(|load| load.levels.len()).sum();
        if let Some(fatal) = self.fatal {
            return Err(GuestError::Fatal(fatal));
        }
        let complete = self.end == Some(self.answers.len()) && self.answers.len() == expected;
        if !complete || self.damaged > 0 {
            let missing = expected.saturating_sub(self.answers.len());
            let load = self.next_load();
            return Err(match (end, &self.release) {
                (End::TimeUp, None) => GuestError::NoBoot { timeout, tail },
                (End::TimeUp, Some(_)) => GuestError::Hung { timeout, load, tail },
                (End::Exit { success: false, status, stderr }, _) => GuestError::Qemu { status, stderr },
                (End::Exit { .. }, None) if self.damaged == 0 => GuestError::NoBoot { timeout, tail },
                (End::Exit { .. }, Some(_)) if self.end.is_none() && self.damaged == 0 => {
                    GuestError::Crashed { load, tail }
                }
                (End::Exit { .. }, _) => GuestError::Damaged { lines: self.damaged, missing },
            });
        }
        let release = self.release.unwrap_or_default();
        let version =
            version_of_release(&release).ok_or_else(|| GuestError::UnknownRelease(release.clone()))?;
        Ok((KernelId { name: name.to_owned(), version, release }, self.answers))
    }
}

#[cfg(test)]
mod tests;
