//! `struct bpf_raw_tracepoint_args`, the context of `raw_tracepoint` programs: the arguments of the trace point, 8 bytes each.

use super::{Context, Field, Holds, Sizes, context};
use crate::{KernelVersion, ProgType, ProgTypes};

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

const PLAIN: ProgTypes = ProgTypes::of(&[ProgType::RawTracepoint]);
const WRITABLE: ProgTypes = ProgTypes::of(&[ProgType::RawTracepointWritable]);

/// The most arguments that the kernel lets programs read.
const MOST: u32 = 12;

const fn argument(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    Field::number(name, offset, since).sized(8, Sizes::Any).read_by(PLAIN.with(WRITABLE))
}

const fn pointer(name: &'static str, offset: u32, holds: Holds, since: KernelVersion) -> Field {
    Field::pointer(name, offset, 8, holds, since).read_by(WRITABLE)
}

context! {
    /// `struct bpf_raw_tracepoint_args`.
    BPF_RAW_TRACEPOINT_ARGS = Context::named("bpf_raw_tracepoint_args") => {
        /// The arguments of the trace point, or of the system call's.
        ARGS = argument("args", 0, v(4, 17)).array(MOST);
        /// Of a writable trace point the first argument, read as a whole.
        BUFFER = pointer("buffer", 0, Holds::TracepointBuffer, v(5, 2));
    }
}
