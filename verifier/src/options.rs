//! How a program is verified.

/// How much of the log is wanted, and who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// 0 nothing, 1 the path that failed, 2 every path.
    pub log_level: u8,
    /// Whether the loader has `CAP_PERFMON` (root has): without it pointers must not leak.
    pub perfmon: bool,
    /// The number of processors that the kernel counts, which bounds `bpf_get_smp_processor_id`.
    pub cpus: u32,
    /// The most bytes of log that are kept.
    pub log_limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { log_level: 2, perfmon: true, cpus: 2, log_limit: 16 << 20 }
    }
}
