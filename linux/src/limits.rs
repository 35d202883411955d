//! Limits that kernels are built with.

/// How many bytes the stack of a frame has, and the stacks of frames on each other: `MAX_BPF_STACK` in `include/linux/filter.h`.
pub const MAX_BPF_STACK: u32 = 512;

/// The most frames of a stack trace, as it is unless an administrator sets another number: `PERF_MAX_STACK_DEPTH` in
/// `include/uapi/linux/perf_event.h`.
pub const PERF_MAX_STACK_DEPTH: u32 = 127;
