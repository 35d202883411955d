//! What a service leaves in the kernel: pins in a folder of the interface, and who holds them.
//!
//! The folder is `ROOT/INTERFACE` in a BPF file system, with the pins `link`, `knock` (the program) and its maps. A running
//! service holds a lock (`flock`) on the folder, which the kernel releases when the process ends in whatever way: a folder
//! without lock is what a killed service left, and its program goes on filtering.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use knockwright_loader::Errno;
use knockwright_loader::pin::{PinError, PinFolder};
use knockwright_loader::sys::SysError;
use knockwright_loader::xdp::{LinkStatus, XdpLink};
use rustix::fs::{FlockOperation, flock, major, minor};

/// Where the folders of all interfaces stand, unless another root is asked for.
pub const DEFAULT_ROOT: &str = "/sys/fs/bpf/knockwright";

/// The pin of the link.
pub(crate) const LINK: &str = "link";
/// The pin of the program, and its name.
pub(crate) const PROGRAM: &str = "knock";
/// The map of sources, which a new service can go on with.
pub(crate) const SOURCES: &str = "ip_tracking_map";
/// The map with the configuration.
pub(crate) const CONFIG: &str = "config_map";
/// The ring buffer.
pub(crate) const EVENTS: &str = "events";

/// Pins that can't be read, held or removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// Nothing is there.
    #[error("interface `{interface}` is not guarded: nothing is pinned under {}", .root.display())]
    NotGuarded {
        /// The interface.
        interface: String,
        /// The root of the folders.
        root: PathBuf,
    },
    /// The pins can't be used.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// The kernel refused to detach.
    #[error("the program can't be detached from `{interface}`: {error}")]
    Detach {
        /// The interface.
        interface: String,
        /// What the kernel said.
        error: SysError,
    },
    /// The folder can't be opened, locked or removed.
    #[error("{what} {}: {errno}", .path.display())]
    Folder {
        /// What was done.
        what: &'static str,
        /// The folder.
        path: PathBuf,
        /// What the kernel said.
        errno: Errno,
    },
}

impl GuardError {
    fn folder(what: &'static str, path: &Path, error: &std::io::Error) -> Self {
        let (path, errno) = (path.to_owned(), Errno(error.raw_os_error().unwrap_or(0)));
        match error.kind() {
            ErrorKind::PermissionDenied => Self::Pin(PinError::NotPermitted { path, errno }),
            _ => Self::Folder { what, path, errno },
        }
    }
}

/// The folder's name for an interface. Names of pins have letters, digits, `_` and `-` only: other bytes, and `_`, become
/// `_` and two hexadecimal digits.
pub fn folder_name(interface: &str) -> String {
    let mut name = String::new();
    for byte in interface.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            name.push(byte.into());
        } else {
            name.push_str(&format!("_{byte:02x}"));
        }
    }
    name
}

/// The interface that a folder's name stands for; `None` if it isn't one that [`folder_name`] gives.
pub fn interface_of(folder: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = folder.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'_' => {
                let mut digit = || Some((rest.next()? as char).to_digit(16)? as u8);
                digit()? << 4 | digit()?
            }
            byte => byte,
        });
    }
    let name = String::from_utf8(bytes).ok()?;
    (folder_name(&name) == folder).then_some(name)
}

/// The interfaces that have a folder, in alphabetical order. None if there is no root.
///
/// # Errors
/// [`GuardError`] if the root can't be read.
pub fn interfaces(root: &Path) -> Result<Vec<String>, GuardError> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(GuardError::folder("reading", root, &error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| GuardError::folder("reading", root, &error))?;
        names.extend(interface_of(&entry.file_name().to_string_lossy()));
    }
    names.sort();
    Ok(names)
}

/// The folder of an interface.
///
/// # Errors
/// [`GuardError::NotGuarded`] if there is none, else [`GuardError`].
pub(crate) fn open(root: &Path, interface: &str) -> Result<PinFolder, GuardError> {
    let path = root.join(folder_name(interface));
    match fs::symlink_metadata(&path) {
        Ok(_) => Ok(PinFolder::open(path)?),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(GuardError::NotGuarded { interface: interface.to_owned(), root: root.to_owned() })
        }
        Err(error) => Err(GuardError::folder("opening", &path, &error)),
    }
}

/// Whether a service holds a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// None does.
    Nobody,
    /// This process does, if it can be told: it can't if it's in another PID namespace.
    Process(Option<u32>),
}

/// A folder with its lock.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) folder: PinFolder,
    /// The lock lasts as long as this is open.
    _lock: File,
}

/// The outcome of [`hold`].
#[derive(Debug)]
pub(crate) enum Hold {
    Held(Held),
    /// Another process has the lock.
    Taken(Holder),
}

/// Creates an interface's folder if need be, and locks it.
pub(crate) fn hold(root: &Path, interface: &str) -> Result<Hold, GuardError> {
    let mut attempts = 0;
    loop {
        let folder = PinFolder::create(root.join(folder_name(interface)))?;
        match lock(folder.path())? {
            // Others look at the lock for a moment, and a service that ends removes the folder.
            Locked::Gone if attempts < 20 => {}
            Locked::Gone | Locked::Taken if attempts >= 10 => return Ok(Hold::Taken(holder(folder.path()))),
            Locked::Gone | Locked::Taken => {}
            Locked::Yes(lock) => return Ok(Hold::Held(Held { folder, _lock: lock })),
        }
        attempts += 1;
        std::thread::sleep(Duration::from_millis(20));
    }
}

enum Locked {
    Yes(File),
    Taken,
    Gone,
}

fn lock(path: &Path) -> Result<Locked, GuardError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Locked::Gone),
        Err(error) => return Err(GuardError::folder("opening", path, &error)),
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => return Ok(Locked::Taken),
        Err(errno) => return Err(GuardError::folder("locking", path, &errno.into())),
    }
    // The folder may have been removed, and another one made, between opening and locking.
    let same = match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(there)) => held.ino() == there.ino() && held.dev() == there.dev(),
        _ => false,
    };
    Ok(if same { Locked::Yes(file) } else { Locked::Gone })
}

/// Who holds a folder.
pub(crate) fn holder(path: &Path) -> Holder {
    let taken = matches!(lock(path), Ok(Locked::Taken));
    if taken { Holder::Process(locker(path)) } else { Holder::Nobody }
}

/// The process that has the lock, from `/proc/locks`, whose lines are `1: FLOCK  ADVISORY  WRITE 1234 00:1c:56 0 EOF`.
fn locker(path: &Path) -> Option<u32> {
    let data = fs::metadata(path).ok()?;
    let file = format!("{:02x}:{:02x}:{}", major(data.dev()), minor(data.dev()), data.ino());
    let locks = fs::read_to_string("/proc/locks").ok()?;
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = words.iter().position(|word| *word == file)?;
        words.get(at.checked_sub(1)?)?.parse().ok()
    })
}

/// What [`unload`] took away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unloaded {
    /// The interface.
    pub interface: String,
    /// How the link stood, if there was one.
    pub link: Option<LinkStatus>,
    /// How many pins were removed.
    pub pins: usize,
    /// Who was holding them; a service ends by itself when its program is detached.
    pub holder: Holder,
}

/// Detaches an interface's program and removes its pins, whether its service still runs or not.
///
/// # Errors
/// [`GuardError`]; [`GuardError::NotGuarded`] if there was nothing.
pub fn unload(root: &Path, interface: &str) -> Result<Unloaded, GuardError> {
    let folder = open(root, interface)?;
    let holder = holder(folder.path());
    let link = match XdpLink::open(&folder, LINK) {
        Ok(link) => Some(link),
        Err(PinError::NotFound { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let status = link.as_ref().and_then(|link| link.status().ok());
    if let Some(link) = link {
        detach(link, interface)?;
    }
    let pins = remove(&folder)?;
    Ok(Unloaded { interface: interface.to_owned(), link: status, pins, holder })
}

pub(crate) fn detach(link: XdpLink, interface: &str) -> Result<(), GuardError> {
    link.detach().map_err(|error| GuardError::Detach { interface: interface.to_owned(), error })
}

/// Removes a folder with its pins, the link last; another process may do so at the same time. Returns how many pins.
pub(crate) fn remove(folder: &PinFolder) -> Result<usize, GuardError> {
    let mut names = match folder.names() {
        Ok(names) => names,
        Err(PinError::NotFound { .. }) => return Ok(0),
        Err(error) => return Err(error.into()),
    };
    names.sort_by_key(|name| name == LINK);
    let mut removed = 0;
    for name in &names {
        removed += usize::from(folder.unpin(name)?);
    }
    match fs::remove_dir(folder.path()) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(GuardError::folder("removing", folder.path(), &error))
        }
        _ => Ok(removed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_folders() {
        for (interface, folder) in [
            ("eth0", "eth0"),
            ("eth0.100", "eth0_2e100"),
            ("br-lan", "br-lan"),
            ("a_b", "a_5fb"),
            ("ü", "_c3_bc"),
        ] {
            assert_eq!(folder_name(interface), folder);
            assert_eq!(interface_of(folder).as_deref(), Some(interface));
        }
        for folder in ["a_b", "a_", "a_5F", "a.b", "_ff"] {
            assert_eq!(interface_of(folder), None, "{folder}");
        }
    }

    #[test]
    fn locks_tell_their_holder() {
        let path = std::env::temp_dir().join(format!("knockwright-lock-{}", std::process::id()));
        fs::create_dir(&path).unwrap();
        assert_eq!(holder(&path), Holder::Nobody);
        let Ok(Locked::Yes(first)) = lock(&path) else { panic!("not locked") };
        assert_eq!(holder(&path), Holder::Process(Some(std::process::id())));
        drop(first);
        assert_eq!(holder(&path), Holder::Nobody);
        fs::remove_dir(&path).unwrap();
        assert!(matches!(lock(&path), Ok(Locked::Gone)));
    }

    #[test]
    fn nothing_there() {
        let root = std::env::temp_dir().join("knockwright-no-such-folder");
        assert_eq!(interfaces(&root).unwrap(), Vec::<String>::new());
        let error = unload(&root, "eth0").unwrap_err();
        assert!(matches!(error, GuardError::NotGuarded { .. }));
        assert!(error.to_string().starts_with("interface `eth0` is not guarded"), "{error}");
    }
}
