//! Links: an attachment as an object. Closing the last reference to an unpinned link detaches the program.

use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use knockwright_asm::linux::AttachType;

use super::{Command, SysError, bpf, bpf_fd};

/// `BPF_XDP` of `enum bpf_attach_type`.
const BPF_XDP: u32 = AttachType::Xdp.number();

/// The mode flags of an XDP attachment, `include/uapi/linux/if_link.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
#[non_exhaustive]
pub enum XdpFlags {
    /// `XDP_FLAGS_SKB_MODE`: generic, after the driver has made a socket buffer.
    Generic = 1 << 1,
    /// `XDP_FLAGS_DRV_MODE`: native, in the driver.
    Native = 1 << 2,
    /// `XDP_FLAGS_HW_MODE`: in the network card.
    Hardware = 1 << 3,
}

/// `union bpf_attr` of `BPF_LINK_CREATE`, as far as XDP needs it.
#[repr(C)]
struct CreateAttr {
    prog_fd: u32,
    target_ifindex: u32,
    attach_type: u32,
    flags: u32,
}

/// Attaches an XDP program to an interface of the calling thread's network namespace. Kernel 5.9 or newer.
///
/// # Errors
/// `ENODEV` without such an interface, `EBUSY` or `EEXIST` if another program is there, `EOPNOTSUPP` if the driver lacks
/// the mode, `EPERM` without `CAP_NET_ADMIN`.
pub fn xdp_link_create(program: BorrowedFd<'_>, ifindex: u32, mode: XdpFlags) -> Result<OwnedFd, SysError> {
    let mut attr = CreateAttr {
        prog_fd: program.as_raw_fd() as u32,
        target_ifindex: ifindex,
        attach_type: BPF_XDP,
        flags: mode as u32,
    };
    // SAFETY: the attribute holds no address; the command returns a new descriptor.
    unsafe { bpf_fd(Command::LinkCreate, &mut attr) }
}

/// `union bpf_attr` of `BPF_LINK_UPDATE` and, with its first field, of `BPF_LINK_DETACH`.
#[repr(C)]
struct UpdateAttr {
    link_fd: u32,
    new_prog_fd: u32,
    flags: u32,
    old_prog_fd: u32,
}

/// Puts another program in the place of the link's, without a moment between them.
///
/// # Errors
/// `ENOLINK` if the interface is gone, `EINVAL` for a program of another type.
pub fn link_update(link: BorrowedFd<'_>, program: BorrowedFd<'_>) -> Result<(), SysError> {
    let mut attr = UpdateAttr {
        link_fd: link.as_raw_fd() as u32,
        new_prog_fd: program.as_raw_fd() as u32,
        flags: 0,
        old_prog_fd: 0,
    };
    // SAFETY: the attribute holds no address.
    unsafe { bpf(Command::LinkUpdate, &mut attr) }.map(drop)
}

/// Detaches the program although the link stays open, or pinned.
///
/// # Errors
/// `EOPNOTSUPP` for links without that operation, `EPERM` without the right to.
pub fn link_detach(link: BorrowedFd<'_>) -> Result<(), SysError> {
    let mut link_fd = link.as_raw_fd() as u32;
    // SAFETY: the attribute is one number and holds no address.
    unsafe { bpf(Command::LinkDetach, &mut link_fd) }.map(drop)
}
