//! A user's program in a guest: a static binary and the files that its arguments name go in, its output and status come out.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::initramfs::Initramfs;
use super::machine::{Machine, Patience};
use super::{End, GUEST, GuestError, serial};

/// The largest sum of files, in bytes, that a guest takes: it has them in memory twice while it boots.
const MOST: u64 = 512 << 20;

/// Where the guest has file systems of its own.
const TAKEN: [&str; 3] = ["/dev", "/proc", "/sys"];

/// Where a program writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuestStatus {
    /// By itself, with this status.
    Exit(i32),
    /// By a signal of this number.
    Signal(i32),
}

/// A run of a program in a guest that came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestRun {
    /// The kernel's release as `uname -r` gives it.
    pub release: String,
    /// How the program ended.
    pub status: GuestStatus,
}

/// A program to be run in guests, as the first and only one there.
///
/// The binary, and every file or folder that an argument names (also after the `=` of `--option=FILE`), stands in the guest
/// under the path that it has here, and the program starts in the same folder, so that its arguments mean the same. Nothing
/// else is there but `/dev`, `/proc`, `/sys`, `/sys/fs/bpf` and an empty `/tmp`.
#[derive(Debug, Clone)]
pub struct GuestCommand {
    archive: Vec<u8>,
    timeout: Duration,
}

impl GuestCommand {
    /// Reads the binary and the files that the arguments name, from the current folder.
    ///
    /// # Errors
    /// What can't be read, or is too much for a guest.
    pub fn new(binary: &Path, arguments: &[OsString], timeout: Duration) -> Result<Self, GuestError> {
        if GUEST.is_empty() {
            return Err(GuestError::NoGuestProgram);
        }
        let file = |error| GuestError::File { path: PathBuf::from("."), error };
        let folder = std::env::current_dir().map_err(file)?;
        let binary_here = place(&folder, binary);
        let mut files = Files::default();
        files.add(&binary_here)?;
        for argument in arguments {
            for path in named(argument) {
                let path = place(&folder, &path);
                if path.exists() && !TAKEN.iter().any(|taken| path.starts_with(taken)) {
                    files.add(&path)?;
                }
            }
        }
        let mut line = Vec::new();
        for word in [folder.as_os_str(), binary_here.as_os_str()]
            .into_iter()
            .chain(arguments.iter().map(AsRef::as_ref))
        {
            line.extend_from_slice(word.as_bytes());
            line.push(0);
        }
        let archive =
            files.archive.file("init", 0o755, GUEST).file("command", 0o644, &line).folder("tmp").finish();
        Ok(Self { archive, timeout })
    }

    /// Boots a kernel, gives what the program writes to `take` as it comes, and says how it ended.
    ///
    /// A kernel that doesn't boot gets a second chance.
    ///
    /// # Errors
    /// The machine's, the guest's, and a program that can't be started or doesn't end in time.
    pub fn run(&self, image: &Path, mut take: impl FnMut(Stream, &[u8])) -> Result<GuestRun, GuestError> {
        match self.boot(image, &mut take) {
            Err(GuestError::NoBoot { .. }) => self.boot(image, &mut take),
            other => other,
        }
    }

    fn boot(&self, image: &Path, take: &mut dyn FnMut(Stream, &[u8])) -> Result<GuestRun, GuestError> {
        let machine = Machine::start(image, &self.archive)?;
        let mut session = Session::default();
        let end = machine.read_lines(Patience::of(self.timeout), |line| {
            session.take(line, take);
            // The time is the whole program's.
            false
        })?;
        session.finish(&end, self.timeout)
    }
}

/// A path as it is from the root, without `.` and `..`.
fn place(folder: &Path, path: &Path) -> PathBuf {
    let mut place = PathBuf::new();
    for component in folder.join(path).components() {
        match component {
            Component::ParentDir => {
                place.pop();
            }
            Component::CurDir => {}
            other => place.push(other),
        }
    }
    place
}

/// The paths that an argument may mean.
fn named(argument: &OsString) -> Vec<PathBuf> {
    let bytes = argument.as_bytes();
    let value = bytes.iter().position(|byte| *byte == b'=').map(|at| &bytes[at + 1..]);
    let whole = (!bytes.starts_with(b"-")).then_some(bytes);
    let words = whole.into_iter().chain(value).filter(|word| !word.is_empty());
    words.map(|word| PathBuf::from(std::ffi::OsStr::from_bytes(word))).collect()
}

/// The files that go in.
#[derive(Debug, Default)]
struct Files {
    archive: Initramfs,
    seen: BTreeSet<PathBuf>,
    bytes: u64,
}

impl Files {
    /// Adds a file, or a folder with all that is in it. Links are followed.
    fn add(&mut self, path: &Path) -> Result<(), GuestError> {
        if !self.seen.insert(path.to_owned()) {
            return Ok(());
        }
        let failed = |error| GuestError::File { path: path.to_owned(), error };
        let about = fs::metadata(path).map_err(failed)?;
        if about.is_dir() {
            for entry in fs::read_dir(path).map_err(failed)? {
                self.add(&entry.map_err(failed)?.path())?;
            }
        } else if about.is_file() {
            self.bytes = self.bytes.saturating_add(about.len());
            if self.bytes > MOST {
                return Err(GuestError::TooLarge { path: path.to_owned(), most: MOST });
            }
            let data = fs::read(path).map_err(failed)?;
            let inside = path.as_os_str().as_bytes().strip_prefix(b"/").unwrap_or_default();
            self.archive =
                std::mem::take(&mut self.archive).file(inside, about.permissions().mode() & 0o7777, &data);
        }
        Ok(())
    }
}

/// One line of the guest's.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Line {
    Kernel { kernel: String },
    Piece { piece: usize, stream: u8, bytes: String },
    Exit { exit: i32, pieces: usize },
    Signal { signal: i32, pieces: usize },
    NotStarted { not_started: String },
}

/// What has come from a guest so far.
#[derive(Debug, Default)]
struct Session {
    release: Option<String>,
    /// The pieces of output that came, each the next after the last.
    pieces: usize,
    damaged: usize,
    ended: Option<(GuestStatus, usize)>,
    not_started: Option<String>,
    tail: Vec<String>,
}

impl Session {
    fn take(&mut self, line: &str, pass_on: &mut dyn FnMut(Stream, &[u8])) {
        match serial::read(line) {
            None => serial::keep_tail(&mut self.tail, line),
            Some(Err(serial::Damaged)) => self.damaged += 1,
            Some(Ok(Line::Kernel { kernel })) => self.release = Some(kernel),
            Some(Ok(Line::Exit { exit, pieces })) => self.ended = Some((GuestStatus::Exit(exit), pieces)),
            Some(Ok(Line::Signal { signal, pieces })) => {
                self.ended = Some((GuestStatus::Signal(signal), pieces));
            }
            Some(Ok(Line::NotStarted { not_started })) => self.not_started = Some(not_started),
            Some(Ok(Line::Piece { piece, stream, bytes })) => {
                let stream = if stream == 1 { Stream::Stdout } else { Stream::Stderr };
                match hex::decode(&bytes).ok().filter(|_| piece == self.pieces) {
                    Some(bytes) => pass_on(stream, &bytes),
                    None => self.damaged += 1,
                }
                self.pieces = piece + 1;
            }
        }
    }

    fn finish(self, end: &End, timeout: Duration) -> Result<GuestRun, GuestError> {
        let tail = serial::joined(&self.tail);
        if let Some(error) = self.not_started {
            return Err(GuestError::NotStarted(error));
        }
        match (self.release, self.ended, end) {
            (Some(_), Some((_, sent)), _) if sent != self.pieces || self.damaged > 0 => {
                Err(GuestError::Damaged { lines: self.damaged, missing: sent.saturating_sub(self.pieces) })
            }
            (Some(release), Some((status, _)), _) => Ok(GuestRun { release, status }),
            (_, _, End::Exit { success: false, status, stderr }) => {
                Err(GuestError::Qemu { status: status.clone(), stderr: stderr.clone() })
            }
            (None, ..) => Err(GuestError::NoBoot { timeout, tail }),
            (Some(_), None, End::TimeUp) => Err(GuestError::NoEnd { timeout, tail }),
            (Some(_), None, End::Exit { .. }) => Err(GuestError::Died { tail }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(lines: &[&str]) -> (Session, Vec<u8>) {
        let (mut session, mut out) = (Session::default(), Vec::new());
        for json in lines {
            let line = format!("@kw {:08x} {json}\r\n", crc32fast::hash(json.as_bytes()));
            session.take(&line, &mut |stream, bytes| {
                assert_eq!(stream, Stream::Stdout);
                out.extend_from_slice(bytes);
            });
        }
        (session, out)
    }

    const EXIT: End = End::Exit { status: String::new(), success: true, stderr: String::new() };

    #[test]
    fn output_and_status_come_out() {
        let (session, out) = session(&[
            r#"{"kernel":"6.12.1"}"#,
            r#"{"piece":0,"stream":1,"bytes":"6100ff"}"#,
            r#"{"piece":1,"stream":1,"bytes":"62"}"#,
            r#"{"exit":3,"pieces":2}"#,
        ]);
        assert_eq!(out, b"a\0\xffb");
        let run = session.finish(&EXIT, Duration::from_secs(1)).unwrap();
        assert_eq!((run.release.as_str(), run.status), ("6.12.1", GuestStatus::Exit(3)));
    }

    #[test]
    fn what_is_missing_is_no_success() {
        let timeout = Duration::from_secs(1);
        let lost = session(&[r#"{"kernel":"6.1"}"#, r#"{"exit":0,"pieces":1}"#]).0.finish(&EXIT, timeout);
        assert!(matches!(lost, Err(GuestError::Damaged { missing: 1, .. })), "{lost:?}");
        let late = session(&[r#"{"kernel":"6.1"}"#]).0.finish(&End::TimeUp, timeout);
        assert!(matches!(late, Err(GuestError::NoEnd { .. })), "{late:?}");
        let died = session(&[r#"{"kernel":"6.1"}"#]).0.finish(&EXIT, timeout);
        assert!(matches!(died, Err(GuestError::Died { .. })), "{died:?}");
        let none = session(&[]).0.finish(&End::TimeUp, timeout);
        assert!(matches!(none, Err(GuestError::NoBoot { .. })), "{none:?}");
        let refused = session(&[r#"{"kernel":"6.1"}"#, r#"{"not_started":"no"}"#]).0.finish(&EXIT, timeout);
        assert!(matches!(refused, Err(GuestError::NotStarted(_))), "{refused:?}");
    }

    #[test]
    fn arguments_name_files() {
        let paths = |argument: &str| named(&OsString::from(argument));
        assert_eq!(paths("a.o"), [PathBuf::from("a.o")]);
        assert_eq!(paths("--config=x/y"), [PathBuf::from("x/y")]);
        assert!(paths("-v").is_empty());
        assert_eq!(place(Path::new("/a/b"), Path::new("../c/./d")), Path::new("/a/c/d"));
    }
}
