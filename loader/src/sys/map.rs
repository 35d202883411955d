//! Maps: creation and element access as bytes.

use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use knockwright_asm::linux::errno;

use super::{Command, ObjectName, SysError, Update, address, address_mut, bpf, bpf_fd, object_name};
use crate::errno::Errno;

/// What a new map is like.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct MapCreate<'a> {
    /// The number of the map type, `BPF_MAP_TYPE_*`.
    pub map_type: u32,
    /// The key's size in bytes.
    pub key_size: u32,
    /// The value's size in bytes.
    pub value_size: u32,
    /// The largest number of entries; bytes for a ring buffer.
    pub max_entries: u32,
    /// `BPF_F_*` creation flags.
    pub flags: u32,
    /// The name. The kernel keeps 15 bytes; characters that it refuses become `_`.
    pub name: &'a str,
    /// What a number more means to this kind of map.
    pub extra: u64,
    /// A map like those in it, of a map of maps.
    pub inner: Option<BorrowedFd<'a>>,
    /// The types of its keys and values.
    pub types: Option<CreateTypes<'a>>,
}

/// The types of a new map.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct CreateTypes<'a> {
    /// The BTF that they're in.
    pub btf: BorrowedFd<'a>,
    /// The number of the type of keys, 0 for none.
    pub key: u32,
    /// The number of the type of values.
    pub value: u32,
}

/// `union bpf_attr` of `BPF_MAP_CREATE`.
#[repr(C)]
#[derive(Default)]
struct CreateAttr {
    map_type: u32,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    map_flags: u32,
    inner_map_fd: u32,
    numa_node: u32,
    map_name: ObjectName,
    map_ifindex: u32,
    btf_fd: u32,
    btf_key_type_id: u32,
    btf_value_type_id: u32,
    btf_vmlinux_value_type_id: u32,
    map_extra: u64,
}
const _: () = assert!(size_of::<CreateAttr>() == 72);

/// Creates a map.
///
/// # Errors
/// `EPERM` without `CAP_BPF`, `EINVAL` for sizes or flags that the type refuses, `E2BIG` or `ENOMEM` for too large a map.
pub fn map_create(map: &MapCreate<'_>) -> Result<OwnedFd, SysError> {
    let mut attr = CreateAttr {
        map_type: map.map_type,
        key_size: map.key_size,
        value_size: map.value_size,
        max_entries: map.max_entries,
        map_flags: map.flags,
        map_name: object_name(map.name),
        map_extra: map.extra,
        ..CreateAttr::default()
    };
    if let Some(inner) = map.inner {
        attr.inner_map_fd = inner.as_raw_fd() as u32;
    }
    if let Some(types) = map.types {
        attr.btf_fd = types.btf.as_raw_fd() as u32;
        attr.btf_key_type_id = types.key;
        attr.btf_value_type_id = types.value;
    }
    // SAFETY: the attribute holds no address; the command returns a new descriptor.
    unsafe { bpf_fd(Command::MapCreate, &mut attr) }
}

/// `union bpf_attr` of `BPF_MAP_*_ELEM` and `BPF_MAP_GET_NEXT_KEY`.
#[repr(C)]
struct ElementAttr {
    map_fd: u32,
    pad: u32,
    key: u64,
    /// The value's address, or the next key's.
    value: u64,
    flags: u64,
}
const _: () = assert!(size_of::<ElementAttr>() == 32);

impl ElementAttr {
    fn new(map: BorrowedFd<'_>, key: u64, value: u64, flags: u64) -> Self {
        Self { map_fd: map.as_raw_fd() as u32, pad: 0, key, value, flags }
    }
}

/// The sizes that `key` and `value` must have, or `EINVAL` as the kernel would say for a wrong attribute.
fn check(command: Command, given: usize, wanted: usize) -> Result<(), SysError> {
    if given == wanted { Ok(()) } else { Err(command.error(Errno(errno::EINVAL))) }
}

/// Copies an element's value out; `false` if there is no such element.
///
/// `key_size` and `value_size` are those of the map as the kernel gives them; the value's is what a lookup copies: for a
/// per-CPU map the value size rounded up to 8, times the number of possible CPUs.
///
/// # Safety
/// `key_size` and `value_size` are those of `map`: the kernel reads and writes as many bytes as the map says.
///
/// # Errors
/// `EINVAL` if `key` or `value` doesn't have the map's size, else what the kernel says.
pub unsafe fn map_lookup(
    map: BorrowedFd<'_>,
    (key_size, value_size): (usize, usize),
    key: &[u8],
    value: &mut [u8],
) -> Result<bool, SysError> {
    check(Command::MapLookupElem, key.len(), key_size)?;
    check(Command::MapLookupElem, value.len(), value_size)?;
    let mut attr = ElementAttr::new(map, address(key), address_mut(value), 0);
    // SAFETY: both buffers have the sizes of the map, which the caller vouches for.
    match unsafe { bpf(Command::MapLookupElem, &mut attr) } {
        Ok(_) => Ok(true),
        Err(error) if error.errno.0 == errno::ENOENT => Ok(false),
        Err(error) => Err(error),
    }
}

/// Writes an element.
///
/// # Safety
/// As [`map_lookup`].
///
/// # Errors
/// `EINVAL` for wrong sizes, `EEXIST` and `ENOENT` as [`Update`] says, `E2BIG` if the map is full or the index beyond it,
/// `EPERM` if the map is frozen.
pub unsafe fn map_update(
    map: BorrowedFd<'_>,
    (key_size, value_size): (usize, usize),
    key: &[u8],
    value: &[u8],
    update: Update,
) -> Result<(), SysError> {
    check(Command::MapUpdateElem, key.len(), key_size)?;
    check(Command::MapUpdateElem, value.len(), value_size)?;
    let mut attr = ElementAttr::new(map, address(key), address(value), update as u64);
    // SAFETY: both buffers have the sizes of the map, which the caller vouches for.
    unsafe { bpf(Command::MapUpdateElem, &mut attr) }.map(drop)
}

/// Deletes an element; `false` if there is none.
///
/// # Safety
/// `key_size` is that of `map`.
///
/// # Errors
/// `EINVAL` for a wrong size or a map without deletion (arrays), else what the kernel says.
pub unsafe fn map_delete(map: BorrowedFd<'_>, key_size: usize, key: &[u8]) -> Result<bool, SysError> {
    check(Command::MapDeleteElem, key.len(), key_size)?;
    let mut attr = ElementAttr::new(map, address(key), 0, 0);
    // SAFETY: the key has the map's key size, which the caller vouches for.
    match unsafe { bpf(Command::MapDeleteElem, &mut attr) } {
        Ok(_) => Ok(true),
        Err(error) if error.errno.0 == errno::ENOENT => Ok(false),
        Err(error) => Err(error),
    }
}

/// Copies the key that follows `key` (`None`: the first key) into `next`; `false` at the end.
///
/// If `key` has vanished meanwhile, a hash map starts again at its first key.
///
/// # Safety
/// `key_size` is that of `map`.
///
/// # Errors
/// `EINVAL` for a wrong size, else what the kernel says.
pub unsafe fn map_next_key(
    map: BorrowedFd<'_>,
    key_size: usize,
    key: Option<&[u8]>,
    next: &mut [u8],
) -> Result<bool, SysError> {
    if let Some(key) = key {
        check(Command::MapGetNextKey, key.len(), key_size)?;
    }
    check(Command::MapGetNextKey, next.len(), key_size)?;
    let mut attr = ElementAttr::new(map, key.map_or(0, address), address_mut(next), 0);
    // SAFETY: the keys have the map's key size, which the caller vouches for.
    match unsafe { bpf(Command::MapGetNextKey, &mut attr) } {
        Ok(_) => Ok(true),
        Err(error) if error.errno.0 == errno::ENOENT => Ok(false),
        Err(error) => Err(error),
    }
}

/// Forbids user space to change the map from now on. Only then does the verifier take the values of a map that programs
/// can't write (`BPF_F_RDONLY_PROG`) for constants.
///
/// # Errors
/// `EBUSY` if it's frozen already or mapped writable, `EPERM` without the right to.
pub fn map_freeze(map: BorrowedFd<'_>) -> Result<(), SysError> {
    let mut map_fd = map.as_raw_fd() as u32;
    // SAFETY: the attribute is one number and holds no address.
    unsafe { bpf(Command::MapFreeze, &mut map_fd) }.map(drop)
}

/// Maps a map's pages into memory and takes them out again: from then on the kernel knows where programs and user space see
/// the pages of an arena. `address` is where they shall be, 0 for anywhere.
///
/// # Errors
/// What `mmap` says.
pub fn map_once(map: BorrowedFd<'_>, pages: usize, address: u64) -> Result<(), SysError> {
    const COMMAND: &str = "mmap";
    let failed = || SysError { command: COMMAND, errno: Errno::of(&std::io::Error::last_os_error()) };
    // SAFETY: `sysconf` takes any number.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096);
    let len = pages.saturating_mul(page);
    // Where something is mapped already, nothing else is put.
    let fixed = if address == 0 { 0 } else { libc::MAP_FIXED_NOREPLACE };
    // SAFETY: a new mapping of a file, over no other one; nothing is read or written through it.
    let mapped = unsafe {
        libc::mmap(
            address as *mut libc::c_void,
            len,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | fixed,
            map.as_raw_fd(),
            0,
        )
    };
    if mapped == libc::MAP_FAILED {
        return Err(failed());
    }
    // SAFETY: the mapping made above, which nobody has a reference into.
    if unsafe { libc::munmap(mapped, len) } == 0 { Ok(()) } else { Err(failed()) }
}
