//! Who works on which folder: locks on the root and on the folders.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use knockwright_loader::pin::PinFolder;
use rustix::fs::{FlockOperation, flock, major, minor};

use super::{PinsError, path, remove, rename};

/// How long the root's lock is waited for: a start holds it while it loads the program.
const ROOT_PATIENCE: Duration = Duration::from_secs(10);

/// Whether a service holds a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// None does.
    Nobody,
    /// This process does, if it can be told: it can't if it's in another PID namespace.
    Process(Option<u32>),
}

/// Nobody else makes, renames or removes folders under the root while this lives.
#[derive(Debug)]
pub(crate) struct RootLock {
    _file: File,
}

impl RootLock {
    /// Locks a root; `None` if there is none.
    pub(crate) fn take(root: &Path) -> Result<Option<Self>, PinsError> {
        let end = Instant::now() + ROOT_PATIENCE;
        loop {
            match lock(root, FlockOperation::NonBlockingLockExclusive)? {
                Locked::Yes(file) => return Ok(Some(Self { _file: file })),
                Locked::Gone => return Ok(None),
                Locked::Taken if Instant::now() > end => {
                    return Err(PinsError::Occupied { root: root.to_owned() });
                }
                Locked::Taken => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    /// Makes the root if need be, and locks it.
    pub(crate) fn make(root: &Path) -> Result<Self, PinsError> {
        loop {
            PinFolder::create(root)?;
            if let Some(lock) = Self::take(root)? {
                return Ok(lock);
            }
        }
    }
}

/// A folder with its lock.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) folder: PinFolder,
    root: PathBuf,
    /// The lock lasts as long as this is open.
    lock: File,
}

impl Held {
    /// Whether the folder is still where it was made. If not, what is there is another service's.
    pub(crate) fn is_there(&self) -> bool {
        is_at(&self.lock, self.folder.path())
    }

    /// Gives the folder an interface's name, if no other has it.
    pub(crate) fn rename(&mut self, interface: &str) -> Result<(), PinsError> {
        let Some(_root) = RootLock::take(&self.root)? else {
            return Ok(());
        };
        self.rename_locked(interface)
    }

    /// The same for who has the root's lock already.
    pub(crate) fn rename_locked(&mut self, interface: &str) -> Result<(), PinsError> {
        let new = path(&self.root, interface)?;
        if is_at(&self.lock, &new) {
            self.folder = PinFolder::open(new)?; // another one has done it
            return Ok(());
        }
        if self.is_there() && rename(self.folder.path(), &new)? {
            self.folder = PinFolder::open(new)?;
        }
        Ok(())
    }

    /// Removes the folder with its pins, if it's still the one that was made.
    pub(crate) fn remove(&self) -> Result<(), PinsError> {
        let Some(_root) = RootLock::take(&self.root)? else {
            return Ok(());
        };
        self.remove_locked()
    }

    /// The same for who has the root's lock already.
    pub(crate) fn remove_locked(&self) -> Result<(), PinsError> {
        if self.is_there() { remove(&self.folder).map(drop) } else { Ok(()) }
    }
}

/// The outcome of [`hold`].
#[derive(Debug)]
pub(crate) enum Hold {
    Held(Held),
    /// Another process has the lock.
    Taken(Holder),
}

/// Locks a folder, made if need be, for who has the root's lock.
pub(crate) fn hold(root: &Path, folder: PathBuf) -> Result<Hold, PinsError> {
    let folder = PinFolder::create(folder)?;
    match lock(folder.path(), FlockOperation::NonBlockingLockExclusive)? {
        Locked::Yes(lock) => Ok(Hold::Held(Held { folder, root: root.to_owned(), lock })),
        Locked::Gone | Locked::Taken => Ok(Hold::Taken(holder(folder.path()))),
    }
}

enum Locked {
    Yes(File),
    Taken,
    Gone,
}

fn lock(path: &Path, how: FlockOperation) -> Result<Locked, PinsError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Locked::Gone),
        Err(error) => return Err(PinsError::folder("opening", path, &error)),
    };
    match flock(&file, how) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => return Ok(Locked::Taken),
        Err(errno) => return Err(PinsError::folder("locking", path, &errno.into())),
    }
    // The folder may have been removed, and another one made, between opening and locking.
    Ok(if is_at(&file, path) { Locked::Yes(file) } else { Locked::Gone })
}

/// Whether a path leads to an open folder.
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(there)) => held.ino() == there.ino() && held.dev() == there.dev(),
        _ => false,
    }
}

/// Who holds a folder.
pub(crate) fn holder(path: &Path) -> Holder {
    // A shared lock: who only looks is no holder for others who look.
    let taken = matches!(lock(path, FlockOperation::NonBlockingLockShared), Ok(Locked::Taken));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_tell_their_holder() {
        let path = std::env::temp_dir().join(format!("knockwright-lock-{}", std::process::id()));
        fs::create_dir(&path).unwrap();
        assert_eq!(holder(&path), Holder::Nobody);
        let exclusive = FlockOperation::NonBlockingLockExclusive;
        let Ok(Locked::Yes(first)) = lock(&path, exclusive) else { panic!("not locked") };
        assert_eq!(holder(&path), Holder::Process(Some(std::process::id())));
        drop(first);
        assert_eq!(holder(&path), Holder::Nobody);
        let Ok(Locked::Yes(looking)) = lock(&path, FlockOperation::NonBlockingLockShared) else {
            panic!("not locked")
        };
        assert_eq!(holder(&path), Holder::Nobody, "another one who looks is no holder");
        fs::remove_dir(&path).unwrap();
        assert!(!is_at(&looking, &path));
        assert!(matches!(lock(&path, exclusive), Ok(Locked::Gone)));
        fs::create_dir(&path).unwrap();
        assert!(!is_at(&looking, &path), "a new folder at its place is another one");
        fs::remove_dir(&path).unwrap();
    }
}
