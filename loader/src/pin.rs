//! Names in the BPF file system, which keep maps, programs and links alive beyond the end of a process.
//!
//! Everything of one service stands in one folder, by default `/sys/fs/bpf/knockwright/NAME`, readable for root only.

use std::fs;
use std::io::ErrorKind;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::mount::{MountFlags, mount};

use knockwright_asm::linux::errno;

use crate::errno::Errno;
use crate::map::{Map, MapError};
use crate::sys::{SysError, obj_get, obj_pin};

/// Where the BPF file system belongs.
pub const BPF_FILE_SYSTEM: &str = "/sys/fs/bpf";

/// `BPF_FS_MAGIC`, `include/uapi/linux/magic.h`.
const BPF_FS_MAGIC: u32 = 0xcafe_4a11;

/// A pin that can't be made, found or removed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// The folder isn't in a BPF file system.
    #[error("{} is not in a BPF file system; mount it with `mount -t bpf bpf {BPF_FILE_SYSTEM}`", .path.display())]
    NotBpf {
        /// The folder.
        path: PathBuf,
    },
    /// The name isn't one that can be pinned.
    #[error("`{name}` can't be the name of a pin: use letters, digits, `_` and `-`")]
    BadName {
        /// The name.
        name: String,
    },
    /// Nothing is pinned there.
    #[error("nothing is pinned at {}", .path.display())]
    NotFound {
        /// The path.
        path: PathBuf,
    },
    /// Something is pinned there already.
    #[error("something is pinned at {} already; unpin it or open it instead", .path.display())]
    Taken {
        /// The path.
        path: PathBuf,
    },
    /// What's pinned there is of another kind.
    #[error("what is pinned at {} is not a {wanted}: {error}", .path.display())]
    WrongKind {
        /// The path.
        path: PathBuf,
        /// `map`, `link` or `program`.
        wanted: &'static str,
        /// What the kernel said.
        error: SysError,
    },
    /// The privileges are missing.
    #[error("no permission for {}: {errno}; run as root", .path.display())]
    NotPermitted {
        /// The path.
        path: PathBuf,
        /// What the kernel said.
        errno: Errno,
    },
    /// Another failure.
    #[error("{what} {}: {errno}", .path.display())]
    Failed {
        /// What was done.
        what: &'static str,
        /// The path.
        path: PathBuf,
        /// What the kernel said.
        errno: Errno,
    },
}

impl PinError {
    fn new(what: &'static str, path: &Path, errno: Errno) -> Self {
        let path = path.to_owned();
        match errno.0 {
            errno::ENOENT => Self::NotFound { path },
            errno::EEXIST => Self::Taken { path },
            errno::EPERM | errno::EACCES => Self::NotPermitted { path, errno },
            _ => Self::Failed { what, path, errno },
        }
    }
}

/// Mounts a BPF file system, as init systems do at [`BPF_FILE_SYSTEM`]; only root can open it.
///
/// # Errors
/// [`PinError::NotPermitted`] without `CAP_SYS_ADMIN`, [`PinError::NotFound`] without the folder.
pub fn mount_bpf_file_system(path: &Path) -> Result<(), PinError> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount("bpf", path, "bpf", flags, c"mode=0700")
        .map_err(|errno| PinError::new("mounting", path, errno.into()))
}

/// Whether a folder is in a BPF file system.
pub fn is_bpf_file_system(path: &Path) -> bool {
    rustix::fs::statfs(path).is_ok_and(|fs| fs.f_type as u32 == BPF_FS_MAGIC)
}

/// A folder of pins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinFolder {
    path: PathBuf,
}

impl PinFolder {
    /// The default folder of a service: `/sys/fs/bpf/knockwright/NAME`, created if need be.
    ///
    /// # Errors
    /// [`PinError::BadName`], else as [`PinFolder::create`].
    pub fn of(name: &str) -> Result<Self, PinError> {
        check_name(name)?;
        Self::create(Path::new(BPF_FILE_SYSTEM).join("knockwright").join(name))
    }

    /// A folder at any place in a BPF file system, created with its parents if need be, for root only.
    ///
    /// # Errors
    /// [`PinError::NotBpf`], [`PinError::BadName`], [`PinError::NotPermitted`] or [`PinError::Failed`].
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, PinError> {
        let path = path.into();
        // Ask before creating: folders in sysfs or on a disk would be of no use.
        let existing = path.ancestors().find(|ancestor| ancestor.exists());
        if !existing.is_some_and(is_bpf_file_system) {
            return Err(PinError::NotBpf { path });
        }
        let missing = path.ancestors().take_while(|ancestor| !ancestor.exists());
        if let Some(name) = missing.filter_map(Path::file_name).find(|name| name.as_bytes().contains(&b'.')) {
            return Err(PinError::BadName { name: name.to_string_lossy().into_owned() });
        }
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .map_err(|error| PinError::new("creating", &path, Errno::of(&error)))?;
        Ok(Self { path })
    }

    /// A folder that exists.
    ///
    /// # Errors
    /// [`PinError::NotFound`] or [`PinError::NotBpf`].
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, PinError> {
        let path = path.into();
        if !path.is_dir() {
            return Err(PinError::NotFound { path });
        }
        if !is_bpf_file_system(&path) {
            return Err(PinError::NotBpf { path });
        }
        Ok(Self { path })
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a pin in it.
    ///
    /// # Errors
    /// [`PinError::BadName`].
    pub fn pin_path(&self, name: &str) -> Result<PathBuf, PinError> {
        check_name(name)?;
        Ok(self.path.join(name))
    }

    /// The names of all pins, in alphabetical order.
    ///
    /// # Errors
    /// [`PinError::NotFound`] if the folder is gone.
    pub fn names(&self) -> Result<Vec<String>, PinError> {
        let failed = |error: std::io::Error| PinError::new("listing", &self.path, Errno::of(&error));
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// Pins a map, link or program under a name.
    ///
    /// # Errors
    /// [`PinError::Taken`] if there is such a pin already.
    pub fn pin(&self, object: &impl AsFd, name: &str) -> Result<PathBuf, PinError> {
        let path = self.pin_path(name)?;
        pin_at(object.as_fd(), &path)?;
        Ok(path)
    }

    /// Opens a pinned map.
    ///
    /// # Errors
    /// [`PinError::NotFound`] or [`PinError::WrongKind`].
    pub fn open_map(&self, name: &str) -> Result<Map, PinError> {
        let path = self.pin_path(name)?;
        let fd = open_at(&path)?;
        Map::from_fd(fd).map_err(|error| match error {
            MapError::NoMap(error) => PinError::WrongKind { path, wanted: "map", error },
            other => {
                PinError::Failed { what: "opening", path, errno: other.errno().unwrap_or(Errno(errno::EIO)) }
            }
        })
    }

    /// Removes a pin; `false` if there was none. The object lives on as long as something else refers to it.
    ///
    /// # Errors
    /// [`PinError::NotPermitted`] or [`PinError::Failed`].
    pub fn unpin(&self, name: &str) -> Result<bool, PinError> {
        let path = self.pin_path(name)?;
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(PinError::new("unpinning", &path, Errno::of(&error))),
        }
    }

    /// Removes all pins and the folder. An attachment that only its pin kept alive ends a moment later.
    ///
    /// # Errors
    /// [`PinError::NotPermitted`] or [`PinError::Failed`], for instance for a folder in it.
    pub fn remove(self) -> Result<(), PinError> {
        for name in self.names()? {
            let path = self.path.join(name);
            fs::remove_file(&path).map_err(|error| PinError::new("unpinning", &path, Errno::of(&error)))?;
        }
        fs::remove_dir(&self.path).map_err(|error| PinError::new("removing", &self.path, Errno::of(&error)))
    }
}

/// The BPF file system refuses names with a dot (`kernel/bpf/inode.c`, `bpf_lookup`).
fn check_name(name: &str) -> Result<(), PinError> {
    /// `include/uapi/linux/limits.h`.
    const NAME_MAX: usize = 255;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.len() <= NAME_MAX && name.chars().all(fits) {
        Ok(())
    } else {
        Err(PinError::BadName { name: name.to_owned() })
    }
}

fn pin_at(object: BorrowedFd<'_>, path: &Path) -> Result<(), PinError> {
    obj_pin(object, path).map_err(|error| match error.errno.0 {
        errno::EINVAL | errno::EPERM if !path.parent().is_some_and(is_bpf_file_system) => {
            PinError::NotBpf { path: path.to_owned() }
        }
        _ => PinError::new("pinning", path, error.errno),
    })
}

pub(crate) fn open_at(path: &Path) -> Result<OwnedFd, PinError> {
    obj_get(path).map_err(|error| PinError::new("opening", path, error.errno))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_pins() {
        for name in ["eth0", "a_b-c", "X"] {
            assert_eq!(check_name(name), Ok(()));
        }
        for name in ["", "a.b", "..", "a/b", "ü", "a b"] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn other_file_systems_are_refused() {
        let path = std::env::temp_dir().join("knockwright-no-bpf/deeper");
        assert_eq!(PinFolder::create(&path), Err(PinError::NotBpf { path: path.clone() }));
        assert!(!path.exists());
        assert!(matches!(PinFolder::open(&path), Err(PinError::NotFound { .. })));
    }
}
