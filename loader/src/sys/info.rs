//! What the kernel says of a program, map or link (`BPF_OBJ_GET_INFO_BY_FD`).

use std::os::fd::{AsRawFd, BorrowedFd};

use knockwright_asm::linux::errno;

use super::{Command, ObjectName, SysError, address_mut, bpf, len_u32, object_name_text};
use crate::errno::Errno;

/// `union bpf_attr` of `BPF_OBJ_GET_INFO_BY_FD`.
#[repr(C)]
struct InfoAttr {
    bpf_fd: u32,
    info_len: u32,
    info: u64,
}
const _: () = assert!(size_of::<InfoAttr>() == 16);

/// Fills `info`; the kernel fills as much as it knows and leaves the rest zero.
///
/// # Safety
/// `T` is the info struct of the kind of object that `fd` is, with integers only, and every address in `info` is valid
/// for the length that stands beside it.
unsafe fn object_info<T>(fd: BorrowedFd<'_>, info: &mut T) -> Result<(), SysError> {
    let mut attr = InfoAttr {
        bpf_fd: fd.as_raw_fd() as u32,
        info_len: len_u32(Command::ObjGetInfoByFd, size_of::<T>())?,
        info: std::ptr::from_mut(info) as u64,
    };
    // SAFETY: `info` is writable for its size; the caller vouches for the addresses in it.
    unsafe { bpf(Command::ObjGetInfoByFd, &mut attr) }.map(drop)
}

/// `struct bpf_prog_info`.
#[repr(C)]
#[derive(Default)]
struct RawProgInfo {
    prog_type: u32,
    id: u32,
    tag: [u8; 8],
    jited_prog_len: u32,
    xlated_prog_len: u32,
    jited_prog_insns: u64,
    xlated_prog_insns: u64,
    load_time: u64,
    created_by_uid: u32,
    nr_map_ids: u32,
    map_ids: u64,
    name: ObjectName,
    ifindex: u32,
    gpl_compatible: u32,
    netns_dev: u64,
    netns_ino: u64,
    nr_jited_ksyms: u32,
    nr_jited_func_lens: u32,
    jited_ksyms: u64,
    jited_func_lens: u64,
    btf_id: u32,
    func_info_rec_size: u32,
    func_info: u64,
    nr_func_info: u32,
    nr_line_info: u32,
    line_info: u64,
    jited_line_info: u64,
    nr_jited_line_info: u32,
    line_info_rec_size: u32,
    jited_line_info_rec_size: u32,
    nr_prog_tags: u32,
    prog_tags: u64,
    run_time_ns: u64,
    run_cnt: u64,
    recursion_misses: u64,
    verified_insns: u32,
    attach_btf_obj_id: u32,
    attach_btf_id: u32,
    pad: u32,
}
const _: () = assert!(size_of::<RawProgInfo>() == 232);

/// A program in the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProgInfo {
    /// The number of the program type, `BPF_PROG_TYPE_*`.
    pub prog_type: u32,
    /// The id that `bpftool prog` lists it by.
    pub id: u32,
    /// The name, at most 15 bytes.
    pub name: String,
    /// The truncated hash of its instructions.
    pub tag: [u8; 8],
    /// The id of its BTF; none if it was loaded without.
    pub btf_id: Option<u32>,
    /// How many instructions the verifier walked; `None` on kernels before 5.16, which don't say.
    pub verified_insns: Option<u32>,
    /// The size in bytes of the code after the verifier's rewriting.
    pub xlated_len: u32,
    /// The size in bytes of the machine code; 0 if it's interpreted.
    pub jited_len: u32,
    /// How many line records it carries.
    pub line_infos: u32,
    /// How many maps it uses.
    pub maps: u32,
}

/// Refuses a descriptor of another kind, which the kernel would describe in another struct without an error.
///
/// Source: the names given to `anon_inode_getfd` and `anon_inode_getfile` in `kernel/bpf/syscall.c`, which
/// `/proc/self/fd/N` shows. Without `/proc` nothing is refused.
fn check_kind(fd: BorrowedFd<'_>, kind: &str) -> Result<(), SysError> {
    let Ok(target) = std::fs::read_link(format!("/proc/self/fd/{}", fd.as_raw_fd())) else {
        return Ok(());
    };
    let target = target.to_string_lossy().replace(['[', ']'], "").replace('-', "_");
    if target == format!("anon_inode:bpf_{kind}") {
        Ok(())
    } else {
        Err(Command::ObjGetInfoByFd.error(Errno(errno::EINVAL)))
    }
}

/// What the kernel says of a program.
///
/// # Errors
/// `EINVAL` if `program` is no program.
pub fn prog_info(program: BorrowedFd<'_>) -> Result<ProgInfo, SysError> {
    check_kind(program, "prog")?;
    let mut raw = RawProgInfo::default();
    // SAFETY: the struct has integers only and all lengths in it are 0, so no address is used.
    unsafe { object_info(program, &mut raw) }?;
    Ok(ProgInfo {
        prog_type: raw.prog_type,
        id: raw.id,
        name: object_name_text(&raw.name),
        tag: raw.tag,
        btf_id: (raw.btf_id != 0).then_some(raw.btf_id),
        verified_insns: (raw.verified_insns != 0).then_some(raw.verified_insns),
        xlated_len: raw.xlated_prog_len,
        jited_len: raw.jited_prog_len,
        line_infos: raw.nr_line_info,
        maps: raw.nr_map_ids,
    })
}

/// The ids of the maps that a program uses.
///
/// # Errors
/// `EINVAL` if `program` is no program.
pub fn prog_map_ids(program: BorrowedFd<'_>) -> Result<Vec<u32>, SysError> {
    let count = prog_info(program)?.maps;
    let mut ids = vec![0_u32; count as usize];
    let mut raw = RawProgInfo { nr_map_ids: count, map_ids: address_mut(&mut ids), ..RawProgInfo::default() };
    // SAFETY: `ids` has room for `nr_map_ids` ids; the other lengths are 0.
    unsafe { object_info(program, &mut raw) }?;
    ids.truncate(raw.nr_map_ids as usize);
    Ok(ids)
}

/// `struct bpf_map_info`.
#[repr(C)]
#[derive(Default)]
struct RawMapInfo {
    map_type: u32,
    id: u32,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    map_flags: u32,
    name: ObjectName,
    ifindex: u32,
    btf_vmlinux_value_type_id: u32,
    netns_dev: u64,
    netns_ino: u64,
    btf_id: u32,
    btf_key_type_id: u32,
    btf_value_type_id: u32,
    btf_vmlinux_id: u32,
    map_extra: u64,
}
const _: () = assert!(size_of::<RawMapInfo>() == 88);

/// A map in the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MapInfo {
    /// The number of the map type, `BPF_MAP_TYPE_*`.
    pub map_type: u32,
    /// The id that `bpftool map` lists it by.
    pub id: u32,
    /// The key's size in bytes.
    pub key_size: u32,
    /// The value's size in bytes.
    pub value_size: u32,
    /// The largest number of entries; bytes for a ring buffer.
    pub max_entries: u32,
    /// `BPF_F_*` creation flags.
    pub flags: u32,
    /// The name, at most 15 bytes.
    pub name: String,
}

/// What the kernel says of a map.
///
/// # Errors
/// `EINVAL` if `map` is no map.
pub fn map_info(map: BorrowedFd<'_>) -> Result<MapInfo, SysError> {
    check_kind(map, "map")?;
    let mut raw = RawMapInfo::default();
    // SAFETY: the struct has integers only and no address.
    unsafe { object_info(map, &mut raw) }?;
    Ok(MapInfo {
        map_type: raw.map_type,
        id: raw.id,
        key_size: raw.key_size,
        value_size: raw.value_size,
        max_entries: raw.max_entries,
        flags: raw.map_flags,
        name: object_name_text(&raw.name),
    })
}

/// `struct bpf_link_info` with the member of its union that XDP has.
#[repr(C)]
#[derive(Default)]
struct RawLinkInfo {
    link_type: u32,
    id: u32,
    prog_id: u32,
    pad: u32,
    xdp_ifindex: u32,
    rest: [u32; 11],
}
const _: () = assert!(size_of::<RawLinkInfo>() == 64);

/// `BPF_LINK_TYPE_XDP` of `enum bpf_link_type`.
const LINK_TYPE_XDP: u32 = 6;

/// A link in the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkInfo {
    /// The id that `bpftool link` lists it by.
    pub id: u32,
    /// The id of its program.
    pub prog_id: u32,
    /// What the program is attached to.
    pub target: LinkTarget,
}

/// What a link attaches its program to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkTarget {
    /// The interface with this index, for XDP.
    Interface(u32),
    /// An interface that is gone, for XDP.
    GoneInterface,
    /// Something else: it's a link of another type.
    Other,
}

/// What the kernel says of a link.
///
/// # Errors
/// `EINVAL` if `link` is no link.
pub fn link_info(link: BorrowedFd<'_>) -> Result<LinkInfo, SysError> {
    check_kind(link, "link")?;
    let mut raw = RawLinkInfo::default();
    // SAFETY: the struct has integers only; for link types with addresses in their union all lengths are 0.
    unsafe { object_info(link, &mut raw) }?;
    Ok(LinkInfo {
        id: raw.id,
        prog_id: raw.prog_id,
        target: match (raw.link_type, raw.xdp_ifindex) {
            (LINK_TYPE_XDP, 0) => LinkTarget::GoneInterface,
            (LINK_TYPE_XDP, index) => LinkTarget::Interface(index),
            _ => LinkTarget::Other,
        },
    })
}
