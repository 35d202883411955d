//! `struct bpf_perf_event_data`, the context of `perf_event` programs: the registers of the machine, and what the sample says.

use super::{Context, Field, Machine, Sizes};
use crate::{KernelVersion, ProgType, ProgTypes};

const PERF_EVENT: ProgTypes = ProgTypes::of(&[ProgType::PerfEvent]);

const fn registers(name: &'static str, offset: u32) -> Field {
    number(name, offset, 4, 9).sized(8, Sizes::Whole)
}

const fn number(name: &'static str, offset: u32, major: u16, minor: u16) -> Field {
    let since = KernelVersion::new(major, minor);
    Field::number(name, offset, since).sized(8, Sizes::Parts).read_by(PERF_EVENT)
}

/// The struct on a machine.
pub const fn context(machine: Machine) -> &'static Context {
    match machine {
        Machine::X86_64 => &x86_64::BPF_PERF_EVENT_DATA,
        Machine::Arm64 => &arm64::BPF_PERF_EVENT_DATA,
        Machine::Riscv64 => &riscv64::BPF_PERF_EVENT_DATA,
    }
}

/// The struct on x86-64.
pub mod x86_64 {
    use super::{number, registers};
    use crate::context::{Context, context};

    context! {
        /// `struct bpf_perf_event_data`.
        BPF_PERF_EVENT_DATA = Context::named("bpf_perf_event_data").standing_for("bpf_perf_event_data_kern") => {
            /// The registers.
            REGS = registers("regs", 0).array(21);
            /// The period of the samples at this one.
            SAMPLE_PERIOD = number("sample_period", 168, 4, 9);
            /// The address that the sample is about.
            ADDR = number("addr", 176, 4, 16);
        }
    }
}

/// The struct on arm64.
pub mod arm64 {
    use super::{number, registers};
    use crate::context::{Context, context};

    context! {
        /// `struct bpf_perf_event_data`.
        BPF_PERF_EVENT_DATA = Context::named("bpf_perf_event_data").standing_for("bpf_perf_event_data_kern") => {
            /// The registers.
            REGS = registers("regs", 0).array(34);
            /// The period of the samples at this one.
            SAMPLE_PERIOD = number("sample_period", 272, 4, 9);
            /// The address that the sample is about.
            ADDR = number("addr", 280, 4, 16);
        }
    }
}

/// The struct on 64-bit RISC-V.
pub mod riscv64 {
    use super::{number, registers};
    use crate::context::{Context, context};

    context! {
        /// `struct bpf_perf_event_data`.
        BPF_PERF_EVENT_DATA = Context::named("bpf_perf_event_data").standing_for("bpf_perf_event_data_kern") => {
            /// The registers.
            REGS = registers("regs", 0).array(32);
            /// The period of the samples at this one.
            SAMPLE_PERIOD = number("sample_period", 256, 4, 9);
            /// The address that the sample is about.
            ADDR = number("addr", 264, 4, 16);
        }
    }
}
