//! Loading a program, with the verifier's log whether it's accepted or not.

use std::ffi::CString;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use knockwright_asm::Slot;
use knockwright_asm::linux::errno;
use knockwright_btf::KernelRecords;

use super::{Command, ObjectName, SysError, address, address_mut, bpf_fd, len_u32, object_name};
use crate::errno::Errno;

/// The largest log buffer that every kernel takes: 16 MiB less one byte.
///
/// Source: `kernel/bpf/verifier.c` before 5.18, `len_total > UINT_MAX >> 8`; newer kernels take more.
pub const MAX_LOG_BYTES: usize = (u32::MAX >> 8) as usize;

/// The smallest log buffer that every kernel takes, `kernel/bpf/verifier.c` before 5.18: newer ones take any.
const MIN_LOG_BYTES: usize = 128;

/// `BPF_LOG_STATS`: the bit of a log level for the time and the stack depth.
pub const LOG_STATS: u32 = 4;

/// What is to be loaded.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ProgLoad<'a> {
    /// The number of the program type, `BPF_PROG_TYPE_*`.
    pub prog_type: u32,
    /// The machine code in the machine's byte order, 8 bytes a slot; maps stand in it as file descriptors.
    pub insns: &'a [u8],
    /// The licence.
    pub license: &'a str,
    /// The name. The kernel keeps 15 bytes; characters that it refuses become `_`.
    pub name: &'a str,
    /// Program flags, `BPF_F_*`.
    pub flags: u32,
    /// `BPF_LOG_LEVEL*`: 0 none, 1 the failing path, 2 every path; plus [`LOG_STATS`].
    pub log_level: u32,
    /// `enum bpf_attach_type`, for program types that want one at load time.
    pub expected_attach_type: u32,
    /// What the program is for, by its number in the kernel's BTF; 0 for nothing.
    pub attach_btf_id: u32,
    /// The BTF that `func_info` and `line_info` speak of.
    pub btf: Option<BorrowedFd<'a>>,
    /// `struct bpf_func_info` records: slot and type id.
    pub func_info: &'a [u8],
    /// `struct bpf_line_info` records: slot, file, line text, line and column.
    pub line_info: &'a [u8],
}

/// A buffer for the verifier's log, used again from load to load.
#[derive(Debug)]
pub struct LogBuffer {
    bytes: Vec<u8>,
}

impl LogBuffer {
    /// A buffer of `size` bytes, at least 128 (the least that every kernel takes) and at most [`MAX_LOG_BYTES`].
    pub fn new(size: usize) -> Self {
        Self { bytes: vec![0; size.clamp(MIN_LOG_BYTES, MAX_LOG_BYTES)] }
    }

    /// The number of bytes that fit, the final NUL included.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Makes it larger, up to [`MAX_LOG_BYTES`].
    pub fn grow(&mut self, size: usize) {
        let size = size.clamp(self.bytes.len(), MAX_LOG_BYTES);
        self.bytes.resize(size, 0);
    }

    /// The text that the last load left. Bytes that are no UTF-8 become replacement characters.
    pub fn text(&self) -> String {
        let end = self.bytes.iter().position(|&byte| byte == 0);
        String::from_utf8_lossy(&self.bytes[..end.unwrap_or(self.bytes.len())]).into_owned()
    }
}

/// `union bpf_attr` of `BPF_PROG_LOAD`.
#[repr(C)]
#[derive(Default)]
struct LoadAttr {
    prog_type: u32,
    insn_cnt: u32,
    insns: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log_buf: u64,
    kern_version: u32,
    prog_flags: u32,
    prog_name: ObjectName,
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
    attach_prog_fd: u32,
    core_relo_cnt: u32,
    fd_array: u64,
    core_relos: u64,
    core_relo_rec_size: u32,
    log_true_size: u32,
}
const _: () = assert!(size_of::<LoadAttr>() == 144);

/// A program that wasn't loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
#[non_exhaustive]
pub struct ProgRefused {
    /// The failed call. `ENOSPC` means that the log didn't fit.
    pub error: SysError,
    /// How many bytes the whole log has, its final NUL included; `None` where the kernel (before 6.4) doesn't say.
    pub log_true_size: Option<u32>,
}

/// How often a load is tried again when the kernel asks for it with `EAGAIN` (a signal came while it verified).
const ATTEMPTS: usize = 5;

/// Loads a program; `log` holds the verifier's text afterwards, unless the log level is 0.
///
/// # Errors
/// [`ProgRefused`]. The verifier's verdicts and other causes come by the same error numbers; the log tells them apart.
pub fn prog_load(load: &ProgLoad<'_>, log: &mut LogBuffer) -> Result<OwnedFd, ProgRefused> {
    const COMMAND: Command = Command::ProgLoad;
    let refused = |error| ProgRefused { error, log_true_size: None };
    let bad = refused(COMMAND.error(Errno(errno::EINVAL)));
    let license = CString::new(load.license).map_err(|_| bad)?;
    let records = |bytes: &[u8], size: usize| -> Result<u32, ProgRefused> {
        if bytes.len().is_multiple_of(size) {
            len_u32(COMMAND, bytes.len() / size).map_err(refused)
        } else {
            Err(bad)
        }
    };
    log.bytes[0] = 0;
    let with_log = load.log_level != 0;
    let mut attr = LoadAttr {
        prog_type: load.prog_type,
        insn_cnt: records(load.insns, Slot::LEN)?,
        insns: address(load.insns),
        license: license.as_ptr() as u64,
        log_level: load.log_level,
        log_size: if with_log { len_u32(COMMAND, log.bytes.len()).map_err(refused)? } else { 0 },
        log_buf: if with_log { address_mut(&mut log.bytes) } else { 0 },
        prog_flags: load.flags,
        prog_name: object_name(load.name),
        expected_attach_type: load.expected_attach_type,
        attach_btf_id: load.attach_btf_id,
        ..LoadAttr::default()
    };
    if let Some(btf) = load.btf {
        attr.prog_btf_fd = btf.as_raw_fd() as u32;
    }
    if !load.func_info.is_empty() {
        attr.func_info_cnt = records(load.func_info, KernelRecords::FUNC_INFO_SIZE)?;
        attr.func_info_rec_size = KernelRecords::FUNC_INFO_SIZE as u32;
        attr.func_info = address(load.func_info);
    }
    if !load.line_info.is_empty() {
        attr.line_info_cnt = records(load.line_info, KernelRecords::LINE_INFO_SIZE)?;
        attr.line_info_rec_size = KernelRecords::LINE_INFO_SIZE as u32;
        attr.line_info = address(load.line_info);
    }
    let mut attempt = 1;
    loop {
        // SAFETY: all buffers outlive the call and have the lengths given beside their addresses; the command returns a
        // new descriptor.
        match unsafe { bpf_fd(COMMAND, &mut attr) } {
            Err(error) if error.errno.0 == errno::EAGAIN && attempt < ATTEMPTS => attempt += 1,
            Err(error) => {
                let size = attr.log_true_size;
                return Err(ProgRefused { error, log_true_size: (size != 0).then_some(size) });
            }
            Ok(fd) => return Ok(fd),
        }
    }
}
