//! What an instruction reads and writes, as the slice and the search for free registers need it.

use knockwright_asm::{AluOp, AtomicOp, Insn, Reg, Source};

/// A set of registers, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RegSet(u16);

impl RegSet {
    /// The arguments of a call: r1 to r5.
    pub(crate) const ARGUMENTS: Self = Self(0b11_1110);

    /// What a call writes: the result, and the arguments, which are lost.
    pub(crate) const LOST_IN_CALL: Self = Self(0b11_1111);

    /// The set of some registers.
    pub(crate) fn of(regs: &[Reg]) -> Self {
        Self(regs.iter().fold(0, |set, reg| set | 1 << reg.number()))
    }

    pub(crate) fn contains(self, reg: Reg) -> bool {
        self.0 & 1 << reg.number() != 0
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// The registers that an instruction reads. A call reads all arguments that it could.
pub(crate) fn reads(insn: &Insn) -> RegSet {
    let source = |src: &Source| match src {
        Source::Reg(reg) => RegSet::of(&[*reg]),
        Source::Imm(_) => RegSet::default(),
    };
    match insn {
        Insn::Alu { op: AluOp::Mov, src, .. } => source(src),
        Insn::Alu { dst, src, .. } | Insn::JumpIf { dst, src, .. } => RegSet::of(&[*dst]).union(source(src)),
        Insn::Neg { dst, .. } | Insn::ToEndian { dst, .. } | Insn::Bswap { dst, .. } => RegSet::of(&[*dst]),
        Insn::MovSx { src, .. } | Insn::AddrSpaceCast { src, .. } => RegSet::of(&[*src]),
        Insn::Load { base, .. } | Insn::LoadSx { base, .. } | Insn::LoadAcquire { base, .. } => {
            RegSet::of(&[*base])
        }
        Insn::Store { base, src, .. } | Insn::StoreRelease { base, src, .. } => RegSet::of(&[*base, *src]),
        Insn::StoreImm { base, .. } => RegSet::of(&[*base]),
        Insn::Atomic { op: AtomicOp::Cmpxchg, base, src, .. } => RegSet::of(&[*base, *src, Reg::R0]),
        Insn::Atomic { base, src, .. } => RegSet::of(&[*base, *src]),
        Insn::LoadAbs { .. } => RegSet::of(&[Reg::R6]),
        Insn::LoadInd { src, .. } => RegSet::of(&[Reg::R6, *src]),
        Insn::CallHelper { .. } | Insn::CallLocal { .. } | Insn::CallKfunc { .. } => RegSet::ARGUMENTS,
        Insn::Exit => RegSet::of(&[Reg::R0]),
        Insn::LoadImm64 { .. } | Insn::Goto { .. } | Insn::GotoLong { .. } | Insn::MayGoto { .. } => {
            RegSet::default()
        }
    }
}

/// The registers that an instruction writes, or leaves without a value.
pub(crate) fn writes(insn: &Insn) -> RegSet {
    match insn {
        Insn::Alu { dst, .. }
        | Insn::Neg { dst, .. }
        | Insn::MovSx { dst, .. }
        | Insn::ToEndian { dst, .. }
        | Insn::Bswap { dst, .. }
        | Insn::AddrSpaceCast { dst, .. }
        | Insn::Load { dst, .. }
        | Insn::LoadSx { dst, .. }
        | Insn::LoadAcquire { dst, .. }
        | Insn::LoadImm64 { dst, .. } => RegSet::of(&[*dst]),
        Insn::Atomic { op, src, .. } => match op {
            AtomicOp::Cmpxchg => RegSet::of(&[Reg::R0]),
            AtomicOp::Add | AtomicOp::Or | AtomicOp::And | AtomicOp::Xor => RegSet::default(),
            _ => RegSet::of(&[*src]),
        },
        Insn::LoadAbs { .. } | Insn::LoadInd { .. } => RegSet::LOST_IN_CALL,
        Insn::CallHelper { .. } | Insn::CallLocal { .. } | Insn::CallKfunc { .. } => RegSet::LOST_IN_CALL,
        Insn::Store { .. }
        | Insn::StoreImm { .. }
        | Insn::StoreRelease { .. }
        | Insn::Goto { .. }
        | Insn::GotoLong { .. }
        | Insn::MayGoto { .. }
        | Insn::JumpIf { .. }
        | Insn::Exit => RegSet::default(),
    }
}
