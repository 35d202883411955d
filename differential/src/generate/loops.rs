//! Loops: counted ones, endless ones, and those that `may_goto` ends.

use knockwright_asm::{AluOp, Cond, Helper, Insn, Reg, Size, Source, Width};

use super::{Held, Stage, Writer};

impl Writer<'_> {
    /// A counted loop, a loop that `may_goto` ends, or a jump back somewhere.
    pub(super) fn back_jump(&mut self) {
        match self.random.below(24) {
            0..=19 => self.counted_loop(),
            20..=22 => {
                let start = self.code.len();
                let ends = self.random.chance(90);
                if ends {
                    self.emit(Insn::MayGoto { off: 0 });
                }
                self.statement();
                self.close_due();
                self.jump_back(start);
                if ends {
                    let here = self.code.len();
                    self.set_target(start, here);
                }
            }
            _ => {
                if let Some(dst) = self.number() {
                    let here = self.code.len();
                    let back = here.saturating_sub(1 + self.random.below(5));
                    let imm = self.imm();
                    let cond = self.random.pick(&Cond::ALL);
                    self.emit(Insn::JumpIf { width: Width::W64, cond, dst, src: Source::Imm(imm), off: 0 });
                    self.set_target(here, back);
                }
            }
        }
    }

    fn counted_loop(&mut self) {
        let counter = self.random.pick(&[Reg::R6, Reg::R7, Reg::R8, Reg::R9]);
        self.emit(Insn::mov64_imm(counter, 0));
        self.hold(counter, Held::Nothing);
        let start = self.code.len();
        for _ in 0..1 + self.random.below(4) {
            let basis = self.basis;
            self.basis = self.random.pick(&[Stage::Numbers, Stage::Stack, Stage::Stack]);
            let before = self.held[usize::from(counter.number())];
            self.statement();
            self.held[usize::from(counter.number())] = before;
            self.basis = basis;
        }
        self.close_all();
        self.emit(Insn::add64_imm(counter, 1));
        let limit = self.random.pick(&[1, 2, 3, 5, 10, 40]);
        let cond = self.random.pick(&[Cond::Lt, Cond::Lt, Cond::Ne, Cond::Slt, Cond::Le]);
        self.emit(Insn::JumpIf { width: Width::W64, cond, dst: counter, src: Source::Imm(limit), off: 0 });
        let at = self.code.len() - 1;
        self.set_target(at, start);
        self.hold(counter, Held::Number);
    }

    fn jump_back(&mut self, start: usize) {
        let at = self.code.len();
        self.emit(Insn::Goto { off: 0 });
        self.set_target(at, start);
    }

    /// Values that go from register to register and to the stack while `may_goto` counts.
    pub(super) fn may_goto_loop(&mut self) {
        for _ in 0..self.random.below(4) {
            self.shuffle();
        }
        // The question stands at the loop's head, or somewhere in it.
        let start = self.code.len();
        let mut asked = None;
        let ask_after = if self.random.chance(70) { 0 } else { self.random.below(4) };
        let length = 1 + self.random.below(6);
        let basis = self.basis;
        for number in 0..length {
            if asked.is_none() && number >= ask_after {
                asked = Some(self.code.len());
                self.emit(Insn::MayGoto { off: 0 });
            }
            if self.random.chance(65) {
                self.shuffle();
            } else {
                self.basis = self.random.pick(&[Stage::Numbers, Stage::Stack, basis]);
                self.statement();
                self.basis = basis;
            }
            self.close_due();
        }
        if self.random.chance(10) {
            // Another question, whose answer leads back too.
            let at = self.code.len();
            self.emit(Insn::MayGoto { off: 0 });
            self.set_target(at, start);
        }
        self.jump_back(start);
        let here = self.code.len();
        if let Some(asked) = asked {
            self.set_target(asked, here);
        } else {
            // Nothing else leads out.
            self.set_target(here - 1, here);
        }
        for _ in 0..self.random.below(3) {
            self.shuffle();
        }
    }

    /// One of the registers that calls leave alone, but not the one that keeps the context.
    fn kept(&mut self) -> Reg {
        let reg = self.random.pick(&[Reg::R6, Reg::R7, Reg::R8, Reg::R9]);
        if self.held[usize::from(reg.number())] == Held::Ctx { Reg::R7 } else { reg }
    }

    /// Moves numbers between registers and stack, looks at one, or makes one.
    pub(super) fn shuffle(&mut self) {
        let off = self.random.pick(&[-8, -16, -16, -24]);
        match self.random.below(12) {
            0..=2 => {
                let helper = self.random.pick(&[Helper::GetSmpProcessorId, Helper::GetPrandomU32]);
                self.emit(Insn::CallHelper { helper: helper.into() });
                self.clobber();
                self.hold(Reg::R0, Held::Number);
                for _ in 0..1 + self.random.below(2) {
                    let dst = self.kept();
                    self.emit(Insn::mov64_reg(dst, Reg::R0));
                    self.hold(dst, Held::Number);
                }
            }
            3 | 4 => {
                if let Some(src) = self.number() {
                    let dst = self.kept();
                    self.emit(Insn::mov64_reg(dst, src));
                    self.hold(dst, Held::Number);
                }
            }
            5 | 6 => {
                if let Some(src) = self.number() {
                    let size = self.random.pick(&[Size::U64, Size::U64, Size::U32]);
                    self.emit(Insn::Store { size, base: Reg::R10, off, src });
                    self.written.push(off);
                }
            }
            7 if self.written.contains(&off) => {
                let dst = self.kept();
                self.emit(Insn::Load { size: Size::U64, dst, base: Reg::R10, off });
                self.hold(dst, Held::Number);
            }
            8 => {
                let Some(dst) = self.number() else { return };
                let imm = self.random.pick(&[1, 1, -1, 4]);
                self.emit(Insn::add64_imm(dst, imm));
            }
            9 | 10 => {
                let Some(dst) = self.number() else { return };
                let imm = self.random.below(9) as i32;
                let cond = self.random.pick(&Cond::ALL);
                let width = self.width();
                self.open_jump(Insn::JumpIf { width, cond, dst, src: Source::Imm(imm), off: 0 });
            }
            11 => {
                let Some(index) = self.number() else { return };
                self.emit(Insn::mov64_reg(Reg::R1, Reg::R10));
                let op = if self.random.chance(80) { AluOp::Add } else { AluOp::Sub };
                self.emit(Insn::Alu { width: Width::W64, op, dst: Reg::R1, src: Source::Reg(index) });
                if self.random.chance(20) {
                    self.emit(Insn::Load { size: Size::U8, dst: Reg::R2, base: Reg::R1, off: -32 });
                    self.hold(Reg::R2, Held::Number);
                }
                self.hold(Reg::R1, Held::Nothing);
            }
            _ => self.constant(),
        }
    }
}
