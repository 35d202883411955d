//! Calls of helpers.

use knockwright_asm::{Cond, Helper, HelperId, Imm64, Insn, ProgType, Reg, Size, Source, Width};

use super::{Held, Writer};

/// A number without a helper.
const NO_HELPER: HelperId = HelperId::new(9999);

impl Writer<'_> {
    pub(super) fn clobber(&mut self) {
        for reg in 0..6 {
            self.held[reg] = Held::Nothing;
        }
    }

    #[expect(clippy::too_many_lines, reason = "a branch for each helper that's drawn")]
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
            4 => self.tail_call(),
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
                let helper = self.random.pick(&[
                    Some(Helper::MapLookupElem),
                    Some(Helper::MapUpdateElem),
                    Some(Helper::MapDeleteElem),
                    Some(Helper::ProbeRead),
                    Some(Helper::KtimeGetNs),
                    Some(Helper::TracePrintk),
                    Some(Helper::TailCall),
                    Some(Helper::GetCurrentPidTgid),
                    Some(Helper::Redirect),
                    Some(Helper::PerfEventOutput),
                    Some(Helper::SkbLoadBytes),
                    Some(Helper::CsumDiff),
                    Some(Helper::XdpAdjustHead),
                    Some(Helper::RedirectMap),
                    Some(Helper::XdpAdjustTail),
                    Some(Helper::RingbufOutput),
                    Some(Helper::RingbufReserve),
                    None,
                ]);
                let helper = helper.map_or(NO_HELPER, HelperId::from);
                self.emit(Insn::CallHelper { helper });
                self.clobber();
            }
            _ => {
                if let Some(ctx) = ctx
                    && self.prog_type != ProgType::Xdp
                {
                    self.packet_load(ctx);
                }
            }
        }
    }

    fn packet_load(&mut self, ctx: Reg) {
        if ctx != Reg::R6 {
            self.emit(Insn::mov64_reg(Reg::R6, ctx));
            self.hold(Reg::R6, Held::Ctx);
        }
        let imm = self.random.below(64) as i32;
        self.emit(Insn::LoadAbs { size: knockwright_asm::AbsSize::U16, imm });
        self.clobber();
        self.hold(Reg::R0, Held::Number);
    }

    pub(super) fn tail_call(&mut self) {
        let Some(ctx) = self.reg(&[Held::Ctx]) else {
            return;
        };
        if ctx != Reg::R1 {
            self.emit(Insn::mov64_reg(Reg::R1, ctx));
        }
        if self.current > 0 && self.prog_type != ProgType::Xdp && self.random.chance(12) {
            // As a tail call does, a classic load may end the function.
            return self.packet_load(ctx);
        }
        let map = if self.random.chance(98) { 6 } else { 0 };
        self.emit(Insn::LoadImm64 { dst: Reg::R2, value: Imm64::MapIdx(map) });
        match self.number() {
            Some(index) if self.random.chance(20) => self.emit(Insn::mov64_reg(Reg::R3, index)),
            _ => {
                let index = self.random.below(6) as i32;
                self.emit(Insn::mov64_imm(Reg::R3, index));
            }
        }
        self.emit(Insn::CallHelper { helper: Helper::TailCall.into() });
        self.clobber();
    }
}
