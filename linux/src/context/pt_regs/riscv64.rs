//! `struct user_regs_struct` on 64-bit RISC-V, with which `struct pt_regs` begins. Source:
//! `arch/riscv/include/uapi/asm/ptrace.h`.

use super::{Registers, register};
use crate::Context;
use crate::context::context;

context! {
    /// `struct user_regs_struct`.
    PT_REGS = Context::named("user_regs_struct").standing_for("pt_regs") => {
        /// The instruction.
        PC = register("pc", 0);
        /// The return address.
        RA = register("ra", 8);
        /// The stack pointer.
        SP = register("sp", 16);
        /// The pointer to global data.
        GP = register("gp", 24);
        /// The pointer to data of the thread.
        TP = register("tp", 32);
        /// The register t0.
        T0 = register("t0", 40);
        /// The register t1.
        T1 = register("t1", 48);
        /// The register t2.
        T2 = register("t2", 56);
        /// The frame pointer.
        S0 = register("s0", 64);
        /// The register s1.
        S1 = register("s1", 72);
        /// The first argument and the result.
        A0 = register("a0", 80);
        /// Argument 2.
        A1 = register("a1", 88);
        /// Argument 3.
        A2 = register("a2", 96);
        /// Argument 4.
        A3 = register("a3", 104);
        /// Argument 5.
        A4 = register("a4", 112);
        /// Argument 6.
        A5 = register("a5", 120);
        /// Argument 7.
        A6 = register("a6", 128);
        /// Argument 8.
        A7 = register("a7", 136);
        /// The register s2.
        S2 = register("s2", 144);
        /// The register s3.
        S3 = register("s3", 152);
        /// The register s4.
        S4 = register("s4", 160);
        /// The register s5.
        S5 = register("s5", 168);
        /// The register s6.
        S6 = register("s6", 176);
        /// The register s7.
        S7 = register("s7", 184);
        /// The register s8.
        S8 = register("s8", 192);
        /// The register s9.
        S9 = register("s9", 200);
        /// The register s10.
        S10 = register("s10", 208);
        /// The register s11.
        S11 = register("s11", 216);
        /// The register t3.
        T3 = register("t3", 224);
        /// The register t4.
        T4 = register("t4", 232);
        /// The register t5.
        T5 = register("t5", 240);
        /// The register t6.
        T6 = register("t6", 248);
    }
}

/// Where the arguments are.
///
/// The first argument of a system call is overwritten by its result, and kept beyond this struct; what stands here is right
/// on its way in.
pub static REGISTERS: Registers = Registers {
    arguments: &[A0.offset, A1.offset, A2.offset, A3.offset, A4.offset, A5.offset, A6.offset, A7.offset],
    syscall_arguments: &[A0.offset, A1.offset, A2.offset, A3.offset, A4.offset, A5.offset],
    return_address: Some(RA.offset),
    result: A0.offset,
    frame: S0.offset,
    stack: SP.offset,
    instruction: PC.offset,
};
