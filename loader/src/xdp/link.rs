//! Attaching: the mode, what the kernel says against it, and the link that holds the program in its place.

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use knockwright_asm::KernelVersion;
use knockwright_asm::linux::errno;

use crate::errno::Errno;
use crate::interface::{AttachedXdp, Interface, InterfaceError, XdpMode};
use crate::pin::{PinError, PinFolder, open_at};
use crate::privilege::kernel_version;
use crate::sys::{
    LinkInfo, LinkTarget, SysError, XdpFlags, link_detach, link_info, link_update, xdp_link_create,
};
use crate::xdp::XdpProgram;

/// Which mode an attachment is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ModeChoice {
    /// Native if the driver takes it, else generic.
    #[default]
    Auto,
    /// This one or none.
    Only(XdpMode),
}

/// Why an attachment is generic although native was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fallback {
    /// What the kernel said to native.
    pub errno: Errno,
    /// The interface's MTU in bytes, a common cause.
    pub mtu: u32,
}

impl fmt::Display for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.errno, native_refusal(self.errno, self.mtu))
    }
}

/// What a driver usually means by an error number. The kernel's own words go to netlink only, not to `bpf(2)`.
fn native_refusal(errno: Errno, mtu: u32) -> String {
    match errno.0 {
        errno::EOPNOTSUPP | errno::ENOTSUPP => "the driver has no native XDP".to_owned(),
        errno::ENOMEM => "the driver has no memory or no queues left for XDP".to_owned(),
        _ => format!(
            "the driver refuses it as things are: the MTU ({mtu}) may be too large for one page, or LRO or hardware GRO is on"
        ),
    }
}

/// A program that couldn't be attached or replaced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttachError {
    /// Another program is there.
    #[error(
        "interface `{interface}` has an XDP program already ({}); see `bpftool net`, and detach it with the tool that \
         attached it, or with `ip link set dev {interface} xdp off` if it has no link",
        describe(.programs)
    )]
    Busy {
        /// The interface.
        interface: String,
        /// The programs there.
        programs: Vec<AttachedXdp>,
    },
    /// The interface doesn't take the mode that was demanded.
    #[error("interface `{interface}` doesn't take {mode} XDP ({errno}): {hint}")]
    Mode {
        /// The interface.
        interface: String,
        /// The mode.
        mode: XdpMode,
        /// What the kernel said.
        errno: Errno,
        /// What that usually means.
        hint: String,
    },
    /// The interface is gone.
    #[error("interface `{interface}` is gone; attach again when it is back")]
    Gone {
        /// The interface.
        interface: String,
    },
    /// The privileges are missing.
    #[error(
        "attaching to `{interface}` is not permitted ({errno}); run as root, or with CAP_BPF and CAP_NET_ADMIN"
    )]
    NotPermitted {
        /// The interface.
        interface: String,
        /// What the kernel said.
        errno: Errno,
    },
    /// The kernel is too old.
    #[error("kernel {0} has no links for XDP, which came with 5.9; use a newer kernel")]
    OldKernel(KernelVersion),
    /// Another failure.
    #[error("interface `{interface}`: {error}")]
    Failed {
        /// The interface.
        interface: String,
        /// What the kernel said.
        error: SysError,
    },
}

fn describe(programs: &[AttachedXdp]) -> String {
    if programs.is_empty() {
        return "the kernel doesn't say which".to_owned();
    }
    let each: Vec<String> =
        programs.iter().map(|program| format!("{}, program id {}", program.mode, program.prog_id)).collect();
    each.join("; ")
}

impl XdpProgram {
    /// Attaches the program to an interface of the calling thread's network namespace.
    ///
    /// With [`ModeChoice::Auto`] native is tried first; if the driver says no, generic is used and
    /// [`XdpLink::fallback`] tells why. The attachment lasts as long as the link, or its pin.
    ///
    /// # Errors
    /// [`AttachError`].
    pub fn attach(&self, interface: &Interface, choice: ModeChoice) -> Result<XdpLink, AttachError> {
        let create = |mode| xdp_link_create(self.as_fd(), interface.index, flags(mode));
        let made = |fd, mode, fallback| XdpLink { fd, mode: Some(mode), fallback };
        let first = match choice {
            ModeChoice::Auto => XdpMode::Native,
            ModeChoice::Only(mode) => mode,
        };
        let error = match create(first) {
            Ok(fd) => return Ok(made(fd, first, None)),
            Err(error) => error,
        };
        let final_word = !is_mode_refusal(error.errno) || is_gone(interface) || has_no_links().is_some();
        if choice != ModeChoice::Auto || final_word {
            return Err(attach_error(interface, first, error));
        }
        let fallback = Fallback { errno: error.errno, mtu: interface.mtu };
        match create(XdpMode::Generic) {
            Ok(fd) => Ok(made(fd, XdpMode::Generic, Some(fallback))),
            Err(error) => Err(attach_error(interface, XdpMode::Generic, error)),
        }
    }
}

fn flags(mode: XdpMode) -> XdpFlags {
    match mode {
        XdpMode::Native => XdpFlags::Native,
        XdpMode::Generic => XdpFlags::Generic,
        XdpMode::Hardware => XdpFlags::Hardware,
    }
}

/// Whether a driver says with this number that it doesn't take the program in this mode.
fn is_mode_refusal(errno: Errno) -> bool {
    matches!(errno.0, errno::EOPNOTSUPP | errno::ENOTSUPP | errno::EINVAL | errno::ERANGE | errno::ENOMEM)
}

/// Whether there is no interface of that index, which the kernel reports as `EINVAL`.
fn is_gone(interface: &Interface) -> bool {
    matches!(Interface::with_index(interface.index), Err(InterfaceError::NotFound { .. }))
}

/// The kernel's version if it's too old for XDP links.
fn has_no_links() -> Option<KernelVersion> {
    kernel_version().filter(|&version| version < KernelVersion::new(5, 9))
}

fn attach_error(interface: &Interface, mode: XdpMode, error: SysError) -> AttachError {
    let errno = error.errno;
    if let Some(version) = has_no_links() {
        return AttachError::OldKernel(version);
    }
    let name = interface.name.clone();
    match errno.0 {
        errno::EBUSY | errno::EEXIST => {
            let programs = Interface::with_index(interface.index).map(|now| now.xdp).unwrap_or_default();
            AttachError::Busy { interface: name, programs }
        }
        errno::ENODEV | errno::EINVAL if is_gone(interface) => AttachError::Gone { interface: name },
        errno::EPERM | errno::EACCES => AttachError::NotPermitted { interface: name, errno },
        _ if is_mode_refusal(errno) => {
            let hint = match mode {
                XdpMode::Native => native_refusal(errno, interface.mtu),
                XdpMode::Generic => "the kernel refuses it here".to_owned(),
                XdpMode::Hardware => "only few network cards run programs themselves".to_owned(),
            };
            AttachError::Mode { interface: name, mode, errno, hint }
        }
        _ => AttachError::Failed { interface: name, error },
    }
}

/// An attachment. Dropping it detaches the program, unless it's pinned.
#[derive(Debug)]
pub struct XdpLink {
    fd: OwnedFd,
    mode: Option<XdpMode>,
    fallback: Option<Fallback>,
}

/// How an attachment stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkStatus {
    /// The id that `bpftool link` lists it by.
    pub link_id: u32,
    /// The id of its program.
    pub prog_id: u32,
    /// The interface; `None` once it's gone, or if it's in another network namespace than the calling thread.
    pub interface: Option<Interface>,
    /// Whether the interface is gone, and the program with it.
    pub gone: bool,
}

impl LinkStatus {
    /// The mode that the program runs in, if the interface could be asked.
    pub fn mode(&self) -> Option<XdpMode> {
        let interface = self.interface.as_ref()?;
        interface.xdp.iter().find(|program| program.prog_id == self.prog_id).map(|program| program.mode)
    }
}

impl XdpLink {
    /// Opens a pinned link. Its mode is asked from the interface.
    ///
    /// # Errors
    /// [`PinError::NotFound`], or [`PinError::WrongKind`] if it's no XDP link.
    pub fn open(folder: &PinFolder, name: &str) -> Result<Self, PinError> {
        let path = folder.pin_path(name)?;
        let fd = open_at(&path)?;
        let wrong = |error| PinError::WrongKind { path: path.clone(), wanted: "link", error };
        let info = link_info(fd.as_fd()).map_err(wrong)?;
        if info.target == LinkTarget::Other {
            return Err(wrong(SysError { command: "BPF_OBJ_GET_INFO_BY_FD", errno: Errno(errno::EINVAL) }));
        }
        Ok(Self { fd, mode: status_of(&info).mode(), fallback: None })
    }

    /// The mode that it was attached with; `None` if it was opened from its pin and the interface couldn't be asked then.
    pub fn mode(&self) -> Option<XdpMode> {
        self.mode
    }

    /// Why it's generic although native was tried, if so.
    pub fn fallback(&self) -> Option<Fallback> {
        self.fallback
    }

    /// How it stands now, as the kernel says.
    ///
    /// # Errors
    /// [`SysError`] if the kernel can't be asked.
    pub fn status(&self) -> Result<LinkStatus, SysError> {
        link_info(self.fd.as_fd()).map(|info| status_of(&info))
    }

    /// Puts another program in the place of the one attached, without a moment between them.
    ///
    /// # Errors
    /// [`AttachError::Gone`] if the interface is gone, else [`AttachError::Failed`].
    pub fn replace(&self, program: &XdpProgram) -> Result<(), AttachError> {
        link_update(self.fd.as_fd(), program.as_fd()).map_err(|error| {
            let interface = self.status().ok().and_then(|status| status.interface);
            let interface = interface.map_or_else(|| "unknown".to_owned(), |interface| interface.name);
            match error.errno.0 {
                errno::ENOLINK => AttachError::Gone { interface },
                errno::EPERM => AttachError::NotPermitted { interface, errno: error.errno },
                _ => AttachError::Failed { interface, error },
            }
        })
    }

    /// Pins it, so that the program stays attached when this process ends.
    ///
    /// # Errors
    /// [`PinError`].
    pub fn pin(&self, folder: &PinFolder, name: &str) -> Result<(), PinError> {
        folder.pin(self, name).map(drop)
    }

    /// Detaches the program at once, whether the link is pinned or not. Pins of it are left, and lead to nothing.
    ///
    /// # Errors
    /// [`SysError`] if the kernel refuses.
    pub fn detach(self) -> Result<(), SysError> {
        link_detach(self.fd.as_fd())
    }
}

impl AsFd for XdpLink {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

fn status_of(info: &LinkInfo) -> LinkStatus {
    let interface = match info.target {
        LinkTarget::Interface(index) => Interface::with_index(index).ok(),
        LinkTarget::GoneInterface | LinkTarget::Other => None,
    };
    // An interface of that index in this thread's namespace is another one unless it has the link's program.
    let interface =
        interface.filter(|interface| interface.xdp.iter().any(|program| program.prog_id == info.prog_id));
    LinkStatus {
        link_id: info.id,
        prog_id: info.prog_id,
        interface,
        gone: info.target == LinkTarget::GoneInterface,
    }
}
