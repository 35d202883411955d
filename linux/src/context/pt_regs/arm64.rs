//! `struct user_pt_regs` on arm64, with which `struct pt_regs` begins. Source: `arch/arm64/include/uapi/asm/ptrace.h`.

use super::{Registers, register};
use crate::Context;
use crate::context::context;

context! {
    /// `struct user_pt_regs`.
    PT_REGS = Context::named("user_pt_regs").standing_for("pt_regs") => {
        /// The registers x0 to x30.
        REGS = register("regs", 0).array(31);
        /// The stack pointer.
        SP = register("sp", 248);
        /// The instruction.
        PC = register("pc", 256);
        /// The state of the processor.
        PSTATE = register("pstate", 264);
    }
}

/// Where a register of `regs` is.
const fn regs(number: u32) -> u32 {
    REGS.offset + REGS.size * number
}

/// Where the arguments are.
///
/// The first argument of a system call is overwritten by its result, and kept beyond this struct; what stands here is right
/// on its way in.
pub static REGISTERS: Registers = Registers {
    arguments: &[regs(0), regs(1), regs(2), regs(3), regs(4), regs(5), regs(6), regs(7)],
    syscall_arguments: &[regs(0), regs(1), regs(2), regs(3), regs(4), regs(5)],
    return_address: Some(regs(30)),
    result: regs(0),
    frame: regs(29),
    stack: SP.offset,
    instruction: PC.offset,
};
