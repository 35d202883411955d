//! `struct pt_regs` on x86-64. Source: `arch/x86/include/uapi/asm/ptrace.h`.

use super::{Registers, register};
use crate::Context;
use crate::context::context;

context! {
    /// `struct pt_regs`.
    PT_REGS = Context::named("pt_regs") => {
        /// The register r15.
        R15 = register("r15", 0);
        /// The register r14.
        R14 = register("r14", 8);
        /// The register r13.
        R13 = register("r13", 16);
        /// The register r12.
        R12 = register("r12", 24);
        /// The frame pointer.
        BP = register("bp", 32);
        /// The register bx.
        BX = register("bx", 40);
        /// The register r11.
        R11 = register("r11", 48);
        /// The fourth argument of a system call.
        R10 = register("r10", 56);
        /// The sixth argument.
        R9 = register("r9", 64);
        /// The fifth argument.
        R8 = register("r8", 72);
        /// The result of a function; the number of a system call on its way in.
        AX = register("ax", 80);
        /// The fourth argument of a function.
        CX = register("cx", 88);
        /// The third argument.
        DX = register("dx", 96);
        /// The second argument.
        SI = register("si", 104);
        /// The first argument.
        DI = register("di", 112);
        /// The number of the system call.
        ORIG_AX = register("orig_ax", 120);
        /// The instruction.
        IP = register("ip", 128);
        /// The code segment.
        CS = register("cs", 136);
        /// The flags.
        FLAGS = register("flags", 144);
        /// The stack pointer.
        SP = register("sp", 152);
        /// The stack segment.
        SS = register("ss", 160);
    }
}

/// Where the arguments are.
pub static REGISTERS: Registers = Registers {
    arguments: &[DI.offset, SI.offset, DX.offset, CX.offset, R8.offset, R9.offset],
    syscall_arguments: &[DI.offset, SI.offset, DX.offset, R10.offset, R8.offset, R9.offset],
    // The return address is on the stack.
    return_address: None,
    result: AX.offset,
    frame: BP.offset,
    stack: SP.offset,
    instruction: IP.offset,
};
