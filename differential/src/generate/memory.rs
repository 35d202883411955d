//! Memory: the stack, maps, contexts, packets.

use knockwright_asm::linux::context::Holds;
use knockwright_asm::{
    AluOp, AtomicOp, AtomicSize, Cond, Helper, Imm64, Insn, ProgType, Reg, Size, Source, SxSize, Width,
};

use super::{Held, SIZES, Writer};

impl Writer<'_> {
    pub(super) fn stack_place(&mut self, size: Size) -> i16 {
        let bytes = size.bytes() as i16;
        if self.random.chance(3) {
            return self.random.below(40) as i16 - 30;
        }
        let slots = 512 / bytes;
        let near = if self.random.chance(90) { 32 / bytes } else { slots };
        -(1 + self.random.below(near.max(1) as usize) as i16) * bytes
    }

    pub(super) fn store_stack(&mut self) {
        let size =
            self.random.pick(&[Size::U8, Size::U16, Size::U32, Size::U32, Size::U64, Size::U64, Size::U64]);
        let off = self.stack_place(size);
        let base = self.reg(&[Held::Stack]).unwrap_or(Reg::R10);
        let base = if self.random.chance(70) { Reg::R10 } else { base };
        let insn = if self.random.chance(35) {
            let imm = if self.random.chance(40) { 0 } else { self.imm() };
            Insn::StoreImm { size, base, off, imm }
        } else {
            let any = [
                Held::Number,
                Held::Small,
                Held::Stack,
                Held::Ctx,
                Held::Value,
                Held::MaybeValue,
                Held::Packet,
            ];
            let src = if self.random.chance(75) { self.number() } else { self.reg(&any) };
            match src {
                Some(src) => Insn::Store { size, base, off, src },
                None => Insn::StoreImm { size, base, off, imm: 0 },
            }
        };
        self.emit(insn);
        self.written.push(off);
    }

    pub(super) fn load_stack(&mut self) {
        let dst = self.free();
        let size = self.random.pick(&[Size::U8, Size::U16, Size::U32, Size::U64, Size::U64]);
        let off = if !self.written.is_empty() && self.random.chance(80) {
            self.random.pick(&self.written.clone())
        } else {
            self.stack_place(size)
        };
        let base =
            if self.random.chance(85) { Reg::R10 } else { self.reg(&[Held::Stack]).unwrap_or(Reg::R10) };
        if size != Size::U64 && self.random.chance(12) {
            let size = self.random.pick(&[SxSize::S8, SxSize::S16, SxSize::S32]);
            self.emit(Insn::LoadSx { size, dst, base, off });
        } else {
            self.emit(Insn::Load { size, dst, base, off });
        }
        self.hold(dst, Held::Number);
    }

    pub(super) fn stack_pointer(&mut self) {
        let dst = self.free();
        let off = -(8 * (1 + self.random.below(4) as i32));
        if self.random.chance(20) {
            let base = self.reg(&[Held::Stack]).filter(|&base| base != dst).unwrap_or(Reg::R10);
            self.emit(Insn::mov64_imm(dst, off));
            self.emit(Insn::add64_reg(dst, base));
        } else {
            self.emit(Insn::mov64_reg(dst, Reg::R10));
            self.emit(Insn::add64_imm(dst, off));
        }
        self.hold(dst, Held::Stack);
        if self.random.chance(20)
            && let Some(index) = self.reg(&[Held::Small])
        {
            self.emit(Insn::add64_reg(dst, index));
        }
        if self.random.chance(25) {
            let size = AtomicSize::U64;
            let op = self.random.pick(&[
                AtomicOp::Add,
                AtomicOp::FetchAdd,
                AtomicOp::Xchg,
                AtomicOp::Cmpxchg,
                AtomicOp::FetchOr,
                AtomicOp::And,
            ]);
            if let Some(src) = self.number() {
                let size = if self.random.chance(30) { AtomicSize::U32 } else { size };
                self.emit(Insn::Atomic { size, op, base: dst, off: 0, src });
            }
        }
    }

    pub(super) fn key(&mut self, size: i32) {
        let off = -(8 * (1 + self.random.below(3) as i32));
        let off = if self.random.chance(30) { off + 4 } else { off };
        match self.random.below(4) {
            0 => {
                let imm = self.random.below(6) as i32;
                let size = if self.random.chance(70) { Size::U32 } else { Size::U64 };
                self.emit(Insn::StoreImm { size, base: Reg::R10, off: off as i16, imm });
            }
            1 => {
                if let Some(src) = self.number() {
                    let size = self.random.pick(&[Size::U32, Size::U64, Size::U32]);
                    self.emit(Insn::Store { size, base: Reg::R10, off: off as i16, src });
                }
            }
            2 => self.emit(Insn::StoreImm { size: Size::U32, base: Reg::R10, off: off as i16, imm: 0 }),
            _ => {}
        }
        self.emit(Insn::mov64_reg(Reg::R2, Reg::R10));
        self.emit(Insn::add64_imm(Reg::R2, off));
        let _ = size;
    }

    pub(super) fn lookup(&mut self) {
        let map = self.random.pick(&[0, 1, 2, 3, 4, 0, 1]);
        self.key(if map == 3 { 8 } else { 4 });
        self.emit(Insn::LoadImm64 { dst: Reg::R1, value: Imm64::MapIdx(map) });
        if self.random.chance(12) {
            let off = -(8 * (3 + self.random.below(8) as i32));
            self.emit(Insn::mov64_reg(Reg::R3, Reg::R10));
            self.emit(Insn::add64_imm(Reg::R3, off));
            self.emit(Insn::mov64_imm(Reg::R4, 0));
            self.emit(Insn::CallHelper { helper: Helper::MapUpdateElem.into() });
            self.clobber();
            self.hold(Reg::R0, Held::Number);
            return;
        }
        let helper = if self.random.chance(8) { Helper::MapDeleteElem } else { Helper::MapLookupElem };
        self.emit(Insn::CallHelper { helper: helper.into() });
        self.clobber();
        if helper == Helper::MapDeleteElem {
            self.hold(Reg::R0, Held::Number);
            return;
        }
        self.hold(Reg::R0, Held::MaybeValue);
        let kept = if self.random.chance(40) {
            let kept = self.random.pick(&[Reg::R7, Reg::R8, Reg::R9]);
            self.emit(Insn::mov64_reg(kept, Reg::R0));
            self.hold(kept, Held::MaybeValue);
            Some(kept)
        } else {
            None
        };
        if self.random.chance(75) {
            self.null_check();
        }
        let _ = kept;
    }

    pub(super) fn null_check(&mut self) {
        let Some(reg) = self.reg(&[Held::MaybeValue, Held::MaybeRecord]) else {
            return self.lookup_direct();
        };
        let record = self.held[usize::from(reg.number())] == Held::MaybeRecord;
        let width = if self.random.chance(3) { Width::W32 } else { Width::W64 };
        if self.random.chance(70) {
            let insn = Insn::JumpIf { width, cond: Cond::Eq, dst: reg, src: Source::Imm(0), off: 0 };
            self.open_jump(insn);
        } else {
            let insn = Insn::JumpIf { width, cond: Cond::Ne, dst: reg, src: Source::Imm(0), off: 0 };
            self.emit(insn);
            let at = self.code.len() - 1;
            self.emit(Insn::mov64_imm(Reg::R0, 0));
            self.emit(Insn::Exit);
            let here = self.code.len();
            self.set_target(at, here);
        }
        if record {
            self.hold(reg, Held::Value);
            return;
        }
        for held in &mut self.held {
            if *held == Held::MaybeValue {
                *held = Held::Value;
            }
        }
    }

    pub(super) fn lookup_direct(&mut self) {
        let dst = self.free();
        let off = self.random.below(18) as i32;
        self.emit(Insn::LoadImm64 { dst, value: Imm64::MapIdxValue { idx: 2, off } });
        self.hold(dst, Held::Value);
    }

    pub(super) fn use_value(&mut self) {
        let Some(base) = self.reg(&[Held::Value]) else {
            return if self.random.chance(50) { self.lookup() } else { self.lookup_direct() };
        };
        let size = self.random.pick(&SIZES);
        let off = if self.random.chance(85) {
            self.random.below(16) as i16
        } else {
            self.random.below(80) as i16 - 8
        };
        match self.random.below(10) {
            0..=2 => {
                let dst = self.free();
                self.emit(Insn::Load { size, dst, base, off });
                self.hold(dst, Held::Number);
            }
            3 | 4 => {
                if let Some(src) = self.number() {
                    self.emit(Insn::Store { size, base, off, src });
                } else {
                    self.emit(Insn::StoreImm { size, base, off, imm: 1 });
                }
            }
            5..=7 => {
                if let Some(index) = self.number() {
                    if self.random.chance(60) {
                        let limit = self.random.pick(&[3, 7, 15, 31, 63]);
                        self.emit(Insn::and64_imm(index, limit));
                    } else if self.random.chance(60) {
                        let limit = self.random.below(40) as i32;
                        let cond = self.random.pick(&[Cond::Gt, Cond::Ge, Cond::Sgt]);
                        let width = self.width();
                        let insn = Insn::JumpIf { width, cond, dst: index, src: Source::Imm(limit), off: 0 };
                        self.open_jump(insn);
                    }
                    let op = if self.random.chance(90) { AluOp::Add } else { AluOp::Sub };
                    self.emit(Insn::Alu { width: Width::W64, op, dst: base, src: Source::Reg(index) });
                    let dst = self.free();
                    self.emit(Insn::Load { size, dst, base, off });
                    self.hold(dst, Held::Number);
                }
            }
            8 => {
                let add = self.random.below(40) as i32 - 8;
                self.emit(Insn::add64_imm(base, add));
            }
            _ => {
                if let Some(src) = self.number() {
                    let op = self.random.pick(&[
                        AtomicOp::Add,
                        AtomicOp::FetchAdd,
                        AtomicOp::Xchg,
                        AtomicOp::Cmpxchg,
                    ]);
                    let size = self.random.pick(&[AtomicSize::U32, AtomicSize::U64]);
                    self.emit(Insn::Atomic { size, op, base, off: off & !7, src });
                }
            }
        }
    }

    pub(super) fn context(&mut self) {
        let Some(base) = self.reg(&[Held::Ctx]) else {
            return self.constant();
        };
        let dst = self.free();
        let (size, off) = if self.prog_type == ProgType::Xdp {
            (Size::U32, self.random.pick(&[8, 12, 16, 12, 16, 20, 24]))
        } else {
            let size = self.random.pick(&[Size::U32, Size::U32, Size::U32, Size::U8, Size::U16, Size::U64]);
            (size, (self.random.below(48) * 4) as i16)
        };
        if self.random.chance(12)
            && let Some(src) = self.number()
        {
            self.emit(Insn::Store { size, base, off, src });
            return;
        }
        self.emit(Insn::Load { size, dst, base, off });
        self.hold(dst, Held::Number);
    }

    pub(super) fn packet(&mut self) {
        let Some(pointer) = self.reg(&[Held::Packet]) else {
            let Some(ctx) = self.reg(&[Held::Ctx]) else {
                return self.constant();
            };
            let place = |holds| {
                let field = self.prog_type.context().and_then(|context| context.holding(holds));
                field.map_or(0, |field| field.offset as i16)
            };
            let (data, end) = (place(Holds::PacketStart), place(Holds::PacketEnd));
            let meta = place(Holds::PacketMeta);
            let pair = self.random.pick(&[(Reg::R7, Reg::R8), (Reg::R8, Reg::R9), (Reg::R2, Reg::R3)]);
            if pair.0 == ctx || pair.1 == ctx {
                return;
            }
            let data = if self.random.chance(6) && self.prog_type == ProgType::Xdp { meta } else { data };
            self.emit(Insn::Load { size: Size::U32, dst: pair.0, base: ctx, off: data });
            self.emit(Insn::Load { size: Size::U32, dst: pair.1, base: ctx, off: end });
            self.hold(pair.0, Held::Packet);
            self.hold(pair.1, Held::PacketEnd);
            return;
        };
        match self.random.below(7) {
            0..=2 => {
                let Some(end) = self.reg(&[Held::PacketEnd]) else {
                    return;
                };
                let scratch = self.random.pick(&[Reg::R4, Reg::R5, Reg::R0]);
                self.emit(Insn::mov64_reg(scratch, pointer));
                let ahead = self.random.pick(&[1, 8, 14, 20, 34, 64]);
                self.emit(Insn::add64_imm(scratch, ahead));
                self.hold(scratch, Held::Packet);
                let cond = self.random.pick(&[Cond::Gt, Cond::Gt, Cond::Gt, Cond::Ge, Cond::Lt, Cond::Le]);
                let flip = self.random.chance(20);
                let (dst, src) = if flip { (end, scratch) } else { (scratch, end) };
                let insn = Insn::JumpIf { width: Width::W64, cond, dst, src: Source::Reg(src), off: 0 };
                self.open_jump(insn);
            }
            3 | 4 => {
                let dst = self.free();
                let size = self.random.pick(&SIZES);
                let off = self.random.below(16) as i16;
                self.emit(Insn::Load { size, dst, base: pointer, off });
                self.hold(dst, Held::Number);
            }
            5 => {
                if let Some(src) = self.number() {
                    let size = self.random.pick(&SIZES);
                    let off = self.random.below(16) as i16;
                    self.emit(Insn::Store { size, base: pointer, off, src });
                }
            }
            _ => {
                if let Some(index) = self.reg(&[Held::Small]) {
                    self.emit(Insn::add64_reg(pointer, index));
                }
            }
        }
    }
}
