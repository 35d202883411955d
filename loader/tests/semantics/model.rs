//! What each instruction does, as RFC 9669 has it, in plain Rust.

use knockwright_asm::{
    AluOp, AtomicOp, AtomicSize, Cond, Endianness, Imm64, Insn, SignExtend, Size, Source, SwapBits, SxSize,
    Width,
};

/// What an instruction sees and leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    /// The destination's register.
    pub(crate) dst: u64,
    /// The source's register.
    pub(crate) src: u64,
    /// r0.
    pub(crate) r0: u64,
    /// Eight bytes of memory, at the lowest as a number of the machine's order.
    pub(crate) memory: [u8; 8],
    /// Whether a jump was taken.
    pub(crate) jumped: bool,
}

/// Where the eight bytes of memory are, from r10.
pub(crate) const MEMORY: i16 = -16;

fn immediate(imm: i32) -> u64 {
    i64::from(imm).cast_unsigned()
}

fn operand(source: Source, state: &State) -> u64 {
    match source {
        Source::Reg(_) => state.src,
        Source::Imm(imm) => immediate(imm),
    }
}

fn arithmetic64(op: AluOp, a: u64, b: u64) -> u64 {
    let (signed_a, signed_b) = (a.cast_signed(), b.cast_signed());
    let count = (b & 63) as u32;
    match op {
        AluOp::Add => a.wrapping_add(b),
        AluOp::Sub => a.wrapping_sub(b),
        AluOp::Mul => a.wrapping_mul(b),
        AluOp::Div => a.checked_div(b).unwrap_or(0),
        AluOp::Sdiv if b == 0 => 0,
        AluOp::Sdiv => signed_a.wrapping_div(signed_b).cast_unsigned(),
        AluOp::Or => a | b,
        AluOp::And => a & b,
        AluOp::Lsh => a << count,
        AluOp::Rsh => a >> count,
        AluOp::Mod => a.checked_rem(b).unwrap_or(a),
        AluOp::Smod if b == 0 => a,
        AluOp::Smod => signed_a.wrapping_rem(signed_b).cast_unsigned(),
        AluOp::Xor => a ^ b,
        AluOp::Mov => b,
        AluOp::Arsh => (signed_a >> count).cast_unsigned(),
    }
}

fn arithmetic32(op: AluOp, a: u32, b: u32) -> u32 {
    let (signed_a, signed_b) = (a.cast_signed(), b.cast_signed());
    let count = b & 31;
    match op {
        AluOp::Add => a.wrapping_add(b),
        AluOp::Sub => a.wrapping_sub(b),
        AluOp::Mul => a.wrapping_mul(b),
        AluOp::Div => a.checked_div(b).unwrap_or(0),
        AluOp::Sdiv if b == 0 => 0,
        AluOp::Sdiv => signed_a.wrapping_div(signed_b).cast_unsigned(),
        AluOp::Or => a | b,
        AluOp::And => a & b,
        AluOp::Lsh => a << count,
        AluOp::Rsh => a >> count,
        AluOp::Mod => a.checked_rem(b).unwrap_or(a),
        AluOp::Smod if b == 0 => a,
        AluOp::Smod => signed_a.wrapping_rem(signed_b).cast_unsigned(),
        AluOp::Xor => a ^ b,
        AluOp::Mov => b,
        AluOp::Arsh => (signed_a >> count).cast_unsigned(),
    }
}

fn compares(width: Width, cond: Cond, a: u64, b: u64) -> bool {
    // The upper halves say nothing of 32 bits: extended signs compare as the numbers do, signed and unsigned.
    let (a, b) = match width {
        Width::W64 => (a, b),
        Width::W32 => (immediate(a as u32 as i32), immediate(b as u32 as i32)),
    };
    let (signed_a, signed_b) = (a.cast_signed(), b.cast_signed());
    match cond {
        Cond::Eq => a == b,
        Cond::Ne => a != b,
        Cond::Gt => a > b,
        Cond::Ge => a >= b,
        Cond::Lt => a < b,
        Cond::Le => a <= b,
        Cond::Sgt => signed_a > signed_b,
        Cond::Sge => signed_a >= signed_b,
        Cond::Slt => signed_a < signed_b,
        Cond::Sle => signed_a <= signed_b,
        Cond::Set => a & b != 0,
    }
}

fn swap(bits: SwapBits, value: u64) -> u64 {
    match bits {
        SwapBits::B16 => u64::from((value as u16).swap_bytes()),
        SwapBits::B32 => u64::from((value as u32).swap_bytes()),
        SwapBits::B64 => value.swap_bytes(),
    }
}

fn cut(bits: SwapBits, value: u64) -> u64 {
    match bits {
        SwapBits::B16 => value & 0xffff,
        SwapBits::B32 => value & 0xffff_ffff,
        SwapBits::B64 => value,
    }
}

fn extend(from: SignExtend, value: u64) -> u64 {
    match from {
        SignExtend::S8ToW64 => i64::from(value as i8).cast_unsigned(),
        SignExtend::S16ToW64 => i64::from(value as i16).cast_unsigned(),
        SignExtend::S32ToW64 => i64::from(value as i32).cast_unsigned(),
        SignExtend::S8ToW32 => u64::from(i32::from(value as i8).cast_unsigned()),
        SignExtend::S16ToW32 => u64::from(i32::from(value as i16).cast_unsigned()),
    }
}

impl State {
    fn load(&self, size: Size, off: i16) -> u64 {
        let at = usize::try_from(off - MEMORY).unwrap();
        let bytes = &self.memory[at..at + size.bytes() as usize];
        match size {
            Size::U8 => bytes[0].into(),
            Size::U16 => u16::from_ne_bytes(bytes.try_into().unwrap()).into(),
            Size::U32 => u32::from_ne_bytes(bytes.try_into().unwrap()).into(),
            Size::U64 => u64::from_ne_bytes(bytes.try_into().unwrap()),
        }
    }

    fn store(&mut self, size: Size, off: i16, value: u64) {
        let at = usize::try_from(off - MEMORY).unwrap();
        match size {
            Size::U8 => self.memory[at] = value as u8,
            Size::U16 => self.memory[at..at + 2].copy_from_slice(&(value as u16).to_ne_bytes()),
            Size::U32 => self.memory[at..at + 4].copy_from_slice(&(value as u32).to_ne_bytes()),
            Size::U64 => self.memory[at..at + 8].copy_from_slice(&value.to_ne_bytes()),
        }
    }

    fn atomic(&mut self, size: AtomicSize, op: AtomicOp, off: i16) {
        let (width, mask) = match size {
            AtomicSize::U32 => (Size::U32, u64::from(u32::MAX)),
            AtomicSize::U64 => (Size::U64, u64::MAX),
        };
        let (old, src) = (self.load(width, off), self.src & mask);
        let new = match op {
            AtomicOp::Add | AtomicOp::FetchAdd => old.wrapping_add(src),
            AtomicOp::Or | AtomicOp::FetchOr => old | src,
            AtomicOp::And | AtomicOp::FetchAnd => old & src,
            AtomicOp::Xor | AtomicOp::FetchXor => old ^ src,
            AtomicOp::Xchg => src,
            AtomicOp::Cmpxchg if old == self.r0 & mask => src,
            AtomicOp::Cmpxchg => old,
        };
        self.store(width, off, new);
        match op {
            AtomicOp::Add | AtomicOp::Or | AtomicOp::And | AtomicOp::Xor => {}
            AtomicOp::Cmpxchg => self.r0 = old,
            _ => self.src = old,
        }
    }

    /// What an instruction leaves. One that isn't modelled is none's business here.
    pub(crate) fn after(mut self, insn: &Insn) -> Self {
        match *insn {
            Insn::Alu { width: Width::W64, op, src, .. } => {
                self.dst = arithmetic64(op, self.dst, operand(src, &self));
            }
            Insn::Alu { width: Width::W32, op, src, .. } => {
                self.dst = arithmetic32(op, self.dst as u32, operand(src, &self) as u32).into();
            }
            Insn::Neg { width: Width::W64, .. } => self.dst = self.dst.wrapping_neg(),
            Insn::Neg { width: Width::W32, .. } => self.dst = (self.dst as u32).wrapping_neg().into(),
            Insn::MovSx { from, .. } => self.dst = extend(from, self.src),
            Insn::ToEndian { order, bits, .. } => {
                let is_own = (order == Endianness::Le) == cfg!(target_endian = "little");
                self.dst = if is_own { cut(bits, self.dst) } else { swap(bits, self.dst) };
            }
            Insn::Bswap { bits, .. } => self.dst = swap(bits, self.dst),
            Insn::Load { size, off, .. } | Insn::LoadAcquire { size, off, .. } => {
                self.dst = self.load(size, off)
            }
            Insn::LoadSx { size, off, .. } => {
                self.dst = match size {
                    SxSize::S8 => extend(SignExtend::S8ToW64, self.load(Size::U8, off)),
                    SxSize::S16 => extend(SignExtend::S16ToW64, self.load(Size::U16, off)),
                    SxSize::S32 => extend(SignExtend::S32ToW64, self.load(Size::U32, off)),
                }
            }
            Insn::Store { size, off, .. } | Insn::StoreRelease { size, off, .. } => {
                self.store(size, off, self.src)
            }
            Insn::StoreImm { size, off, imm, .. } => self.store(size, off, immediate(imm)),
            Insn::LoadImm64 { value: Imm64::Const(value), .. } => self.dst = value,
            Insn::Atomic { size, op, off, .. } => self.atomic(size, op, off),
            Insn::Goto { .. } | Insn::GotoLong { .. } => self.jumped = true,
            Insn::JumpIf { width, cond, src, .. } => {
                self.jumped = compares(width, cond, self.dst, operand(src, &self));
            }
            // It goes on until it has looped too often.
            Insn::MayGoto { .. } => {}
            _ => panic!("{insn} is not modelled"),
        }
        self
    }
}
