//! The numbers of a slot by their names: opcodes, the parts that an opcode is made of, and the numbers in other fields that
//! tell the instructions of one opcode apart. For code that looks at slots without decoding them, or at those that are no
//! instruction.
//!
//! ```text
//!   bit   7 6 5 4    3      2 1 0
//!        operation source   class       class ALU, ALU64, JMP, JMP32
//!
//!   bit   7 6 5    4 3      2 1 0
//!         mode     size     class       class LD, LDX, ST, STX
//! ```
//!
//! The names are those of `include/uapi/linux/bpf.h` and `bpf_common.h` without their `BPF_`; RFC 9669, section 4.1 and
//! following, has the same numbers. The [table of instructions](crate::isa::TABLE) says which of them make an instruction.

/// Classes: bits 0 to 2.
#[allow(missing_docs)] // named and numbered as in the UAPI
pub mod class {
    pub const LD: u8 = 0x00;
    pub const LDX: u8 = 0x01;
    pub const ST: u8 = 0x02;
    pub const STX: u8 = 0x03;
    /// 32 bits.
    pub const ALU: u8 = 0x04;
    /// Comparisons of 64 bits, calls and `exit`.
    pub const JMP: u8 = 0x05;
    pub const JMP32: u8 = 0x06;
    pub const ALU64: u8 = 0x07;
}

/// Sizes of loads and stores: bits 3 and 4.
pub mod size {
    /// Four bytes.
    pub const W: u8 = 0x00;
    /// Two bytes.
    pub const H: u8 = 0x08;
    /// One byte.
    pub const B: u8 = 0x10;
    /// Eight bytes.
    pub const DW: u8 = 0x18;
}

/// Modes of loads and stores: bits 5 to 7.
#[allow(missing_docs)] // named and numbered as in the UAPI
pub mod mode {
    pub const IMM: u8 = 0x00;
    /// Of the packet, at a constant offset.
    pub const ABS: u8 = 0x20;
    /// Of the packet, at a register's offset.
    pub const IND: u8 = 0x40;
    pub const MEM: u8 = 0x60;
    /// Loads that extend the sign.
    pub const MEMSX: u8 = 0x80;
    pub const ATOMIC: u8 = 0xc0;
}

/// Where the second operand of arithmetic and jumps comes from: bit 3.
pub mod source {
    /// The immediate.
    pub const K: u8 = 0x00;
    /// The source register. Of [`END`](super::alu::END) in class `ALU`: big endian.
    pub const X: u8 = 0x08;
}

/// Operations of arithmetic: bits 4 to 7.
#[allow(missing_docs)] // named and numbered as in the UAPI
pub mod alu {
    pub const ADD: u8 = 0x00;
    pub const SUB: u8 = 0x10;
    pub const MUL: u8 = 0x20;
    pub const DIV: u8 = 0x30;
    pub const OR: u8 = 0x40;
    pub const AND: u8 = 0x50;
    pub const LSH: u8 = 0x60;
    pub const RSH: u8 = 0x70;
    pub const NEG: u8 = 0x80;
    pub const MOD: u8 = 0x90;
    pub const XOR: u8 = 0xa0;
    pub const MOV: u8 = 0xb0;
    pub const ARSH: u8 = 0xc0;
    /// Swaps bytes.
    pub const END: u8 = 0xd0;
}

/// Operations of jumps: bits 4 to 7.
#[allow(missing_docs)] // named and numbered as in the UAPI
pub mod jmp {
    pub const JA: u8 = 0x00;
    pub const JEQ: u8 = 0x10;
    pub const JGT: u8 = 0x20;
    pub const JGE: u8 = 0x30;
    pub const JSET: u8 = 0x40;
    pub const JNE: u8 = 0x50;
    pub const JSGT: u8 = 0x60;
    pub const JSGE: u8 = 0x70;
    pub const CALL: u8 = 0x80;
    pub const EXIT: u8 = 0x90;
    pub const JLT: u8 = 0xa0;
    pub const JLE: u8 = 0xb0;
    pub const JSLT: u8 = 0xc0;
    pub const JSLE: u8 = 0xd0;
    /// `may_goto`.
    pub const JCOND: u8 = 0xe0;
}

/// Operations of atomics, in their immediate.
#[allow(missing_docs)] // named and numbered as in the UAPI
pub mod atomic {
    /// The source register gets the old value.
    pub const FETCH: i32 = 0x01;
    pub const ADD: i32 = 0x00;
    pub const OR: i32 = 0x40;
    pub const AND: i32 = 0x50;
    pub const XOR: i32 = 0xa0;
    pub const XCHG: i32 = 0xe0 | FETCH;
    pub const CMPXCHG: i32 = 0xf0 | FETCH;
    pub const LOAD_ACQ: i32 = 0x100;
    pub const STORE_REL: i32 = 0x110;

    /// Whether an immediate names an operation that reads and writes memory at once.
    pub const fn reads_and_writes(imm: i32) -> bool {
        matches!(imm & !FETCH, ADD | OR | AND | XOR) || matches!(imm, XCHG | CMPXCHG)
    }

    /// Whether an immediate names a load that acquires or a store that releases.
    pub const fn is_ordered_access(imm: i32) -> bool {
        matches!(imm, LOAD_ACQ | STORE_REL)
    }
}

/// Source registers of [`LD_IMM64`] and [`CALL`] that stand for no register.
#[allow(missing_docs)] // named and numbered as in the UAPI
pub mod pseudo {
    pub const MAP_FD: u8 = 1;
    pub const MAP_VALUE: u8 = 2;
    pub const BTF_ID: u8 = 3;
    pub const FUNC: u8 = 4;
    pub const MAP_IDX: u8 = 5;
    pub const MAP_IDX_VALUE: u8 = 6;
    /// Of a call: a function of the program.
    pub const CALL: u8 = 1;
    /// Of a call: a function of the kernel.
    pub const KFUNC_CALL: u8 = 2;
}

/// `ld_imm64`, the only instruction of two slots.
pub const LD_IMM64: u8 = class::LD | mode::IMM | size::DW;
/// `goto`.
pub const JA: u8 = class::JMP | jmp::JA;
/// `gotol`.
pub const JA32: u8 = class::JMP32 | jmp::JA;
/// `may_goto`.
pub const JCOND: u8 = class::JMP | jmp::JCOND;
/// `if r1 == 5 goto`.
pub const JEQ_K: u8 = class::JMP | jmp::JEQ | source::K;
/// Calls of helpers, of the program's functions and of the kernel's.
pub const CALL: u8 = class::JMP | jmp::CALL;
/// `exit`.
pub const EXIT: u8 = class::JMP | jmp::EXIT;
/// `r1 = 5`.
pub const MOV64_K: u8 = class::ALU64 | alu::MOV | source::K;
/// `r1 = r2`, and what its offset makes of it.
pub const MOV64_X: u8 = class::ALU64 | alu::MOV | source::X;
/// `w1 = w2`, and what its offset makes of it.
pub const MOV32_X: u8 = class::ALU | alu::MOV | source::X;
/// `r1 = le16 r1`.
pub const TO_LE: u8 = class::ALU | alu::END | source::K;
/// `r1 = be16 r1`.
pub const TO_BE: u8 = class::ALU | alu::END | source::X;
/// `r1 = bswap16 r1`.
pub const BSWAP: u8 = class::ALU64 | alu::END;
/// Loads of memory, with a [`mod@size`].
pub const LDX_MEM: u8 = class::LDX | mode::MEM;
/// Loads of memory that extend the sign, with a [`mod@size`].
pub const LDX_MEMSX: u8 = class::LDX | mode::MEMSX;
/// Stores of a constant, with a [`mod@size`].
pub const ST_MEM: u8 = class::ST | mode::MEM;
/// Stores of a register, with a [`mod@size`].
pub const STX_MEM: u8 = class::STX | mode::MEM;
/// Atomics, with a [`mod@size`].
pub const STX_ATOMIC: u8 = class::STX | mode::ATOMIC;

/// The [`class`](mod@class).
pub const fn class(opcode: u8) -> u8 {
    opcode & 0x07
}

/// The [`mod@size`](mod@size) of a load or store.
pub const fn size(opcode: u8) -> u8 {
    opcode & 0x18
}

/// The [`mode`](mod@mode) of a load or store.
pub const fn mode(opcode: u8) -> u8 {
    opcode & 0xe0
}

/// The operation of [arithmetic](alu) or a [jump](jmp).
pub const fn operation(opcode: u8) -> u8 {
    opcode & 0xf0
}

/// Whether the second operand of arithmetic or a jump is a register.
pub const fn has_source_register(opcode: u8) -> bool {
    opcode & source::X != 0
}

/// Whether the class is one of the two of arithmetic.
pub const fn is_arithmetic(opcode: u8) -> bool {
    matches!(class(opcode), class::ALU | class::ALU64)
}

/// Whether the class is one of the two of jumps, to which calls and `exit` belong.
pub const fn is_of_jumps(opcode: u8) -> bool {
    matches!(class(opcode), class::JMP | class::JMP32)
}

/// Whether control may go elsewhere within the function: jumps, conditional or not.
pub const fn is_jump(opcode: u8) -> bool {
    is_of_jumps(opcode) && !matches!(operation(opcode), jmp::CALL | jmp::EXIT)
}

/// Whether it's an atomic, of whatever size.
pub const fn is_atomic(opcode: u8) -> bool {
    opcode & !size::DW == STX_ATOMIC
}

/// Whether control may go on at the next instruction: not after [`JA`], [`JA32`] and [`EXIT`].
pub const fn falls_through(opcode: u8) -> bool {
    !matches!(opcode, JA | JA32 | EXIT)
}

/// How many slots an instruction takes.
pub const fn slots(opcode: u8) -> usize {
    if opcode == LD_IMM64 { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insn::{AtomicOp, AtomicSize, Imm64, Insn};
    use crate::isa::{Row, TABLE};
    use crate::reg::Reg;

    fn row(name: &str) -> &'static Row {
        TABLE.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("no row {name}"))
    }

    #[test]
    fn opcodes_are_those_of_the_table() {
        for (opcode, names) in [
            (LD_IMM64, &["load_imm64", "load_map_fd", "load_func", "load_map_idx_value"][..]),
            (JA, &["ja"]),
            (JA32, &["gotol"]),
            (JCOND, &["may_goto"]),
            (JEQ_K, &["jeq64_imm"]),
            (CALL, &["call_helper", "call_local", "call_kfunc"]),
            (EXIT, &["exit"]),
            (MOV64_K, &["mov64_imm"]),
            (MOV64_X, &["mov64_reg", "movsx8_64"]),
            (MOV32_X, &["mov32_reg", "movsx8_32"]),
            (TO_LE, &["le16", "le64"]),
            (TO_BE, &["be16", "be64"]),
            (BSWAP, &["bswap16", "bswap64"]),
            (LDX_MEM | size::W, &["load_u32"]),
            (LDX_MEM | size::DW, &["load_u64"]),
            (LDX_MEMSX | size::B, &["load_s8"]),
            (ST_MEM | size::H, &["store_u16_imm"]),
            (STX_MEM | size::DW, &["store_u64"]),
            (STX_ATOMIC | size::W, &["atomic_add_u32", "load_acquire_u32"]),
            (STX_ATOMIC | size::B, &["store_release_u8"]),
            (STX_ATOMIC | size::DW, &["atomic_xchg_u64"]),
            (class::LD | mode::ABS | size::H, &["load_abs_u16"]),
            (class::LD | mode::IND | size::B, &["load_ind_u8"]),
        ] {
            for name in names {
                assert_eq!(row(name).opcode, opcode, "{name}");
            }
        }
        for (operation, name) in [
            (alu::ADD, "add"),
            (alu::SUB, "sub"),
            (alu::MUL, "mul"),
            (alu::DIV, "div"),
            (alu::OR, "or"),
            (alu::AND, "and"),
            (alu::LSH, "lsh"),
            (alu::RSH, "rsh"),
            (alu::MOD, "mod"),
            (alu::XOR, "xor"),
            (alu::MOV, "mov"),
            (alu::ARSH, "arsh"),
        ] {
            for (class, width) in [(class::ALU, 32), (class::ALU64, 64)] {
                for (source, operand) in [(source::K, "imm"), (source::X, "reg")] {
                    let name = format!("{name}{width}_{operand}");
                    assert_eq!(row(&name).opcode, class | operation | source, "{name}");
                }
            }
        }
        assert_eq!(row("neg64").opcode, class::ALU64 | alu::NEG);
    }

    #[test]
    fn jumps_are_those_of_the_table() {
        for (operation, name) in [
            (jmp::JEQ, "jeq"),
            (jmp::JGT, "jgt"),
            (jmp::JGE, "jge"),
            (jmp::JSET, "jset"),
            (jmp::JNE, "jne"),
            (jmp::JSGT, "jsgt"),
            (jmp::JSGE, "jsge"),
            (jmp::JLT, "jlt"),
            (jmp::JLE, "jle"),
            (jmp::JSLT, "jslt"),
            (jmp::JSLE, "jsle"),
        ] {
            for (class, width) in [(class::JMP, 64), (class::JMP32, 32)] {
                for (source, operand) in [(source::K, "imm"), (source::X, "reg")] {
                    let name = format!("{name}{width}_{operand}");
                    assert_eq!(row(&name).opcode, class | operation | source, "{name}");
                }
            }
        }
        for row in TABLE {
            let jumps = matches!(row.name, "ja" | "gotol" | "gotox" | "may_goto")
                || row.syntax.starts_with("if ") && row.syntax.contains(" goto ");
            assert_eq!(is_jump(row.opcode), jumps, "{}", row.name);
            assert_eq!(slots(row.opcode), if row.wide { 2 } else { 1 }, "{}", row.name);
        }
    }

    #[test]
    fn the_table_has_every_atomic() {
        let mut named: Vec<i32> =
            TABLE.iter().filter(|row| is_atomic(row.opcode)).map(|row| row.fixed.imm.unwrap()).collect();
        named.sort_unstable();
        named.dedup();
        let known = |imm: &i32| atomic::reads_and_writes(*imm) || atomic::is_ordered_access(*imm);
        assert_eq!((-0x200..0x200).filter(known).collect::<Vec<_>>(), named);
        let imm = |op| {
            let atomic = Insn::Atomic { size: AtomicSize::U64, op, base: Reg::R1, off: 0, src: Reg::R2 };
            Row::of(&atomic).fixed.imm.unwrap()
        };
        assert_eq!(imm(AtomicOp::FetchAdd), atomic::ADD | atomic::FETCH);
        assert_eq!(imm(AtomicOp::FetchOr), atomic::OR | atomic::FETCH);
        assert_eq!(imm(AtomicOp::FetchAnd), atomic::AND | atomic::FETCH);
        assert_eq!(imm(AtomicOp::FetchXor), atomic::XOR | atomic::FETCH);
        assert_eq!(imm(AtomicOp::Xchg), atomic::XCHG);
        assert_eq!(imm(AtomicOp::Cmpxchg), atomic::CMPXCHG);
        assert_eq!(row("load_acquire_u32").fixed.imm, Some(atomic::LOAD_ACQ));
        assert_eq!(row("store_release_u32").fixed.imm, Some(atomic::STORE_REL));
    }

    #[test]
    fn source_registers_are_those_of_the_table() {
        let of = |value| Row::of(&Insn::LoadImm64 { dst: Reg::R1, value }).fixed.src;
        assert_eq!(of(Imm64::Const(0)), Some(0));
        assert_eq!(of(Imm64::MapFd(0)), Some(pseudo::MAP_FD));
        assert_eq!(of(Imm64::MapFdValue { fd: 0, off: 0 }), Some(pseudo::MAP_VALUE));
        assert_eq!(of(Imm64::BtfId { id: 0, module_fd: 0 }), Some(pseudo::BTF_ID));
        assert_eq!(of(Imm64::Func(0)), Some(pseudo::FUNC));
        assert_eq!(of(Imm64::MapIdx(0)), Some(pseudo::MAP_IDX));
        assert_eq!(of(Imm64::MapIdxValue { idx: 0, off: 0 }), Some(pseudo::MAP_IDX_VALUE));
        assert_eq!(row("call_local").fixed.src, Some(pseudo::CALL));
        assert_eq!(row("call_kfunc").fixed.src, Some(pseudo::KFUNC_CALL));
    }
}
