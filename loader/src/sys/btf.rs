//! BTF, the kernel's type information.

use std::os::fd::OwnedFd;

use super::{Command, SysError, address, address_mut, bpf_fd, len_u32};

/// `union bpf_attr` of `BPF_BTF_LOAD`.
#[repr(C)]
#[derive(Default)]
struct LoadAttr {
    btf: u64,
    btf_log_buf: u64,
    btf_size: u32,
    btf_log_size: u32,
    btf_log_level: u32,
    btf_log_true_size: u32,
}
const _: () = assert!(size_of::<LoadAttr>() == 32);

/// BTF that the kernel refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}; the kernel says: {}", last_line(.log))]
#[non_exhaustive]
pub struct BtfRefused {
    /// The failed call.
    pub error: SysError,
    /// The kernel's whole text, which lists the types up to the wrong one.
    pub log: String,
}

fn last_line(log: &str) -> &str {
    log.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("nothing")
}

/// The level of the log: `BPF_LOG_LEVEL1`, the only one that BTF knows.
const LOG_LEVEL: u32 = 1;
/// How much of the log is fetched.
const LOG_BYTES: usize = 64 << 10;

/// Loads BTF.
///
/// # Errors
/// [`BtfRefused`] with the kernel's text, which a second call with a log buffer fetches. The text is cut at 64 KiB.
pub fn btf_load(btf: &[u8]) -> Result<OwnedFd, BtfRefused> {
    let refused = |error| BtfRefused { error, log: String::new() };
    let mut attr = LoadAttr {
        btf: address(btf),
        btf_size: len_u32(Command::BtfLoad, btf.len()).map_err(refused)?,
        ..LoadAttr::default()
    };
    // SAFETY: `btf` is readable for its length; the command returns a new descriptor.
    let error = match unsafe { bpf_fd(Command::BtfLoad, &mut attr) } {
        Ok(fd) => return Ok(fd),
        Err(error) => error,
    };
    let mut log = vec![0_u8; LOG_BYTES];
    attr.btf_log_level = LOG_LEVEL;
    attr.btf_log_size = len_u32(Command::BtfLoad, log.len()).map_err(refused)?;
    attr.btf_log_buf = address_mut(&mut log);
    // SAFETY: as above, and `log` is writable for its length.
    match unsafe { bpf_fd(Command::BtfLoad, &mut attr) } {
        Ok(fd) => Ok(fd),
        Err(_) => {
            let end = log.iter().position(|&byte| byte == 0).unwrap_or(log.len());
            Err(BtfRefused { error, log: String::from_utf8_lossy(&log[..end]).into_owned() })
        }
    }
}
