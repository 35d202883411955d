//! The system call `bpf(2)`, one function a command, with owned file descriptors and typed errors.
//!
//! The attribute structs follow `include/uapi/linux/bpf.h`, `union bpf_attr`, and are written so that they have no padding.
//! Kernels older than a field accept the longer struct as long as the field is zero (`bpf_check_uarg_tail_zero` in
//! `kernel/bpf/syscall.c`), so one struct serves all of them.

mod btf;
mod info;
mod link;
mod map;
mod pin;
mod prog;
mod test_run;

pub use btf::{BtfRefused, btf_load};
pub use info::{LinkInfo, LinkTarget, MapInfo, ProgInfo, link_info, map_info, prog_info, prog_map_ids};
pub use knockwright_asm::linux::map_type::Update;
pub use link::{XdpFlags, link_detach, link_update, xdp_link_create};
pub use map::{
    CreateTypes, MapCreate, map_create, map_delete, map_freeze, map_lookup, map_next_key, map_once,
    map_update,
};
pub use pin::{obj_get, obj_pin};
pub use prog::{LOG_STATS, LogBuffer, MAX_LOG_BYTES, ProgLoad, ProgRefused, prog_load};
pub use test_run::{TestRun, TestRunResult, prog_test_run};

use std::os::fd::{FromRawFd, OwnedFd};

use knockwright_asm::linux::errno;

use crate::errno::Errno;

/// A `bpf(2)` command that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{command} failed: {errno}")]
#[non_exhaustive]
pub struct SysError {
    /// The command as the kernel spells it, such as `BPF_MAP_CREATE`.
    pub command: &'static str,
    /// The kernel's error number.
    pub errno: Errno,
}

/// `enum bpf_cmd`: the commands used here.
#[derive(Clone, Copy)]
enum Command {
    MapCreate = 0,
    MapLookupElem = 1,
    MapUpdateElem = 2,
    MapDeleteElem = 3,
    MapGetNextKey = 4,
    ProgLoad = 5,
    ObjPin = 6,
    ObjGet = 7,
    ProgTestRun = 10,
    ObjGetInfoByFd = 15,
    BtfLoad = 18,
    MapFreeze = 22,
    LinkCreate = 28,
    LinkUpdate = 29,
    LinkDetach = 34,
}

impl Command {
    const fn name(self) -> &'static str {
        match self {
            Self::MapCreate => "BPF_MAP_CREATE",
            Self::MapLookupElem => "BPF_MAP_LOOKUP_ELEM",
            Self::MapUpdateElem => "BPF_MAP_UPDATE_ELEM",
            Self::MapDeleteElem => "BPF_MAP_DELETE_ELEM",
            Self::MapGetNextKey => "BPF_MAP_GET_NEXT_KEY",
            Self::ProgLoad => "BPF_PROG_LOAD",
            Self::ObjPin => "BPF_OBJ_PIN",
            Self::ObjGet => "BPF_OBJ_GET",
            Self::ProgTestRun => "BPF_PROG_TEST_RUN",
            Self::ObjGetInfoByFd => "BPF_OBJ_GET_INFO_BY_FD",
            Self::BtfLoad => "BPF_BTF_LOAD",
            Self::MapFreeze => "BPF_MAP_FREEZE",
            Self::LinkCreate => "BPF_LINK_CREATE",
            Self::LinkUpdate => "BPF_LINK_UPDATE",
            Self::LinkDetach => "BPF_LINK_DETACH",
        }
    }

    const fn error(self, errno: Errno) -> SysError {
        SysError { command: self.name(), errno }
    }
}

/// Calls `bpf(2)` and returns its non-negative result.
///
/// # Safety
/// `attr` is the struct of `command`, without padding, and every address in it is valid for what the kernel does with it:
/// for as many bytes as the command reads or writes there, until the call returns.
unsafe fn bpf<T>(command: Command, attr: &mut T) -> Result<i32, SysError> {
    // SAFETY: `attr` is readable and writable for its size; the caller vouches for the addresses in it.
    let result = unsafe {
        libc::syscall(
            libc::SYS_bpf,
            command as libc::c_int,
            std::ptr::from_mut(attr),
            size_of::<T>() as libc::c_uint,
        )
    };
    if result < 0 {
        return Err(command.error(Errno::last()));
    }
    Ok(result as i32)
}

/// Calls `bpf(2)` for a command that returns a new file descriptor.
///
/// # Safety
/// As [`bpf`], and `command` is one that returns a new file descriptor (the kernel opens all of them close-on-exec).
unsafe fn bpf_fd<T>(command: Command, attr: &mut T) -> Result<OwnedFd, SysError> {
    // SAFETY: passed on to the caller.
    let fd = unsafe { bpf(command, attr) }?;
    // SAFETY: the kernel has just opened this descriptor for us, so nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// The address of a buffer, as `__aligned_u64` fields hold it; 0 for an empty one.
fn address<T>(bytes: &[T]) -> u64 {
    if bytes.is_empty() { 0 } else { bytes.as_ptr() as u64 }
}

/// The address of a buffer that the kernel writes into; 0 for an empty one.
fn address_mut<T>(bytes: &mut [T]) -> u64 {
    if bytes.is_empty() { 0 } else { bytes.as_mut_ptr() as u64 }
}

/// A length as the kernel's `__u32` fields hold it.
fn len_u32(command: Command, bytes: usize) -> Result<u32, SysError> {
    u32::try_from(bytes).map_err(|_| command.error(Errno(errno::E2BIG)))
}

/// `BPF_OBJ_NAME_LEN`: the length of a name with the NUL at its end.
const OBJ_NAME_LEN: usize = 16;

/// The name of a program or a map as the kernel holds it.
type ObjectName = [u8; OBJ_NAME_LEN];

/// A kernel object name: cut to 15 bytes, with `_` for what the kernel would refuse.
///
/// Source: `kernel/bpf/syscall.c`, `bpf_obj_name_cpy`: letters, digits, `_` and `.` are allowed.
fn object_name(name: &str) -> ObjectName {
    let mut bytes = [0; OBJ_NAME_LEN];
    for (to, from) in bytes[..OBJ_NAME_LEN - 1].iter_mut().zip(name.bytes()) {
        *to = if from.is_ascii_alphanumeric() || from == b'_' || from == b'.' { from } else { b'_' };
    }
    bytes
}

/// A name as the kernel takes it for a program or a map: at most 15 bytes, letters, digits, `_` and `.`; what else stands
/// in it becomes `_`.
pub fn short_name(name: &str) -> String {
    object_name_text(&object_name(name))
}

/// The text of a kernel object name.
fn object_name_text(name: &ObjectName) -> String {
    let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
    String::from_utf8_lossy(&name[..end]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_names_fit_the_kernel() {
        assert_eq!(object_name_text(&object_name("ip_tracking_map")), "ip_tracking_map");
        assert_eq!(object_name_text(&object_name("a name: too long by far")), "a_name__too_lon");
        assert_eq!(object_name_text(&object_name("ü")), "__");
        assert_eq!(short_name("a/b c"), "a_b_c");
    }
}
