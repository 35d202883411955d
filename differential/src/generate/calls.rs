//! Calls of helpers and functions, and loops.

use knockwright_asm::{Cond, Helper, Imm64, Insn, ProgType, Reg, Size, Source, Width};

use super::{CONDITIONS, Held, Stage, Writer};

impl Writer<'_> {
    pub(super) fn clobber(&mut self) {
        for reg in 0..6 {
            self.held[reg] = Held::Nothing;
        }
    }

    pub(super) fn helper(&mut self) {
        let ctx = self.reg(&[Held::Ctx]);
        match self.random.below(9) {
            0 => {
                self.emit(Insn::LoadImm64 { dst: Reg::R1, value: Imm64::MapIdx(5) });
                let size = self.random.pick(&[8, 16, 24]);
                self.emit(Insn::mov64_imm(Reg::R2, size));
                self.emit(Insn::mov64_imm(Reg::R3, 0));
                self.emit(Insn::CallHelper { helper: Helper::RingbufReserve.into() });
                self.clobber();
                let kept = self.random.pick(&[Reg::R7, Reg::R8, Reg::R9]);
                self.emit(Insn::mov64_reg(kept, Reg::R0));
                self.emit(Insn::JumpIf {
                    width: Width::W64,
                    cond: Cond::Ne,
                    dst: kept,
                    src: Source::Imm(0),
                    off: 2,
                });
                self.emit(Insn::mov64_imm(Reg::R0, 0));
                self.emit(Insn::Exit);
                if self.random.chance(60) {
                    let off = self.random.pick(&[0, 8, 12, 16]);
                    self.emit(Insn::StoreImm { size: Size::U64, base: kept, off, imm: 7 });
                }
                if self.random.chance(90) {
                    self.emit(Insn::mov64_reg(Reg::R1, kept));
                    self.emit(Insn::mov64_imm(Reg::R2, 0));
                    let helper = self.random.pick(&[Helper::RingbufSubmit, Helper::RingbufDiscard]);
                    self.emit(Insn::CallHelper { helper: helper.into() });
                    self.hold(kept, Held::Nothing);
                } else {
                    self.hold(kept, Held::Value);
                }
            }
            1 => {
                let helper = self.random.pick(&[
                    Helper::KtimeGetNs,
                    Helper::GetSmpProcessorId,
                    Helper::GetNumaNodeId,
                    Helper::Jiffies64,
                    Helper::KtimeGetBootNs,
                ]);
                self.emit(Insn::CallHelper { helper: helper.into() });
                self.clobber();
                self.hold(Reg::R0, Held::Number);
            }
            2 | 3 => {
                let Some(ctx) = ctx else {
                    return;
                };
                if ctx != Reg::R1 {
                    self.emit(Insn::mov64_reg(Reg::R1, ctx));
                }
                if self.prog_type == ProgType::Xdp {
                    let helper = self.random.pick(&[
                        Helper::XdpAdjustHead,
                        Helper::XdpAdjustTail,
                        Helper::XdpAdjustMeta,
                    ]);
                    let delta = self.random.below(30) as i32 - 15;
                    self.emit(Insn::mov64_imm(Reg::R2, delta));
                    self.emit(Insn::CallHelper { helper: helper.into() });
                } else {
                    self.emit(Insn::mov64_imm(Reg::R2, 0));
                    let off = -(8 * (1 + self.random.below(4) as i32));
                    self.emit(Insn::mov64_reg(Reg::R3, Reg::R10));
                    self.emit(Insn::add64_imm(Reg::R3, off));
                    match self.number() {
                        Some(size) if self.random.chance(40) => self.emit(Insn::mov64_reg(Reg::R4, size)),
                        _ => {
                            let size = 1 + self.random.below(24) as i32;
                            self.emit(Insn::mov64_imm(Reg::R4, size));
                        }
                    }
                    self.emit(Insn::CallHelper { helper: Helper::SkbLoadBytes.into() });
                }
                self.clobber();
                self.hold(Reg::R0, Held::Number);
            }
            4 => {
                let Some(ctx) = ctx else {
                    return;
                };
                if ctx != Reg::R1 {
                    self.emit(Insn::mov64_reg(Reg::R1, ctx));
                }
                self.emit(Insn::LoadImm64 { dst: Reg::R2, value: Imm64::MapIdx(6) });
                let index = self.random.below(6) as i32;
                self.emit(Insn::mov64_imm(Reg::R3, index));
                self.emit(Insn::CallHelper { helper: Helper::TailCall.into() });
                self.clobber();
            }
            5 => {
                let off = -(8 * (1 + self.random.below(4) as i32));
                self.emit(Insn::mov64_reg(Reg::R1, Reg::R10));
                self.emit(Insn::add64_imm(Reg::R1, off));
                let size = 1 + self.random.below(16) as i32;
                self.emit(Insn::mov64_imm(Reg::R2, size));
                self.emit(Insn::CallHelper { helper: Helper::TracePrintk.into() });
                self.clobber();
                self.hold(Reg::R0, Held::Number);
            }
            6 => {
                let off = -(8 * (1 + self.random.below(4) as i32));
                self.emit(Insn::LoadImm64 { dst: Reg::R1, value: Imm64::MapIdx(5) });
                self.emit(Insn::mov64_reg(Reg::R2, Reg::R10));
                self.emit(Insn::add64_imm(Reg::R2, off));
                match self.number() {
                    Some(size) if self.random.chance(40) => self.emit(Insn::mov64_reg(Reg::R3, size)),
                    _ => {
                        let size = self.random.below(24) as i32;
                        self.emit(Insn::mov64_imm(Reg::R3, size));
                    }
                }
                self.emit(Insn::mov64_imm(Reg::R4, 0));
                self.emit(Insn::CallHelper { helper: Helper::RingbufOutput.into() });
                self.clobber();
                self.hold(Reg::R0, Held::Number);
            }
            7 => {
                let number =
                    self.random.pick(&[1, 2, 3, 4, 5, 6, 12, 14, 23, 25, 26, 28, 44, 51, 65, 130, 131, 9999]);
                self.emit(Insn::CallHelper { helper: knockwright_asm::HelperId::new(number) });
                self.clobber();
            }
            _ => {
                if let Some(ctx) = ctx
                    && self.prog_type != ProgType::Xdp
                {
                    if ctx != Reg::R6 {
                        self.emit(Insn::mov64_reg(Reg::R6, ctx));
                        self.hold(Reg::R6, Held::Ctx);
                    }
                    let imm = self.random.below(64) as i32;
                    self.emit(Insn::LoadAbs { size: knockwright_asm::AbsSize::U16, imm });
                    self.clobber();
                    self.hold(Reg::R0, Held::Number);
                }
            }
        }
    }

    pub(super) fn back_jump(&mut self) {
        // A counted loop, a loop without end, or a jump back somewhere.
        match self.random.below(24) {
            0..=19 => {
                let counter = self.random.pick(&[Reg::R6, Reg::R7, Reg::R8, Reg::R9]);
                self.emit(Insn::mov64_imm(counter, 0));
                self.hold(counter, Held::Nothing);
                let start = self.code.len();
                for _ in 0..1 + self.random.below(4) {
                    let stage = self.stage;
                    self.stage = self.random.pick(&[Stage::Numbers, Stage::Stack, Stage::Stack]);
                    let before = self.held[usize::from(counter.number())];
                    self.statement();
                    self.held[usize::from(counter.number())] = before;
                    self.stage = stage;
                }
                self.close(true);
                self.emit(Insn::add64_imm(counter, 1));
                let limit = self.random.pick(&[1, 2, 3, 5, 10, 40]);
                let cond = self.random.pick(&[Cond::Lt, Cond::Lt, Cond::Ne, Cond::Slt, Cond::Le]);
                let insn =
                    Insn::JumpIf { width: Width::W64, cond, dst: counter, src: Source::Imm(limit), off: 0 };
                self.emit(insn);
                let at = self.code.len() - 1;
                self.set_target(at, start);
                self.hold(counter, Held::Number);
            }
            20..=22 => {
                let start = self.code.len();
                if self.random.chance(90) {
                    self.emit(Insn::MayGoto { off: 0 });
                    self.open.push((start, usize::MAX));
                }
                self.statement();
                self.close(false);
                let at = self.code.len();
                self.emit(Insn::Goto { off: 0 });
                self.set_target(at, start);
                if let Some(index) = self.open.iter().position(|&(open, _)| open == start) {
                    self.open.remove(index);
                    let here = self.code.len();
                    self.set_target(start, here);
                }
            }
            _ => {
                if let Some(dst) = self.number() {
                    let here = self.code.len();
                    let back = here.saturating_sub(1 + self.random.below(5));
                    let imm = self.imm();
                    let cond = self.random.pick(&CONDITIONS);
                    self.emit(Insn::JumpIf { width: Width::W64, cond, dst, src: Source::Imm(imm), off: 0 });
                    self.set_target(here, back);
                }
            }
        }
    }

    pub(super) fn call(&mut self) {
        if self.in_function && self.random.chance(80) {
            return;
        }
        for reg in 1..4 {
            let reg = Reg::ALL[reg];
            if self.random.chance(60) {
                match self.random.below(4) {
                    0 => {
                        self.emit(Insn::mov64_reg(reg, Reg::R10));
                        let off = -(8 * (1 + self.random.below(3) as i32));
                        self.emit(Insn::add64_imm(reg, off));
                    }
                    1 => {
                        if let Some(src) = self.reg(&[Held::Value, Held::Ctx, Held::Packet]) {
                            self.emit(Insn::mov64_reg(reg, src));
                        }
                    }
                    _ => {
                        let imm = self.imm();
                        self.emit(Insn::mov64_imm(reg, imm));
                    }
                }
            }
        }
        self.emit(Insn::CallLocal { off: 0 });
        self.clobber();
        self.hold(Reg::R0, Held::Number);
    }
}
