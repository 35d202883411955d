//! Kernels in QEMU, by software emulation: no KVM, no modules, no root.
//!
//! A kernel boots on the machine type `microvm` with an initial RAM disk that holds two files: the guest's first process and
//! the programs to load. What the verifier says comes back over the serial port.

mod command;
mod initramfs;
mod machine;
mod serial;
mod wire;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use knockwright_asm::KernelVersion;
use knockwright_linux::errno::{E2BIG, EIO, Errno};
use knockwright_verifier::{Attempt, Engine, EngineError, KernelId, Outcome, Verdict};

use crate::{functions, older, types};
use initramfs::Initramfs;
use machine::{Machine, Patience};
use serial::Line;

pub use command::{GuestCommand, GuestRun, GuestStatus, Stream};
pub use machine::{QEMU_VARIABLE, find_qemu};

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
        QEMU_VARIABLE
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
    #[error(
        "no answer within {} s at load {load}: the program takes longer there, or the kernel hung; its last words: {tail}",
        timeout.as_secs()
    )]
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
    /// A user's program is too much to carry into a guest.
    #[error("{}: more than {} MiB of files don't go into a guest", path.display(), most >> 20)]
    TooLarge {
        /// The file that was too much.
        path: PathBuf,
        /// How many bytes all files may have.
        most: u64,
    },
    /// A user's program can't be started in the guest.
    #[error(
        "the program can't be started in the guest: {0}; it has to be a static binary, for the guest has no libraries"
    )]
    NotStarted(String),
    /// A user's program runs too long.
    #[error("the program did not end within {} s; the kernel's last words: {tail}", timeout.as_secs())]
    NoEnd {
        /// How long was waited.
        timeout: Duration,
        /// The end of the serial output.
        tail: String,
    },
    /// The kernel crashed while a user's program ran.
    #[error("the kernel ended before the program did; its last words: {tail}")]
    Died {
        /// The end of the serial output.
        tail: String,
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
    /// How long a guest may say nothing: until it has booted, and then at each program.
    patience: Patience,
    /// How many bytes of a log are told.
    most_log: usize,
    /// What the kernel said of itself when it booted last.
    booted: Option<KernelId>,
}

/// Many times what a boot takes, and what a program of a million instructions does where QEMU emulates the processor.
const PATIENCE: Patience = Patience { boot: Duration::from_secs(180), load: Duration::from_secs(600) };

/// The longest log that comes whole: what every kernel has room for.
const WHOLE_LOG: usize = (16 << 20) - 1;

/// How many bytes of programs share a boot: the guest has them in memory several times.
const BOOT_BYTES: usize = 64 << 20;

impl QemuEngine {
    /// An engine for a kernel image (`bzImage` or `vmlinux`), under the name that reports show.
    pub fn new(name: impl Into<String>, image: impl Into<PathBuf>) -> Self {
        Self { name: name.into(), image: image.into(), patience: PATIENCE, most_log: WHOLE_LOG, booted: None }
    }

    /// The same with another limit of how long the guest may say nothing.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.patience = Patience::of(timeout);
        self
    }

    /// The image.
    pub fn image(&self) -> &Path {
        &self.image
    }

    fn boot(&self, file: &[u8], attempts: &[Attempt]) -> Result<Ended, GuestError> {
        if GUEST.is_empty() {
            return Err(GuestError::NoGuestProgram);
        }
        let archive = Initramfs::new().file("init", 0o755, GUEST).file("cases", 0o644, file).finish();
        let machine = Machine::start(&self.image, &archive)?;
        let mut session = Session::new(attempts);
        let end = machine.read_lines(self.patience, |line| session.take(line));
        Ok(session.finish(&self.name, end?, self.patience))
    }

    /// Boots, loads everything and powers off. Where the kernel doesn't come to the end it's booted again for what it has
    /// left: that can be bad luck. A program at which it hangs or crashes twice gets no verdict, and the rest are asked.
    fn ask(&mut self, attempts: &[Attempt]) -> Result<(KernelId, Vec<Verdict>), GuestError> {
        let mut verdicts: Vec<Verdict> = Vec::with_capacity(attempts.len());
        let mut failed_at = None;
        loop {
            let rest = &attempts[verdicts.len()..];
            let (file, share) = wire::encode(rest, BOOT_BYTES, self.most_log);
            let Ended { kernel, answered, failure } = self.boot(&file, &rest[..share])?;
            verdicts.extend(answered);
            let at = verdicts.len();
            match failure {
                None if at < attempts.len() => {}
                None => return Ok((kernel?, verdicts)),
                Some(error) if !error.may_be_bad_luck() => return Err(error),
                Some(_) if failed_at != Some(at) => failed_at = Some(at),
                Some(error @ (GuestError::Hung { .. } | GuestError::Crashed { .. }))
                    if at < attempts.len() =>
                {
                    verdicts.push(Verdict::error(EIO, error.to_string()));
                }
                Some(error) => return Err(error),
            }
        }
    }
}

impl Engine for QemuEngine {
    /// The serial port is emulated byte by byte.
    fn limit_logs(&mut self, bytes: usize) {
        self.most_log = bytes.min(WHOLE_LOG);
    }

    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }

    fn image(&self) -> Option<&Path> {
        Some(&self.image)
    }

    fn kernel(&mut self) -> Result<KernelId, EngineError> {
        match &self.booted {
            Some(kernel) => Ok(kernel.clone()),
            None => {
                self.verify(&[])?;
                self.booted.clone().ok_or_else(|| EngineError::UnknownRelease { release: String::new() })
            }
        }
    }

    fn verify(&mut self, attempts: &[Attempt]) -> Result<Vec<Verdict>, EngineError> {
        let mut made = Cow::Borrowed(attempts);
        // What BTF a kernel takes goes by its version, which it says itself if its name doesn't.
        if attempts.iter().any(|attempt| attempt.btf.is_some()) {
            let version = match KernelVersion::of_release(&self.name) {
                Some(version) => version,
                None => self.kernel()?.version,
            };
            for (index, attempt) in attempts.iter().enumerate() {
                if let Some(attempt) = older::attempt_for(attempt, version) {
                    made.to_mut()[index] = attempt;
                }
            }
        }
        if attempts.iter().any(functions::are_named)
            && let Ok(types) = types::of_image(&self.image)
        {
            for attempt in made.to_mut().iter_mut().filter(|attempt| functions::are_named(attempt)) {
                *attempt = functions::attempt_for(attempt, &types);
            }
        }
        let (kernel, verdicts) = self.ask(&made).map_err(|error| error.of(&self.name))?;
        self.booted = Some(kernel);
        Ok(verdicts)
    }
}

impl GuestError {
    /// The error of the kernel that it happened to.
    fn of(self, kernel: &str) -> EngineError {
        EngineError::Machine { kernel: kernel.to_owned(), error: Box::new(self) }
    }

    /// Whether it may go well the next time.
    const fn may_be_bad_luck(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Hung { .. } | Self::NoBoot { .. } | Self::Crashed { .. })
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

/// What came of a boot.
struct Ended {
    kernel: Result<KernelId, GuestError>,
    /// The verdicts up to the first that is missing.
    answered: Vec<Verdict>,
    /// Why it wasn't all.
    failure: Option<GuestError>,
}

/// What has come from a guest so far.
struct Session<'a> {
    attempts: &'a [Attempt],
    release: Option<String>,
    /// By attempt; none for those that were not answered.
    verdicts: Vec<Option<Verdict>>,
    end: Option<usize>,
    damaged: usize,
    fatal: Option<String>,
    /// The last lines that weren't the guest's: messages of the kernel.
    tail: Vec<String>,
}

/// The processors of each machine.
const CPUS: u32 = 1;

impl<'a> Session<'a> {
    fn new(attempts: &'a [Attempt]) -> Self {
        let verdicts = vec![None; attempts.len()];
        Self { attempts, release: None, verdicts, end: None, damaged: 0, fatal: None, tail: Vec::new() }
    }

    /// Takes a line, and says whether it's one of the guest's.
    fn take(&mut self, line: &str) -> bool {
        match serial::read(line) {
            None => {
                serial::keep_tail(&mut self.tail, line);
                return false;
            }
            Some(Err(serial::Damaged)) => self.damaged += 1,
            Some(Ok(Line::Kernel { kernel })) => self.release = Some(kernel),
            Some(Ok(Line::Result { load, errno, log_level, log_cut, log })) => {
                let mut verdict = verdict(errno, log, log_level);
                verdict.log_cut = log_cut != 0;
                self.answer(load, verdict);
            }
            Some(Ok(Line::Failed { load, errno, error })) => self.answer(load, Verdict::error(errno, error)),
            Some(Ok(Line::End { end })) => self.end = Some(end),
            Some(Ok(Line::Fatal { fatal })) => self.fatal = Some(fatal),
        }
        true
    }

    fn answer(&mut self, load: usize, verdict: Verdict) {
        if let Some(place) = self.verdicts.get_mut(load) {
            *place = Some(verdict);
        }
    }

    /// The program whose answer would have come next.
    fn next_load(&self) -> String {
        let next = self.verdicts.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        self.attempts
            .get(next)
            .map_or_else(|| "none".to_owned(), |attempt| format!("`{}`", attempt.program.name))
    }

    fn finish(self, name: &str, end: End, patience: Patience) -> Ended {
        let failure = self.failure(end, patience);
        let release = self.release.unwrap_or_default();
        let kernel = KernelId::of_release(name, &release, CPUS).ok_or(GuestError::UnknownRelease(release));
        let answered = self.verdicts.into_iter().map_while(|verdict| verdict).collect();
        Ended { kernel, answered, failure }
    }

    /// Why not all verdicts are there.
    fn failure(&self, end: End, patience: Patience) -> Option<GuestError> {
        let Patience { boot: timeout, load: at_a_load } = patience;
        if let Some(fatal) = &self.fatal {
            return Some(GuestError::Fatal(fatal.clone()));
        }
        let missing = self.verdicts.iter().filter(|verdict| verdict.is_none()).count();
        if self.end == Some(self.attempts.len()) && missing == 0 && self.damaged == 0 {
            return None;
        }
        let (load, tail) = (self.next_load(), serial::joined(&self.tail));
        Some(match (end, &self.release) {
            (End::TimeUp, None) => GuestError::NoBoot { timeout, tail },
            (End::TimeUp, Some(_)) => GuestError::Hung { timeout: at_a_load, load, tail },
            (End::Exit { success: false, status, stderr }, _) => GuestError::Qemu { status, stderr },
            (End::Exit { .. }, None) if self.damaged == 0 => GuestError::NoBoot { timeout, tail },
            (End::Exit { .. }, Some(_)) if self.end.is_none() && self.damaged == 0 => {
                GuestError::Crashed { load, tail }
            }
            (End::Exit { .. }, _) => GuestError::Damaged { lines: self.damaged, missing },
        })
    }
}

/// The verdict of a load in a guest. A refused one whose log is empty was refused before the verifier looked at it: it
/// would have written something, but of programs of no or of too many instructions.
fn verdict(errno: i32, log: String, level: u32) -> Verdict {
    let verdict = Verdict::of_log(errno, log, level);
    if verdict.outcome == Outcome::Reject && verdict.log.is_empty() && level > 0 && errno != E2BIG {
        let errno = Errno(errno);
        return Verdict::refused(
            errno.0,
            format!(
                "the kernel refused the load before verifying: {errno}; check the program type, its flags and attach type"
            ),
            level,
        );
    }
    verdict
}

#[cfg(test)]
mod tests;
