//! What a service leaves in the kernel: pins in a folder of the interface, and who holds them.
//!
//! The folder is `ROOT/INTERFACE` in a BPF file system, with the pins `link`, the program and its maps. A running service holds
//! a lock (`flock`) on the folder, which the kernel releases when the process ends in whatever way: a folder without lock is
//! what a killed service left, and its program goes on filtering.
//!
//! Folders are made, renamed and removed under a lock on the root, and a service removes a folder only if it's the one that
//! it holds: what another one made in its place meanwhile isn't its own. In a folder, only pins with names of this project are
//! removed.
//!
//! A folder's name says where its service started. Where the program is now, the link says: interfaces are renamed, moved to
//! other network namespaces, removed and made again.

mod lock;

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use knockwright_loader::Errno;
use knockwright_loader::interface::{Interface, InterfaceError, is_name};
use knockwright_loader::pin::{PinError, PinFolder};
use knockwright_loader::sys::SysError;
use knockwright_loader::xdp::{LinkStatus, XdpLink};

pub use lock::Holder;
pub(crate) use lock::{Held, Hold, RootLock, hold, holder};

/// Where the folders of all interfaces stand, unless another root is asked for.
pub const DEFAULT_ROOT: &str = "/sys/fs/bpf/knockwright";

/// The pin of the link.
pub(crate) const LINK: &str = "link";
/// The pin of the program, and its name.
pub(crate) const PROGRAM: &str = "knock";
/// The same for interfaces without Ethernet headers.
pub(crate) const PROGRAM_WITHOUT_ETHERNET: &str = "knock_l3";
/// The map of sources, which a new service can go on with.
pub(crate) const SOURCES: &str = "ip_tracking_map";
/// The map with the configuration.
pub(crate) const CONFIG: &str = "config_map";
/// The ring buffer.
pub(crate) const EVENTS: &str = "events";
/// The counters of events that the ring buffer had no room for.
pub(crate) const LOST: &str = "lost_events";

/// All names of pins, the link last: it's what keeps the program attached.
const OWN_PINS: [&str; 7] = [PROGRAM, PROGRAM_WITHOUT_ETHERNET, CONFIG, SOURCES, EVENTS, LOST, LINK];

/// Pins that can't be read, held or removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PinsError {
    /// Nothing is there.
    #[error("interface `{interface}` is not guarded: nothing is pinned under {}", .root.display())]
    NotGuarded {
        /// The interface.
        interface: String,
        /// The root of the folders.
        root: PathBuf,
    },
    /// The name can't be an interface's.
    #[error(transparent)]
    Name(#[from] InterfaceError),
    /// The pins of that name are those of an interface that is called otherwise now.
    #[error(
        "interface `{interface}` is not guarded; the pins of this name are those of `{now}`, which was called so before"
    )]
    Renamed {
        /// The interface.
        interface: String,
        /// What the guarded one is called now.
        now: String,
    },
    /// The pins of that name are those of an interface of another network namespace.
    #[error(
        "interface `{interface}` of this network namespace is not guarded; the pins of this name are those of one in another \
         namespace, where its port stays guarded: {}", enter(*.service)
    )]
    Elsewhere {
        /// The interface.
        interface: String,
        /// The process that guards it, if it runs, can be told, and is in another namespace itself: the interface may have been
        /// moved away from it.
        service: Option<u32>,
    },
    /// What's pinned there was pinned by others.
    #[error("what is pinned at {} is not knockwright's ({}): nothing was removed", .path.display(), .pins.join(", "))]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// What's in it.
        pins: Vec<String>,
    },
    /// Another process is at work under the root.
    #[error("another process makes or removes pins under {} and doesn't come to an end; try again", .root.display())]
    Occupied {
        /// The root of the folders.
        root: PathBuf,
    },
    /// The pins can't be used.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// The link can't be asked.
    #[error(transparent)]
    Link(SysError),
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

impl PinsError {
    fn folder(what: &'static str, path: &Path, error: &std::io::Error) -> Self {
        let (path, errno) = (path.to_owned(), Errno::of(error));
        match error.kind() {
            ErrorKind::PermissionDenied => Self::Pin(PinError::NotPermitted { path, errno }),
            _ => Self::Folder { what, path, errno },
        }
    }
}

fn enter(service: Option<u32>) -> String {
    match service {
        Some(pid) => format!("go there with `nsenter --net --target {pid}`"),
        None => "go there with `nsenter --net=FILE`".to_owned(),
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

/// The names of all folders in the root, as interfaces and in alphabetical order. None if there is no root.
fn folders(root: &Path) -> Result<Vec<(String, PinFolder)>, PinsError> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(PinsError::folder("reading", root, &error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| PinsError::folder("reading", root, &error))?;
        let Some(name) = interface_of(&entry.file_name().to_string_lossy()).filter(|name| is_name(name))
        else {
            continue;
        };
        match PinFolder::open(entry.path()) {
            Ok(folder) if is_own(&folder)? => found.push((name, folder)),
            Ok(_) | Err(PinError::NotFound { .. }) => {} // no folder, or another tool's
            Err(error) => return Err(error.into()),
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(found)
}

/// Whether a folder is a service's: it has one of its pins, or, where the service didn't come further, nothing.
fn is_own(folder: &PinFolder) -> Result<bool, PinsError> {
    let names = match folder.names() {
        Ok(names) => names,
        Err(PinError::NotFound { .. }) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    if matches!(XdpLink::open(folder, LINK), Err(PinError::WrongKind { .. })) {
        return Ok(false); // another tool's name for something else
    }
    let (own, foreign): (Vec<_>, Vec<_>) = names.iter().partition(|name| is_own_pin(name));
    Ok(foreign.is_empty() || own.iter().any(|name| *name == CONFIG || *name == SOURCES))
}

/// Where the program of a folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    /// On an interface of this network namespace.
    Here(Interface),
    /// On one of another namespace.
    Elsewhere,
    /// Nowhere: the interface is gone, or the program was detached, or there was none yet.
    Nowhere,
}

/// Where the program of a folder is.
pub(crate) fn whereabouts(folder: &PinFolder) -> Result<Whereabouts, PinsError> {
    let link = match XdpLink::open(folder, LINK) {
        Ok(link) => link,
        Err(PinError::NotFound { .. }) => return Ok(Whereabouts::Nowhere),
        Err(error) => return Err(error.into()),
    };
    Ok(match link.status().map_err(PinsError::Link)? {
        LinkStatus { gone: true, .. } => Whereabouts::Nowhere,
        LinkStatus { interface: Some(interface), .. } => Whereabouts::Here(interface),
        LinkStatus { interface: None, .. } => Whereabouts::Elsewhere,
    })
}

/// A folder that was found.
#[derive(Debug)]
pub(crate) struct Found {
    /// What its interface is called now; what it was called where that isn't known.
    pub(crate) interface: String,
    /// The name of the interface when its service started.
    pub(crate) started_as: String,
    pub(crate) folder: PinFolder,
    pub(crate) whereabouts: Whereabouts,
}

impl Found {
    fn new(started_as: String, folder: PinFolder) -> Result<Self, PinsError> {
        let whereabouts = whereabouts(&folder)?;
        let interface = match &whereabouts {
            Whereabouts::Here(interface) => interface.name.clone(),
            _ => started_as.clone(),
        };
        Ok(Self { interface, started_as, folder, whereabouts })
    }
}

/// All folders under the root.
pub(crate) fn all(root: &Path) -> Result<Vec<Found>, PinsError> {
    folders(root)?.into_iter().map(|(name, folder)| Found::new(name, folder)).collect()
}

/// The interfaces that are guarded, or were and left pins, by their present names. None if there is no root.
///
/// # Errors
/// [`PinsError`] if the root can't be read.
pub fn interfaces(root: &Path) -> Result<Vec<String>, PinsError> {
    let mut names: Vec<String> = all(root)?.into_iter().map(|found| found.interface).collect();
    names.sort();
    Ok(names)
}

/// The folder of an interface: the one whose program is on it, whatever it's called, else the one that has its name, wherever
/// its program is.
///
/// # Errors
/// [`PinsError::NotGuarded`] if there is none, else [`PinsError`].
pub(crate) fn find(root: &Path, interface: &str) -> Result<Found, PinsError> {
    let here = Interface::named(interface).ok().map(|interface| interface.index);
    let is_here =
        |found: &Found| matches!(&found.whereabouts, Whereabouts::Here(there) if Some(there.index) == here);
    let named = match named(root, interface)? {
        Some(found) if is_here(&found) => return Ok(found),
        named => named,
    };
    match all(root)?.into_iter().find(is_here) {
        Some(found) => Ok(found),
        None => named.ok_or_else(|| not_guarded(root, interface)),
    }
}

/// The folder that has an interface's name, if there is one.
fn named(root: &Path, interface: &str) -> Result<Option<Found>, PinsError> {
    let path = path(root, interface)?;
    match fs::symlink_metadata(&path) {
        Ok(_) => {
            let folder = PinFolder::open(path)?;
            if !is_own(&folder)? {
                let pins = folder.names()?;
                return Err(PinsError::Foreign { path: folder.path().to_owned(), pins });
            }
            Found::new(interface.to_owned(), folder).map(Some)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PinsError::folder("opening", &path, &error)),
    }
}

fn not_guarded(root: &Path, interface: &str) -> PinsError {
    PinsError::NotGuarded { interface: interface.to_owned(), root: root.to_owned() }
}

/// The path of the folder with an interface's name.
fn path(root: &Path, interface: &str) -> Result<PathBuf, PinsError> {
    if !is_name(interface) {
        return Err(InterfaceError::BadName { name: interface.to_owned() }.into());
    }
    Ok(root.join(folder_name(interface)))
}

impl Found {
    /// Refuses a folder whose program is on another interface than the one asked for.
    pub(crate) fn must_be_of(&self, interface: &str) -> Result<(), PinsError> {
        match &self.whereabouts {
            Whereabouts::Here(there) if there.name != interface && !is_called(there.index, interface) => {
                Err(PinsError::Renamed { interface: interface.to_owned(), now: there.name.clone() })
            }
            Whereabouts::Elsewhere => {
                let service = match holder(self.folder.path()) {
                    Holder::Process(pid) => pid.filter(|pid| !is_in_this_network(*pid)),
                    Holder::Nobody => None,
                };
                Err(PinsError::Elsewhere { interface: interface.to_owned(), service })
            }
            _ => Ok(()),
        }
    }
}

/// Whether a process is in the network namespace of this one.
fn is_in_this_network(pid: u32) -> bool {
    let namespace =
        |process: &str| fs::metadata(format!("/proc/{process}/ns/net")).map(|data| data.ino()).ok();
    namespace(&pid.to_string()).is_some_and(|there| Some(there) == namespace("self"))
}

/// Whether the interface of that index has that name too; interfaces may have several.
fn is_called(index: u32, name: &str) -> bool {
    Interface::named(name).is_ok_and(|interface| interface.index == index)
}

/// The folder that a service on an interface takes, for who has the root's lock: the one whose program is on it already, else
/// the one with its name. If that is of an interface which is called otherwise now, it gives way and gets that name.
pub(crate) fn folder_for(root: &Path, interface: &Interface) -> Result<PathBuf, PinsError> {
    let own = path(root, &interface.name)?;
    let found = match find(root, &interface.name) {
        Ok(found) => found,
        Err(PinsError::NotGuarded { .. }) => return Ok(own),
        Err(error) => return Err(error),
    };
    match found.must_be_of(&interface.name) {
        Err(PinsError::Renamed { now, .. }) if rename(&own, &path(root, &now)?)? => Ok(own),
        Err(error) => Err(error),
        Ok(()) => Ok(found.folder.path().to_owned()),
    }
}

/// Renames a folder; `false` if the name is taken.
fn rename(from: &Path, to: &Path) -> Result<bool, PinsError> {
    if fs::symlink_metadata(to).is_ok() {
        return Ok(false);
    }
    fs::rename(from, to).map_err(|error| PinsError::folder("renaming", from, &error))?;
    Ok(true)
}

/// What [`unload`] took away.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unloaded {
    /// The interface.
    pub interface: String,
    /// How the link stood, if there was one.
    pub link: Option<LinkStatus>,
    /// How many pins were removed.
    pub pins: usize,
    /// The pins of others, which are left.
    pub left: Vec<String>,
    /// Who was holding them; a service ends by itself when its program is detached.
    pub holder: Holder,
}

/// Detaches an interface's program and removes its pins, whether its service still runs or not.
///
/// # Errors
/// [`PinsError`]; [`PinsError::NotGuarded`] if there was nothing.
pub fn unload(root: &Path, interface: &str) -> Result<Unloaded, PinsError> {
    path(root, interface)?;
    let _lock = RootLock::take(root)?.ok_or_else(|| not_guarded(root, interface))?;
    let found = find(root, interface)?;
    found.must_be_of(interface)?;
    let folder = found.folder;
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
    let Removed { pins, left } = remove(&folder)?;
    Ok(Unloaded { interface: interface.to_owned(), link: status, pins, left, holder })
}

pub(crate) fn detach(link: XdpLink, interface: &str) -> Result<(), PinsError> {
    link.detach().map_err(|error| PinsError::Detach { interface: interface.to_owned(), error })
}

/// What [`remove`] did.
#[derive(Debug, PartialEq, Eq)]
struct Removed {
    /// How many pins are gone.
    pins: usize,
    /// The pins of others.
    left: Vec<String>,
}

/// Whether a service makes pins of that name.
pub(crate) fn is_own_pin(name: &str) -> bool {
    OWN_PINS.contains(&name)
}

/// Removes the pins of a service, the link last.
pub(crate) fn remove_pins(folder: &PinFolder) -> Result<usize, PinsError> {
    let mut removed = 0;
    for name in OWN_PINS {
        removed += usize::from(folder.unpin(name)?);
    }
    Ok(removed)
}

/// Removes a folder with the pins of its service, the link last. If others have pinned something in it, that and the folder
/// are left.
fn remove(folder: &PinFolder) -> Result<Removed, PinsError> {
    let pins = remove_pins(folder)?;
    let left = match folder.names() {
        Ok(names) => names,
        Err(PinError::NotFound { .. }) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    if !left.is_empty() {
        return Ok(Removed { pins, left });
    }
    match fs::remove_dir(folder.path()) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(PinsError::folder("removing", folder.path(), &error))
        }
        _ => Ok(Removed { pins, left }),
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
    fn nothing_there() {
        let root = std::env::temp_dir().join("knockwright-no-such-folder");
        assert_eq!(interfaces(&root).unwrap(), Vec::<String>::new());
        let error = unload(&root, "eth0").unwrap_err();
        assert!(matches!(error, PinsError::NotGuarded { .. }));
        assert!(error.to_string().starts_with("interface `eth0` is not guarded"), "{error}");
    }

    #[test]
    fn names_that_lead_out_of_the_root() {
        let root = std::env::temp_dir();
        for name in ["", ".", "..", "/", "../x", "/sys/fs/bpf", "a/../..", "a b", "sixteen-bytes-xx", "\n"] {
            assert!(matches!(unload(&root, name), Err(PinsError::Name(_))), "{name}");
            assert!(matches!(find(&root, name), Err(PinsError::Name(_))), "{name}");
        }
    }
}
