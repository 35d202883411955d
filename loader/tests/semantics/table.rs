//! The instructions that are tried, with the operands of each.

use knockwright_asm::{
    AluOp, AtomicOp, AtomicSize, Cond, Endianness, Imm64, Insn, Reg, Reg::*, SignExtend, Size, Source,
    SwapBits, SxSize, Width,
};

use super::model::MEMORY;

/// Numbers at which something changes.
pub(crate) const EDGES: [u64; 28] = [
    0,
    1,
    2,
    3,
    7,
    8,
    31,
    32,
    33,
    63,
    64,
    65,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_ffff_ffff,
    0xffff_ffff_ffff_fffe,
    0x0123_4567_89ab_cdef,
    0xfedc_ba98_7654_3210,
];

/// The same of constants in an instruction.
const CONSTANTS: [i32; 14] =
    [0, 1, -1, 2, -2, 7, 31, 63, 0x7f, 0x80, 0xffff, i32::MAX, i32::MIN, 0x1234_5678];

const WIDTHS: [Width; 2] = [Width::W32, Width::W64];
const SIZES: [Size; 4] = [Size::U8, Size::U16, Size::U32, Size::U64];
const SWAPS: [SwapBits; 3] = [SwapBits::B16, SwapBits::B32, SwapBits::B64];

const OPS: [AluOp; 14] = [
    AluOp::Add,
    AluOp::Sub,
    AluOp::Mul,
    AluOp::Div,
    AluOp::Sdiv,
    AluOp::Or,
    AluOp::And,
    AluOp::Lsh,
    AluOp::Rsh,
    AluOp::Mod,
    AluOp::Smod,
    AluOp::Xor,
    AluOp::Mov,
    AluOp::Arsh,
];

const ATOMICS: [AtomicOp; 10] = [
    AtomicOp::Add,
    AtomicOp::Or,
    AtomicOp::And,
    AtomicOp::Xor,
    AtomicOp::FetchAdd,
    AtomicOp::FetchOr,
    AtomicOp::FetchAnd,
    AtomicOp::FetchXor,
    AtomicOp::Xchg,
    AtomicOp::Cmpxchg,
];

/// Whether the verifier takes a constant: it refuses divisions by 0 and shifts by the width or more.
fn takes(width: Width, op: AluOp, imm: i32) -> bool {
    let bits = if width == Width::W64 { 64 } else { 32 };
    match op {
        AluOp::Div | AluOp::Sdiv | AluOp::Mod | AluOp::Smod => imm != 0,
        AluOp::Lsh | AluOp::Rsh | AluOp::Arsh => (0..bits).contains(&imm),
        _ => true,
    }
}

/// Every instruction on two registers, and on memory at [`MEMORY`].
pub(crate) fn instructions(dst: Reg, src: Reg) -> Vec<Insn> {
    let mut all = arithmetic(dst, src);
    all.extend(memory(dst, src));
    all.extend(jumps(dst, src));
    all.extend(EDGES.map(|value| Insn::LoadImm64 { dst, value: Imm64::Const(value) }));
    all
}

fn arithmetic(dst: Reg, src: Reg) -> Vec<Insn> {
    let mut all = Vec::new();
    for width in WIDTHS {
        for op in OPS {
            all.push(Insn::Alu { width, op, dst, src: Source::Reg(src) });
            let constants = CONSTANTS.into_iter().filter(|imm| takes(width, op, *imm));
            all.extend(constants.map(|imm| Insn::Alu { width, op, dst, src: Source::Imm(imm) }));
        }
        all.push(Insn::Neg { width, dst });
    }
    for from in [
        SignExtend::S8ToW64,
        SignExtend::S16ToW64,
        SignExtend::S32ToW64,
        SignExtend::S8ToW32,
        SignExtend::S16ToW32,
    ] {
        all.push(Insn::MovSx { from, dst, src });
    }
    for bits in SWAPS {
        all.extend([Endianness::Le, Endianness::Be].map(|order| Insn::ToEndian { order, bits, dst }));
        all.push(Insn::Bswap { bits, dst });
    }
    all
}

fn memory(dst: Reg, src: Reg) -> Vec<Insn> {
    let (base, mut all) = (R10, Vec::new());
    let offsets = |bytes: u32| (0..8).step_by(bytes as usize).map(|at| MEMORY + at);
    for size in SIZES {
        for off in offsets(size.bytes()) {
            all.push(Insn::Load { size, dst, base, off });
            all.push(Insn::Store { size, base, off, src });
            all.push(Insn::LoadAcquire { size, dst, base, off });
            all.push(Insn::StoreRelease { size, base, off, src });
            all.extend(CONSTANTS.map(|imm| Insn::StoreImm { size, base, off, imm }));
        }
    }
    for (size, bytes) in [(SxSize::S8, 1), (SxSize::S16, 2), (SxSize::S32, 4)] {
        all.extend(offsets(bytes).map(|off| Insn::LoadSx { size, dst, base, off }));
    }
    for (size, bytes) in [(AtomicSize::U32, 4), (AtomicSize::U64, 8)] {
        for op in ATOMICS {
            all.extend(offsets(bytes).map(|off| Insn::Atomic { size, op, base, off, src }));
        }
    }
    all
}

fn jumps(dst: Reg, src: Reg) -> Vec<Insn> {
    let mut all = vec![Insn::Goto { off: 0 }, Insn::GotoLong { off: 0 }, Insn::MayGoto { off: 0 }];
    for width in WIDTHS {
        for cond in Cond::ALL {
            all.push(Insn::JumpIf { width, cond, dst, src: Source::Reg(src), off: 0 });
            all.extend(CONSTANTS.map(|imm| Insn::JumpIf { width, cond, dst, src: Source::Imm(imm), off: 0 }));
        }
    }
    all
}
