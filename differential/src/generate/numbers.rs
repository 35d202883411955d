//! Numbers: constants, arithmetic, jumps.

use knockwright_asm::{
    AluOp, Cond, Endianness, Helper, Imm64, Insn, Reg, SignExtend, Source, SwapBits, Width,
};

use super::{ALU, Held, Writer};

impl Writer<'_> {
    pub(super) fn constant(&mut self) {
        let reg = self.free();
        let imm = self.imm();
        let insn = match self.random.below(5) {
            0 => Insn::mov32_imm(reg, imm),
            1 => Insn::LoadImm64 {
                dst: reg,
                value: Imm64::Const(self.random.number() >> self.random.below(64)),
            },
            2 => match self.number() {
                Some(src) => Insn::mov64_reg(reg, src),
                None => Insn::mov64_imm(reg, imm),
            },
            3 => {
                self.emit(Insn::CallHelper { helper: Helper::GetPrandomU32.into() });
                for reg in 1..6 {
                    self.held[reg] = Held::Nothing;
                }
                self.hold(Reg::R0, Held::Number);
                if reg == Reg::R0 {
                    return;
                }
                Insn::mov64_reg(reg, Reg::R0)
            }
            _ => Insn::mov64_imm(reg, imm),
        };
        self.emit(insn);
        self.hold(reg, Held::Number);
    }

    pub(super) fn arithmetic(&mut self) {
        let Some(dst) = self.number() else {
            return self.constant();
        };
        let width = self.width();
        match self.random.below(18) {
            14..=17 => self.signed(dst),
            0 => self.emit(Insn::Neg { width, dst }),
            1 => {
                let order = self.random.pick(&[Endianness::Le, Endianness::Be]);
                let bits = self.random.pick(&[SwapBits::B16, SwapBits::B32, SwapBits::B64]);
                if self.random.chance(30) {
                    self.emit(Insn::Bswap { bits, dst });
                } else {
                    self.emit(Insn::ToEndian { order, bits, dst });
                }
            }
            2 => {
                let src = self.number().unwrap_or(dst);
                self.sign_extended(dst, src);
            }
            3 => {
                let src = self.number().unwrap_or(dst);
                self.emit(Insn::Alu { width, op: AluOp::Mov, dst, src: Source::Reg(src) });
            }
            4 | 5 => {
                let limit = (1 << (1 + self.random.below(9))) - 1;
                self.emit(Insn::and64_imm(dst, limit));
                self.hold(dst, Held::Small);
            }
            _ => {
                let op = self.random.pick(&ALU);
                let shift = matches!(op, AluOp::Lsh | AluOp::Rsh | AluOp::Arsh);
                let src = if self.random.chance(if shift { 20 } else { 50 }) {
                    Source::Reg(self.number().unwrap_or(dst))
                } else if shift {
                    Source::Imm(self.shift_count(width))
                } else {
                    Source::Imm(self.imm())
                };
                let (op, src) = match (op, src) {
                    (AluOp::Div | AluOp::Mod | AluOp::Sdiv | AluOp::Smod, Source::Imm(0)) => {
                        (op, Source::Imm(self.random.below(2) as i32))
                    }
                    pair => pair,
                };
                self.emit(Insn::Alu { width, op, dst, src });
            }
        }
    }

    /// How far an instruction shifts: often by the whole half, sometimes too far.
    fn shift_count(&mut self, width: Width) -> i32 {
        let all = if width == Width::W64 { 64 } else { 32 };
        match self.random.below(5) {
            0 | 1 => 32,
            2 => self.random.pick(&[1, 8, 16, 31, 48, 56, 63]),
            _ => self.random.below(all + 1) as i32,
        }
    }

    /// A number with a range around or below zero, or of a signed guard, through what keeps or loses it: sign extension
    /// in its several forms, negation, shifts there and back.
    fn signed(&mut self, dst: Reg) {
        if self.random.chance(60) {
            let bits = 1 + self.random.below(9);
            self.emit(Insn::and64_imm(dst, (1 << bits) - 1));
            let below = self.random.below((2 << bits) as usize) as i32;
            let op = if self.random.chance(75) { AluOp::Add } else { AluOp::Sub };
            let by = if op == AluOp::Add { -below } else { below };
            let width = self.width();
            self.emit(Insn::Alu { width, op, dst, src: Source::Imm(by) });
        }
        if self.random.chance(25) {
            let limit = self.random.below(600) as i32 - 300;
            let cond = self.random.pick(&[Cond::Sgt, Cond::Sge, Cond::Slt, Cond::Sle]);
            let width = self.width();
            self.open_jump(Insn::JumpIf { width, cond, dst, src: Source::Imm(limit), off: 0 });
        }
        for _ in 0..1 + self.random.below(2) {
            self.extend(dst);
        }
        if self.random.chance(40) {
            let up = self.random.below(600) as i32;
            let width = self.width();
            self.emit(Insn::Alu { width, op: AluOp::Add, dst, src: Source::Imm(up) });
        }
        self.hold(dst, Held::Small);
    }

    /// An extension of a number's lower part, or something else that turns its range around.
    fn extend(&mut self, dst: Reg) {
        let width = self.width();
        let src = if self.random.chance(70) { dst } else { self.number().unwrap_or(dst) };
        match self.random.below(8) {
            0..=3 => {
                let count = self.random.pick(&[32, 32, 32, 48, 56]);
                let back = self.random.pick(&[AluOp::Arsh, AluOp::Arsh, AluOp::Rsh]);
                let shift = |op| Insn::Alu { width: Width::W64, op, dst, src: Source::Imm(count) };
                self.emit(shift(AluOp::Lsh));
                self.emit(shift(back));
            }
            4 | 5 => self.sign_extended(dst, src),
            6 => self.emit(Insn::Alu { width: Width::W32, op: AluOp::Mov, dst, src: Source::Reg(src) }),
            _ => self.emit(Insn::Neg { width, dst }),
        }
    }

    fn sign_extended(&mut self, dst: Reg, src: Reg) {
        let from = self.random.pick(&[
            SignExtend::S8ToW64,
            SignExtend::S16ToW64,
            SignExtend::S32ToW64,
            SignExtend::S8ToW32,
            SignExtend::S16ToW32,
        ]);
        self.emit(Insn::MovSx { from, dst, src });
    }

    pub(super) fn jump(&mut self) {
        if self.random.chance(8) {
            let insn = if self.random.chance(30) { Insn::GotoLong { off: 0 } } else { Insn::Goto { off: 0 } };
            // A jump over everything would leave instructions unreached: it needs one that leads to what comes after it.
            if !self.open.is_empty() {
                self.open_jump(insn);
                let here = self.code.len();
                let (at, _) = self.open[0];
                self.set_target(at, here);
                self.open.remove(0);
                return;
            }
        }
        let Some(dst) = self.number() else {
            return self.constant();
        };
        let src = if self.random.chance(40) {
            Source::Reg(self.number().unwrap_or(dst))
        } else {
            Source::Imm(self.imm())
        };
        let insn = Insn::JumpIf { width: self.width(), cond: self.random.pick(&Cond::ALL), dst, src, off: 0 };
        self.open_jump(insn);
    }
}
