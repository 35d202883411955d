//! One run of QEMU: its command line, its output line by line, its end.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::{FdFlags, fcntl_setfd};

use super::{End, GuestError};

/// The environment variable that names the QEMU to use.
pub const QEMU_VARIABLE: &str = "KNOCKWRIGHT_QEMU";

/// The QEMU that will be used: the one named by the environment, or the one in `PATH`.
pub fn find_qemu() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(QEMU_VARIABLE) {
        return Some(path.into());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("qemu-system-x86_64")).find(|file| file.is_file())
}

/// `microvm` without ACPI but with the timers that Debian's kernels need: others hang early in the boot.
const MACHINE: &str = "microvm,acpi=off,pit=on,pic=on,rtc=on,isa-serial=on";

/// A panic resets the machine at once, and `-no-reboot` makes that the end of QEMU.
const COMMAND_LINE: &str = "console=ttyS0 rdinit=/init panic=-1 reboot=t quiet loglevel=3 nokaslr tsc=reliable \
                            random.trust_cpu=on cryptomgr.notests";

/// The memory of a machine besides what it boots from, in MiB.
const MEMORY: usize = 384;

/// A machine that runs.
pub(super) struct Machine {
    qemu: Child,
    /// Where the command is.
    path: PathBuf,
}

/// How long a guest may say nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Until it has booted.
    pub(super) boot: Duration,
    /// After each thing that it has done.
    pub(super) load: Duration,
}

impl Patience {
    /// As long at each.
    pub(super) fn of(timeout: Duration) -> Self {
        Self { boot: timeout, load: timeout }
    }
}

impl Machine {
    pub(super) fn start(image: &Path, archive: &[u8]) -> Result<Self, GuestError> {
        let file = |error| GuestError::File { path: image.to_owned(), error };
        File::open(image).map_err(file)?;
        // While it boots the kernel has the archive twice, as it is and unpacked; then the guest reads it and takes it apart.
        let memory = (MEMORY + 4 * archive.len().div_ceil(1 << 20)).to_string();
        let archive = unnamed_file(archive)?;
        let path = find_qemu().ok_or(GuestError::NoQemu)?;
        let started = Command::new(&path)
            .args(["-nodefaults", "-no-user-config", "-display", "none", "-monitor", "none"])
            .args(["-serial", "stdio", "-no-reboot", "-machine", MACHINE])
            .args(["-accel", "tcg", "-cpu", "max", "-smp", "1", "-m", &memory])
            .arg("-kernel")
            .arg(image)
            .arg("-initrd")
            .arg(format!("/proc/self/fd/{}", archive.as_raw_fd()))
            .args(["-append", COMMAND_LINE])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        match started {
            Ok(qemu) => Ok(Self { qemu, path }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(GuestError::NoQemu),
            Err(error) => Err(GuestError::File { path, error }),
        }
    }

    /// Gives every line of the serial port to `take`, until QEMU ends or the time is up: that of a boot counts from the start,
    /// that of a load from each line of which `take` says that it's progress. A kernel that hangs may still complain.
    pub(super) fn read_lines(
        mut self,
        patience: Patience,
        mut take: impl FnMut(&str) -> bool,
    ) -> Result<End, GuestError> {
        let mut deadline = Instant::now() + patience.boot;
        let (sender, lines) = mpsc::channel();
        if let Some(stdout) = self.qemu.stdout.take() {
            thread::spawn(move || {
                let mut reader = BufReader::new(stdout);
                let mut line = Vec::new();
                while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                    let text = String::from_utf8_lossy(&line).into_owned();
                    if sender.send(text).is_err() {
                        break;
                    }
                    line.clear();
                }
            });
        }
        loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) if take(&line) => deadline = Instant::now() + patience.load,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return Ok(End::TimeUp), // dropping ends QEMU
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let mut stderr = String::new();
        if let Some(mut pipe) = self.qemu.stderr.take() {
            // What QEMU complains about explains its exit; failing to read it changes nothing.
            let _ = pipe.read_to_string(&mut stderr);
        }
        let status = self.qemu.wait().map_err(|error| GuestError::File { path: self.path.clone(), error })?;
        Ok(End::Exit {
            status: status.to_string(),
            success: status.success(),
            stderr: stderr.trim().to_owned(),
        })
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Both fail only if it has ended already.
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

/// A file without a name, which processes that are started inherit: it's gone with the last of them, whatever ends them.
fn unnamed_file(contents: &[u8]) -> Result<File, GuestError> {
    let written = tempfile::tempfile().and_then(|mut file| {
        file.write_all(contents)?;
        fcntl_setfd(&file, FdFlags::empty())?;
        Ok(file)
    });
    written.map_err(|error| GuestError::File { path: std::env::temp_dir(), error })
}
