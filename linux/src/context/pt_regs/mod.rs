//! The registers of the machine where a probe was hit, the context of `kprobe` programs, for each machine.
//!
//! ```
//! use knockwright_linux::context::{Machine, pt_regs};
//!
//! let registers = pt_regs::registers(Machine::X86_64);
//! assert_eq!(registers.arguments[0], pt_regs::x86_64::DI.offset);
//! assert_eq!(registers.result, pt_regs::x86_64::AX.offset);
//! ```
//!
//! Sources: the headers `asm/ptrace.h` of each machine for names and offsets; its calling convention, as libbpf's
//! `PT_REGS_PARM1` to `PT_REGS_IP` have it, for the rest.

pub mod arm64;
pub mod riscv64;
pub mod x86_64;

use super::{Context, Field, Machine, Sizes};
use crate::{KernelVersion, ProgType, ProgTypes};

/// Where in the registers the things are that programs look for: offsets in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registers {
    /// The arguments of a function that are in registers, at its start.
    pub arguments: &'static [u32],
    /// The arguments of a system call.
    pub syscall_arguments: &'static [u32],
    /// The return address at a function's start; `None` where it's on the stack.
    pub return_address: Option<u32>,
    /// The result of a function, at its end.
    pub result: u32,
    /// The frame pointer.
    pub frame: u32,
    /// The stack pointer.
    pub stack: u32,
    /// The instruction.
    pub instruction: u32,
}

/// The registers of a machine.
pub const fn context(machine: Machine) -> &'static Context {
    match machine {
        Machine::X86_64 => &x86_64::PT_REGS,
        Machine::Arm64 => &arm64::PT_REGS,
        Machine::Riscv64 => &riscv64::PT_REGS,
    }
}

/// Where things are in the registers of a machine.
pub const fn registers(machine: Machine) -> &'static Registers {
    match machine {
        Machine::X86_64 => &x86_64::REGISTERS,
        Machine::Arm64 => &arm64::REGISTERS,
        Machine::Riscv64 => &riscv64::REGISTERS,
    }
}

/// A register of 8 bytes, which is read and written in every size.
///
/// Kernels let programs write since 6.18, and refuse to attach those that do to anything but uprobes. Some builds of 6.18 still
/// refuse the write itself.
const fn register(name: &'static str, offset: u32) -> Field {
    let kprobe = ProgTypes::of(&[ProgType::Kprobe]);
    Field::number(name, offset, KernelVersion::new(4, 1))
        .sized(8, Sizes::Any)
        .read_by(kprobe)
        .written_by(kprobe)
        .written_since(KernelVersion::new(6, 18))
}
