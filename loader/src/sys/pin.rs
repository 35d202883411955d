//! Names for objects in the BPF file system.

use std::ffi::CString;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use knockwright_asm::linux::errno;

use super::{Command, SysError, bpf, bpf_fd};
use crate::errno::Errno;

/// `union bpf_attr` of `BPF_OBJ_PIN` and `BPF_OBJ_GET`.
#[repr(C)]
struct PinAttr {
    pathname: u64,
    bpf_fd: u32,
    file_flags: u32,
}
const _: () = assert!(size_of::<PinAttr>() == 16);

fn c_path(command: Command, path: &Path) -> Result<CString, SysError> {
    CString::new(path.as_os_str().as_bytes()).map_err(|_| command.error(Errno(errno::EINVAL)))
}

/// Gives a map, program or link a name at `path`, which keeps it alive.
///
/// # Errors
/// `EINVAL` outside of a BPF file system, `EEXIST` if the name is taken, `EPERM` for a name with a dot.
pub fn obj_pin(object: BorrowedFd<'_>, path: &Path) -> Result<(), SysError> {
    let path = c_path(Command::ObjPin, path)?;
    let mut attr =
        PinAttr { pathname: path.as_ptr() as u64, bpf_fd: object.as_raw_fd() as u32, file_flags: 0 };
    // SAFETY: `path` ends with NUL and outlives the call.
    unsafe { bpf(Command::ObjPin, &mut attr) }.map(drop)
}

/// Opens what is pinned at `path`.
///
/// # Errors
/// `ENOENT` if nothing is there, `EACCES` if it's no BPF object or not readable.
pub fn obj_get(path: &Path) -> Result<OwnedFd, SysError> {
    let path = c_path(Command::ObjGet, path)?;
    let mut attr = PinAttr { pathname: path.as_ptr() as u64, bpf_fd: 0, file_flags: 0 };
    // SAFETY: `path` ends with NUL and outlives the call; the command returns a new descriptor.
    unsafe { bpf_fd(Command::ObjGet, &mut attr) }
}
