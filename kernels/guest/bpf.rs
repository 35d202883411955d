//! `bpf(2)` for kernels from 5.10 on: maps, BTF, and a program load with its log.
//!
//! Source of the layouts: `union bpf_attr` in `include/uapi/linux/bpf.h`. The structs end where a kernel that doesn't know
//! the later fields wants them to: unused fields are zero, and the kernel accepts zeros beyond what it knows.

use std::ffi::{CString, c_int, c_long};
use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use crate::wire::{GuestLoad, GuestMap};

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
}

/// Numbers of system calls on x86-64, the machine of the guests.
const SYS_BPF: c_long = 321;
const SYS_MMAP: c_long = 9;
const SYS_MUNMAP: c_long = 11;
const SYS_CAPSET: c_long = 126;

/// `enum bpf_cmd`.
const MAP_CREATE: c_int = 0;
const MAP_UPDATE_ELEM: c_int = 2;
const PROG_LOAD: c_int = 5;
const BTF_LOAD: c_int = 18;
const MAP_FREEZE: c_int = 22;

/// `BPF_PROG_TYPE_STRUCT_OPS`.
const PROG_TYPE_STRUCT_OPS: u32 = 27;
const BPF_F_RDONLY_PROG: u32 = 1 << 7;
/// `BPF_MAP_TYPE_ARENA`.
const MAP_TYPE_ARENA: u32 = 33;
/// The size of a page on x86-64.
const PAGE_SIZE: usize = 4096;

/// `BPF_OBJ_NAME_LEN`: the length of a name with the NUL at its end.
const OBJ_NAME_LEN: usize = 16;
/// The length of a slot in bytes.
const SLOT_LEN: usize = 8;
/// `sizeof(struct bpf_func_info)` and `sizeof(struct bpf_line_info)`.
const FUNC_INFO_LEN: usize = 8;
const LINE_INFO_LEN: usize = 16;

/// The sizes of the log buffer: one that nearly all logs fit, the largest that every kernel accepts, and one that kernels
/// before 6.4 need for a program that is too large: they keep the beginning of a log that doesn't fit, and its end says why.
const LOG_SIZES: [usize; 3] = [1 << 20, ACCEPTED_BY_ALL, 128 << 20];
const ACCEPTED_BY_ALL: usize = (16 << 20) - 1;

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct MapAttr {
    map_type: u32,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    map_flags: u32,
    inner_map_fd: u32,
    numa_node: u32,
    map_name: [u8; OBJ_NAME_LEN],
    map_ifindex: u32,
    btf_fd: u32,
    btf_key_type_id: u32,
    btf_value_type_id: u32,
    btf_vmlinux_value_type_id: u32,
    map_extra: u64,
}

#[repr(C)]
#[derive(Default)]
struct ElementAttr {
    map_fd: u32,
    pad: u32,
    key: u64,
    value: u64,
    flags: u64,
}

#[repr(C)]
#[derive(Default)]
struct BtfAttr {
    btf: u64,
    btf_log_buf: u64,
    btf_size: u32,
    btf_log_size: u32,
    btf_log_level: u32,
    pad: u32,
}

#[repr(C)]
#[derive(Default)]
struct ProgAttr {
    prog_type: u32,
    insn_cnt: u32,
    insns: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log_buf: u64,
    kern_version: u32,
    prog_flags: u32,
    prog_name: [u8; OBJ_NAME_LEN],
    prog_ifindex: u32,
    expected_attach_type: u32,
    prog_btf_fd: u32,
    func_info_rec_size: u32,
    func_info: u64,
    func_info_cnt: u32,
    line_info_rec_size: u32,
    line_info: u64,
    line_info_cnt: u32,
    attach_btf_id: u32,
}

fn bpf<T>(command: c_int, attr: &mut T) -> io::Result<c_long> {
    // SAFETY: `attr` is one of the structs above, initialised, of the size given; its pointers lead to buffers that its
    // maker keeps alive through the call.
    let result = unsafe { syscall(SYS_BPF, command, std::ptr::from_mut(attr), size_of::<T>()) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

fn bpf_fd<T>(command: c_int, attr: &mut T) -> io::Result<OwnedFd> {
    let fd = bpf(command, attr)?;
    // SAFETY: the command returns a new descriptor that nothing else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as c_int) })
}

fn address<T>(slice: &[T]) -> u64 {
    if slice.is_empty() { 0 } else { slice.as_ptr() as u64 }
}

/// At most 15 bytes and a NUL.
fn object_name(name: &[u8]) -> [u8; OBJ_NAME_LEN] {
    let mut field = [0; OBJ_NAME_LEN];
    for (to, from) in field.iter_mut().take(OBJ_NAME_LEN - 1).zip(name) {
        *to = *from;
    }
    field
}

/// What came of a load: 0 or the error number, the log, and the level that the log really has.
pub(crate) struct Answer {
    pub(crate) errno: i32,
    pub(crate) log: Vec<u8>,
    pub(crate) log_level: u32,
    /// Whether the log's beginning is missing, or its level is lower than asked for.
    pub(crate) log_cut: bool,
}

/// Why the verifier never saw a program.
pub(crate) struct Unseen {
    /// The kernel's error number, if it refused what the program needs; else 0.
    pub(crate) errno: i32,
    pub(crate) why: String,
}

impl Unseen {
    fn refused(what: &str, error: &io::Error) -> Self {
        Self { errno: error.raw_os_error().unwrap_or_default(), why: format!("{what}: {error}") }
    }
}

impl From<String> for Unseen {
    fn from(why: String) -> Self {
        Self { errno: 0, why }
    }
}

pub(crate) struct Loader<'a> {
    log: Vec<u8>,
    /// How many bytes of a log are told.
    most: usize,
    btf: &'a [Vec<u8>],
    /// The number of the BTF that was loaded last, and what came of it: the programs of an object follow each other.
    loaded: Option<(usize, Result<OwnedFd, io::Error>)>,
}

impl<'a> Loader<'a> {
    pub(crate) fn new(btf: &'a [Vec<u8>], most: usize) -> Self {
        Self { log: vec![0; LOG_SIZES[LOG_SIZES.len() - 1]], most, btf, loaded: None }
    }

    /// Loads a program once and lets go of it.
    pub(crate) fn load(&mut self, load: &GuestLoad) -> Result<Answer, Unseen> {
        let btf = match load.btf {
            None => None,
            Some(number) => match self.load_btf(number) {
                Ok(btf) => {
                    Some(btf.try_clone().map_err(|error| Unseen::refused("the program's BTF", &error))?)
                }
                // As libbpf does: types are for more than the program itself only where it's in a struct of functions.
                Err(_) if load.prog_type != PROG_TYPE_STRUCT_OPS => None,
                Err(error) => return Err(Unseen::refused("the program's BTF is refused", error)),
            },
        };
        let mut maps = Vec::new();
        for map in &load.maps {
            let refused = |error| {
                let what = format!("map `{}` was not created", String::from_utf8_lossy(&map.name));
                Unseen::refused(&what, &error)
            };
            maps.push(create(map, btf.as_ref()).map_err(refused)?);
        }
        let insns = with_map_fds(&load.insns, &maps)?;
        let license = CString::new(load.license.clone()).map_err(|error| format!("licence: {error}"))?;
        if load.without_perfmon {
            capabilities(ALL_CAPABILITIES & !(CAP_PERFMON | CAP_SYS_ADMIN))?;
        }
        let answer = self.load_with_room(load, &insns, btf.as_ref(), &license);
        if load.without_perfmon {
            capabilities(ALL_CAPABILITIES)?;
        }
        Ok(answer?)
    }

    /// BTF of a number in the kernel.
    fn load_btf(&mut self, number: usize) -> Result<&OwnedFd, &io::Error> {
        if self.loaded.as_ref().is_none_or(|(loaded, _)| *loaded != number) {
            self.loaded = None;
        }
        let btf = self.btf;
        let (_, loaded) = self.loaded.get_or_insert_with(|| (number, load_btf(&btf[number])));
        loaded.as_ref()
    }

    /// A log that doesn't fit hides the verdict (`ENOSPC`): more room, then a lower level, as the library does on the host.
    fn load_with_room(
        &mut self,
        load: &GuestLoad,
        insns: &[u8],
        btf: Option<&OwnedFd>,
        license: &CString,
    ) -> Result<Answer, String> {
        // Records are numbers of types, and nothing without them.
        let records = |records| if btf.is_some() { records } else { &[][..] };
        let (func_info, line_info) = (records(&load.func_info), records(&load.line_info));
        for level in (0..=load.level).rev() {
            for size in LOG_SIZES {
                self.log[0] = 0;
                let mut attr = ProgAttr {
                    prog_type: load.prog_type,
                    insn_cnt: (insns.len() / SLOT_LEN) as u32,
                    insns: address(insns),
                    license: license.as_ptr() as u64,
                    log_level: level,
                    log_size: if level == 0 { 0 } else { size as u32 },
                    log_buf: if level == 0 { 0 } else { self.log.as_mut_ptr() as u64 },
                    prog_flags: load.flags,
                    prog_name: allowed_name(&load.name),
                    expected_attach_type: load.attach_type,
                    attach_btf_id: load.target,
                    prog_btf_fd: btf.map_or(0, |fd| fd.as_raw_fd() as u32),
                    func_info_rec_size: if func_info.is_empty() { 0 } else { FUNC_INFO_LEN as u32 },
                    func_info: address(func_info),
                    func_info_cnt: (func_info.len() / FUNC_INFO_LEN) as u32,
                    line_info_rec_size: if line_info.is_empty() { 0 } else { LINE_INFO_LEN as u32 },
                    line_info: address(line_info),
                    line_info_cnt: (line_info.len() / LINE_INFO_LEN) as u32,
                    ..ProgAttr::default()
                };
                // The kernel gives up a load with EAGAIN when a signal or another load comes between.
                let result = loop {
                    match bpf_fd(PROG_LOAD, &mut attr) {
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                        result => break result,
                    }
                };
                // The last size isn't one for every kernel: those that don't take it write nothing.
                let no_room = |error: &io::Error| {
                    error.kind() == ErrorKind::StorageFull || size > ACCEPTED_BY_ALL && self.log[0] == 0
                };
                if result.as_ref().is_err_and(no_room) && level > 0 {
                    continue;
                }
                let errno = match result {
                    Ok(_) => 0,
                    Err(error) => error.raw_os_error().ok_or_else(|| error.to_string())?,
                };
                let end = self.log.iter().position(|&byte| byte == 0).unwrap_or(0);
                let told = told(&self.log[..end], self.most);
                let log_cut = told.len() < end || level < load.level;
                return Ok(Answer { errno, log: told.to_vec(), log_level: level, log_cut });
            }
        }
        Err("no log level gave a verdict".to_owned())
    }
}

/// What of a log goes over the serial port: all of it, or whole lines at its end.
fn told(log: &[u8], most: usize) -> &[u8] {
    let Some(cut) = log.len().checked_sub(most).filter(|cut| *cut > 0) else { return log };
    let end = &log[cut..];
    let line = end.iter().position(|&byte| byte == b'\n').map_or(0, |line| line + 1);
    &end[line..]
}

fn create(map: &GuestMap, btf: Option<&OwnedFd>) -> io::Result<OwnedFd> {
    let inner = map.inner.first().map(|inner| create(inner, btf)).transpose()?;
    let mut attr = MapAttr {
        map_type: map.map_type,
        key_size: map.key_size,
        value_size: map.value_size,
        max_entries: map.max_entries,
        map_flags: map.flags,
        inner_map_fd: inner.as_ref().map_or(0, |fd| fd.as_raw_fd() as u32),
        map_name: allowed_name(&map.name),
        map_extra: map.extra,
        ..MapAttr::default()
    };
    let is_typed = map.key_type != 0 || map.value_type != 0;
    let mut created = match btf.filter(|_| is_typed) {
        None => bpf_fd(MAP_CREATE, &mut attr),
        Some(btf) => {
            let (key, value) = (map.key_type, map.value_type);
            let btf_fd = btf.as_raw_fd() as u32;
            let mut typed = MapAttr { btf_fd, btf_key_type_id: key, btf_value_type_id: value, ..attr };
            bpf_fd(MAP_CREATE, &mut typed)
        }
    };
    // As libbpf does: a map that the kernel doesn't make with types is made without.
    if created.is_err() && is_typed {
        created = bpf_fd(MAP_CREATE, &mut attr);
    }
    let fd = created?;
    if map.map_type == MAP_TYPE_ARENA {
        map_once(&fd, map.max_entries as usize * PAGE_SIZE, map.extra)?;
    }
    if !map.data.is_empty() {
        let key = [0u32];
        let mut element = ElementAttr {
            map_fd: fd.as_raw_fd() as u32,
            key: address(&key),
            value: address(&map.data),
            ..ElementAttr::default()
        };
        bpf(MAP_UPDATE_ELEM, &mut element)?;
        if map.flags & BPF_F_RDONLY_PROG != 0 {
            let mut frozen = ElementAttr { map_fd: fd.as_raw_fd() as u32, ..ElementAttr::default() };
            bpf(MAP_FREEZE, &mut frozen)?;
        }
    }
    Ok(fd)
}

/// Maps an arena into memory and takes it out again: from then on the kernel knows where its pages are seen.
fn map_once(arena: &OwnedFd, len: usize, address: u64) -> io::Result<()> {
    // `PROT_READ | PROT_WRITE`; `MAP_SHARED`, with `MAP_FIXED_NOREPLACE` for a wanted address.
    let (protection, flags): (c_long, c_long) = (3, if address == 0 { 1 } else { 1 | 1 << 20 });
    let fd = c_long::from(arena.as_raw_fd());
    // SAFETY: a new mapping of a file, over no other one; nothing is read or written through it.
    let mapped = unsafe { syscall(SYS_MMAP, address, len, protection, flags, fd, 0 as c_long) };
    if mapped == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the mapping made above, which nobody has a reference into.
    if unsafe { syscall(SYS_MUNMAP, mapped, len) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The name of a program or a map; the kernel takes letters, digits, `_` and `.`.
fn allowed_name(name: &[u8]) -> [u8; OBJ_NAME_LEN] {
    let mut field = object_name(name);
    for byte in field.iter_mut().filter(|byte| **byte != 0) {
        if !byte.is_ascii_alphanumeric() && *byte != b'.' {
            *byte = b'_';
        }
    }
    field
}

fn load_btf(btf: &[u8]) -> io::Result<OwnedFd> {
    bpf_fd(BTF_LOAD, &mut BtfAttr { btf: address(btf), btf_size: btf.len() as u32, ..BtfAttr::default() })
}

/// The pseudo source registers of `ld_imm64`, `include/uapi/linux/bpf.h`.
const PSEUDO_MAP_FD: u8 = 1;
const PSEUDO_MAP_VALUE: u8 = 2;
const PSEUDO_MAP_IDX: u8 = 5;
const PSEUDO_MAP_IDX_VALUE: u8 = 6;

/// Replaces map indexes by descriptors: kernels before 5.14 know only those.
fn with_map_fds(insns: &[u8], maps: &[OwnedFd]) -> Result<Vec<u8>, String> {
    const LD_IMM64: u8 = 0x18;
    let mut code = insns.to_vec();
    let mut slot = 0;
    while let Some(bytes) = code.get_mut(slot * SLOT_LEN..(slot + 1) * SLOT_LEN) {
        if bytes[0] != LD_IMM64 {
            slot += 1;
            continue;
        }
        let by_fd = match bytes[1] >> 4 {
            PSEUDO_MAP_IDX => Some(PSEUDO_MAP_FD),
            PSEUDO_MAP_IDX_VALUE => Some(PSEUDO_MAP_VALUE),
            _ => None,
        };
        if let Some(by_fd) = by_fd {
            let index = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
            let fd =
                maps.get(index as usize).ok_or_else(|| format!("slot {slot}: there is no map {index}"))?;
            bytes[1] = bytes[1] & 0x0f | by_fd << 4;
            bytes[4..8].copy_from_slice(&fd.as_raw_fd().to_le_bytes());
        }
        slot += 2;
    }
    Ok(code)
}

/// `include/uapi/linux/capability.h`.
const CAP_SYS_ADMIN: u64 = 1 << 21;
const CAP_PERFMON: u64 = 1 << 38;
/// Up to CAP_CHECKPOINT_RESTORE, the last one since 5.9.
const ALL_CAPABILITIES: u64 = (1 << 41) - 1;

/// Sets the effective capabilities; the permitted ones stay, so that they can come back.
fn capabilities(effective: u64) -> Result<(), String> {
    const VERSION_3: u32 = 0x2008_0522;
    let header: [u32; 2] = [VERSION_3, 0];
    let [low, high] = [ALL_CAPABILITIES as u32, (ALL_CAPABILITIES >> 32) as u32];
    let data: [u32; 6] = [effective as u32, low, 0, (effective >> 32) as u32, high, 0];
    // SAFETY: version 3 takes a header of two numbers and twice three numbers of data.
    let result = unsafe { syscall(SYS_CAPSET, header.as_ptr(), data.as_ptr()) };
    if result < 0 { Err(format!("capset: {}", io::Error::last_os_error())) } else { Ok(()) }
}
