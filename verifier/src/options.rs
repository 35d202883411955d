//! How a program is verified.

/// How much of the log is wanted, and who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options {
    /// 0 nothing, 1 the path that failed, 2 every path.
    pub(crate) log_level: u8,
    /// Whether the loader has `CAP_PERFMON` (root has): without it pointers must not leak.
    pub(crate) perfmon: bool,
    /// The number of processors that the kernel counts, which bounds `bpf_get_smp_processor_id`.
    pub(crate) cpus: u32,
    /// The most bytes of log that are kept.
    pub(crate) log_limit: usize,
}
