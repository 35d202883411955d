//! Running a program once or many times on given bytes, without attaching it.

use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use super::{Command, SysError, address, address_mut, bpf, len_u32};

/// The input of a test run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestRun {
    /// The packet; XDP and socket programs want at least an Ethernet header of 14 bytes.
    pub data: Vec<u8>,
    /// The bytes of the context struct (`struct xdp_md`, `struct __sk_buff`); empty leaves it to the kernel.
    pub context: Vec<u8>,
    /// How often to run the program; 0 counts as 1.
    pub repeat: u32,
}

impl TestRun {
    /// One run on a packet.
    pub fn packet(data: impl Into<Vec<u8>>) -> Self {
        Self { data: data.into(), ..Self::default() }
    }

    /// The same with a number of runs.
    pub fn repeated(mut self, repeat: u32) -> Self {
        self.repeat = repeat;
        self
    }
}

/// The outcome of a test run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestRunResult {
    /// What the program returned, the last time.
    pub return_value: u32,
    /// The mean time of one run. The kernel counts whole nanoseconds.
    pub duration: Duration,
    /// The packet as the program left it.
    pub data: Vec<u8>,
    /// The context as the program left it; empty if none was given.
    pub context: Vec<u8>,
}

/// `union bpf_attr` of `BPF_PROG_TEST_RUN`.
#[repr(C)]
#[derive(Default)]
struct TestRunAttr {
    prog_fd: u32,
    retval: u32,
    data_size_in: u32,
    data_size_out: u32,
    data_in: u64,
    data_out: u64,
    repeat: u32,
    duration: u32,
    ctx_size_in: u32,
    ctx_size_out: u32,
    ctx_in: u64,
    ctx_out: u64,
    flags: u32,
    cpu: u32,
    batch_size: u32,
    pad: u32,
}
const _: () = assert!(size_of::<TestRunAttr>() == 80);

/// A packet may grow by so many bytes in a run (`bpf_xdp_adjust_head`, `_tail`, `bpf_skb_adjust_room`).
const GROWTH: usize = 4096;

/// Runs a program on the bytes given.
///
/// # Errors
/// `EINVAL` for a packet shorter than an Ethernet header or longer than the kernel takes (a page less its headroom for
/// XDP), `ENOTSUPP` for program types without test runs, `EPERM` without `CAP_BPF` and `CAP_NET_ADMIN`, `ENOSPC` if the
/// packet grew by more than 4 KiB.
pub fn prog_test_run(program: BorrowedFd<'_>, run: &TestRun) -> Result<TestRunResult, SysError> {
    const COMMAND: Command = Command::ProgTestRun;
    let mut data_out = if run.data.is_empty() { Vec::new() } else { vec![0_u8; run.data.len() + GROWTH] };
    let mut context_out = vec![0_u8; run.context.len()];
    let mut attr = TestRunAttr {
        prog_fd: program.as_raw_fd() as u32,
        data_size_in: len_u32(COMMAND, run.data.len())?,
        data_size_out: len_u32(COMMAND, data_out.len())?,
        data_in: address(&run.data),
        data_out: address_mut(&mut data_out),
        repeat: run.repeat,
        ctx_size_in: len_u32(COMMAND, run.context.len())?,
        ctx_size_out: len_u32(COMMAND, context_out.len())?,
        ctx_in: address(&run.context),
        ctx_out: address_mut(&mut context_out),
        ..TestRunAttr::default()
    };
    // SAFETY: all four buffers outlive the call and have the sizes given beside their addresses.
    unsafe { bpf(COMMAND, &mut attr) }?;
    data_out.truncate(attr.data_size_out as usize);
    context_out.truncate(attr.ctx_size_out as usize);
    Ok(TestRunResult {
        return_value: attr.retval,
        duration: Duration::from_nanos(u64::from(attr.duration)),
        data: data_out,
        context: context_out,
    })
}
