//! Random programs near the border between accepted and rejected.

use knockwright_asm::{
    AluOp, AtomicOp, AtomicSize, Code, Cond, Endian, Endianness, Extent, Helper, Imm64, Insn, MapDef,
    MapType, ProgType, Reg, SignExtend, Size, Source, SwapBits, SxSize, Width, encode,
};
use knockwright_loader::raw_program::RawProgram;

use crate::random::Random;

/// What the generator takes a register for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Nothing,
    Number,
    Small,
    Ctx,
    Stack,
    MaybeValue,
    Value,
    Packet,
    PacketEnd,
    MaybeRecord,
}

/// What programs are made of; later stages have everything that earlier ones have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Numbers and jumps.
    Numbers,
    /// And the stack.
    Stack,
    /// And maps.
    Maps,
    /// And the context and packets.
    Packets,
    /// And more helpers.
    Helpers,
    /// And loops.
    Loops,
    /// And functions.
    Functions,
}

impl Stage {
    /// Every stage in order.
    pub const ALL: [Self; 7] =
        [Self::Numbers, Self::Stack, Self::Maps, Self::Packets, Self::Helpers, Self::Loops, Self::Functions];
}

struct Writer<'r> {
    random: &'r mut Random,
    stage: Stage,
    prog_type: ProgType,
    code: Vec<Insn>,
    held: [Held; 11],
    /// The lowest offset that was written on the stack.
    written: Vec<i16>,
    /// Jumps whose target isn't chosen yet: index of the instruction and how many instructions later.
    open: Vec<(usize, usize)>,
    in_function: bool,
}

const SIZES: [Size; 4] = [Size::U8, Size::U16, Size::U32, Size::U64];
const ALU: [AluOp; 13] = [
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
    AluOp::Arsh,
];
const CONDITIONS: [Cond; 11] = [
    Cond::Eq,
    Cond::Ne,
    Cond::Gt,
    Cond::Ge,
    Cond::Lt,
    Cond::Le,
    Cond::Sgt,
    Cond::Sge,
    Cond::Slt,
    Cond::Sle,
    Cond::Set,
];

/// The maps that programs may use.
pub fn maps() -> Vec<MapDef> {
    let map = |name: &str, map_type, key, value, max_entries| MapDef {
        name: name.to_owned(),
        map_type,
        key: Extent::Bytes(key),
        value: Extent::Bytes(value),
        max_entries,
        flags: 0,
        pinned: false,
        data: None,
    };
    vec![
        map("hash", MapType::Hash, 4, 24, 16),
        map("array", MapType::Array, 4, 48, 4),
        map("one", MapType::Array, 4, 16, 1),
        map("wide_keys", MapType::LruHash, 8, 64, 8),
        map("percpu", MapType::PercpuArray, 4, 32, 2),
        map("ring", MapType::Ringbuf, 0, 0, 4096),
        map("programs", MapType::ProgArray, 4, 4, 4),
    ]
}

/// A random program of a stage.
pub fn program(random: &mut Random, stage: Stage) -> RawProgram {
    let prog_type = random.pick(&[
        ProgType::Xdp,
        ProgType::Xdp,
        ProgType::SocketFilter,
        ProgType::SchedCls,
        ProgType::CgroupSkb,
    ]);
    let mut writer = Writer {
        random,
        stage,
        prog_type,
        code: Vec::new(),
        held: [Held::Nothing; 11],
        written: Vec::new(),
        open: Vec::new(),
        in_function: false,
    };
    writer.held[1] = Held::Ctx;
    writer.held[10] = Held::Stack;
    writer.function();
    let mut calls = Vec::new();
    for (at, insn) in writer.code.iter().enumerate() {
        if matches!(insn, Insn::CallLocal { .. }) {
            calls.push(at);
        }
    }
    if !calls.is_empty() {
        let functions = 1 + writer.random.below(2);
        let mut starts = Vec::new();
        for _ in 0..functions {
            starts.push(writer.code.len());
            writer.held = [Held::Nothing; 11];
            writer.held[10] = Held::Stack;
            for reg in 1..6 {
                if writer.random.chance(60) {
                    writer.held[reg] =
                        writer.random.pick(&[Held::Number, Held::Number, Held::Stack, Held::Value]);
                }
            }
            writer.written.clear();
            writer.in_function = true;
            writer.function();
        }
        for at in calls {
            let to = writer.random.pick(&starts);
            writer.set_target(at, to);
        }
    }
    let code = writer.code;
    let code: Vec<Code> = code.into_iter().map(Code::Insn).collect();
    let mut insns = encode(&code, Endian::Little);
    if random.chance(8) {
        mutate(random, &mut insns);
    }
    RawProgram {
        name: "fuzz".to_owned(),
        prog_type,
        insns,
        maps: maps(),
        flags: 0,
        license: "GPL".to_owned(),
        expected_attach_type: 0,
        btf: None,
    }
}

/// Changes a field of some slot.
fn mutate(random: &mut Random, insns: &mut Vec<u8>) {
    let slots = insns.len() / 8;
    let at = random.below(slots) * 8;
    match random.below(6) {
        0 => insns[at] = random.number() as u8,
        1 => insns[at + 1] = random.number() as u8 & 0xbb,
        2 => insns[at + 2] = random.below(12) as u8,
        3 => insns[at + 4] = random.below(48) as u8,
        4 if slots > 2 => {
            insns.drain(at..at + 8);
        }
        _ => {
            let slot: Vec<u8> = insns[at..at + 8].to_vec();
            insns.splice(at..at, slot);
        }
    }
    // A file descriptor would name whatever the loader has open.
    for slot in insns.chunks_exact_mut(8).filter(|slot| slot[0] == 0x18 && matches!(slot[1] >> 4, 1..=3)) {
        slot[1] |= 0x80;
    }
}

impl Writer<'_> {
    fn emit(&mut self, insn: Insn) {
        self.code.push(insn);
    }

    fn slot_of(&self, index: usize) -> usize {
        self.code[..index].iter().map(Insn::slots).sum()
    }

    fn set_target(&mut self, at: usize, to: usize) {
        let distance = self.slot_of(to) as i64 - self.slot_of(at) as i64 - 1;
        match &mut self.code[at] {
            Insn::Goto { off } | Insn::JumpIf { off, .. } | Insn::MayGoto { off } => *off = distance as i16,
            Insn::GotoLong { off } | Insn::CallLocal { off } => *off = distance as i32,
            _ => {}
        }
    }

    fn reg(&mut self, wanted: &[Held]) -> Option<Reg> {
        let found: Vec<Reg> = Reg::ALL
            .iter()
            .copied()
            .filter(|reg| wanted.contains(&self.held[usize::from(reg.number())]))
            .collect();
        if found.is_empty() { None } else { Some(self.random.pick(&found)) }
    }

    fn number(&mut self) -> Option<Reg> {
        self.reg(&[Held::Number, Held::Small])
    }

    fn free(&mut self) -> Reg {
        let reg = self.random.pick(&Reg::ALL[..10]);
        if self.held[usize::from(reg.number())] == Held::Ctx && self.random.chance(80) {
            return self.free();
        }
        reg
    }

    fn hold(&mut self, reg: Reg, held: Held) {
        self.held[usize::from(reg.number())] = held;
    }

    fn imm(&mut self) -> i32 {
        match self.random.below(8) {
            0 => 0,
            1 => 1,
            2 => self.random.below(64) as i32,
            3 => 1 << self.random.below(31),
            4 => (1_i32 << self.random.below(31)).wrapping_sub(1),
            5 => -(self.random.below(70) as i32),
            6 => self.random.number() as i32,
            _ => self.random.below(512) as i32,
        }
    }

    fn width(&mut self) -> Width {
        self.random.pick(&[Width::W32, Width::W64, Width::W64])
    }

    fn function(&mut self) {
        let longest = if self.random.chance(20) { 45 } else { 22 };
        let length = 2 + self.random.below(longest);
        let start = self.code.len();
        if !self.in_function && self.random.chance(60) {
            // The context is kept.
            self.emit(Insn::mov64_reg(Reg::R6, Reg::R1));
            self.hold(Reg::R6, Held::Ctx);
        }
        while self.code.len() < start + length {
            self.statement();
            self.close(false);
        }
        self.close(true);
        match self.random.below(12) {
            0 => {}
            1 => {
                if let Some(reg) = self.number() {
                    self.emit(Insn::mov64_reg(Reg::R0, reg));
                }
            }
            _ => {
                let value = self.random.below(3) as i32;
                self.emit(Insn::mov64_imm(Reg::R0, value));
            }
        }
        self.emit(Insn::Exit);
    }

    /// Gives the jumps that are due their target.
    fn close(&mut self, all: bool) {
        let here = self.code.len();
        let mut open = std::mem::take(&mut self.open);
        open.retain(|&(at, due)| {
            let is_due = all || here >= due;
            if is_due {
                self.set_target(at, here);
            }
            !is_due
        });
        self.open = open;
    }

    fn open_jump(&mut self, insn: Insn) {
        let ahead = 1 + self.random.below(8);
        self.emit(insn);
        let at = self.code.len() - 1;
        self.open.push((at, at + 1 + ahead));
    }

    fn statement(&mut self) {
        let kinds = match self.stage {
            Stage::Numbers => 10,
            Stage::Stack => 16,
            Stage::Maps => 22,
            Stage::Packets => 27,
            Stage::Helpers => 30,
            Stage::Loops => 31,
            Stage::Functions => 32,
        };
        match self.random.below(kinds) {
            0 | 1 => self.constant(),
            2..=5 => self.arithmetic(),
            6..=9 => self.jump(),
            10..=12 => self.store_stack(),
            13 | 14 => self.load_stack(),
            15 => self.stack_pointer(),
            16..=18 => self.lookup(),
            19 | 20 => self.use_value(),
            21 => self.null_check(),
            22 | 23 => self.context(),
            24..=26 => self.packet(),
            27..=29 => self.helper(),
            30 => self.back_jump(),
            _ => self.call(),
        }
    }

    fn constant(&mut self) {
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

    fn arithmetic(&mut self) {
        let Some(dst) = self.number() else {
            return self.constant();
        };
        let width = self.width();
        match self.random.below(14) {
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
                let from = self.random.pick(&[
                    SignExtend::S8ToW64,
                    SignExtend::S16ToW64,
                    SignExtend::S32ToW64,
                    SignExtend::S8ToW32,
                    SignExtend::S16ToW32,
                ]);
                self.emit(Insn::MovSx { from, dst, src });
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
                    Source::Imm(self.random.below(33) as i32)
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

    fn jump(&mut self) {
        if self.random.chance(8) {
            let insn = if self.random.chance(30) { Insn::GotoLong { off: 0 } } else { Insn::Goto { off: 0 } };
            // A jump over everything would leave instructions unreached: it needs one that leads behind it.
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
        let insn =
            Insn::JumpIf { width: self.width(), cond: self.random.pick(&CONDITIONS), dst, src, off: 0 };
        self.open_jump(insn);
    }

    fn stack_place(&mut self, size: Size) -> i16 {
        let bytes = size.bytes() as i16;
        if self.random.chance(3) {
            return self.random.below(40) as i16 - 30;
        }
        let slots = 512 / bytes;
        let near = if self.random.chance(90) { 32 / bytes } else { slots };
        -(1 + self.random.below(near.max(1) as usize) as i16) * bytes
    }

    fn store_stack(&mut self) {
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

    fn load_stack(&mut self) {
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

    fn stack_pointer(&mut self) {
        let dst = self.free();
        self.emit(Insn::mov64_reg(dst, Reg::R10));
        let off = -(8 * (1 + self.random.below(4) as i32));
        self.emit(Insn::add64_imm(dst, off));
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

    fn clobber(&mut self) {
        for reg in 0..6 {
            self.held[reg] = Held::Nothing;
        }
    }

    fn key(&mut self, size: i32) {
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

    fn lookup(&mut self) {
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

    fn null_check(&mut self) {
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

    fn lookup_direct(&mut self) {
        let dst = self.free();
        let off = self.random.below(18) as i32;
        self.emit(Insn::LoadImm64 { dst, value: Imm64::MapIdxValue { idx: 2, off } });
        self.hold(dst, Held::Value);
    }

    fn use_value(&mut self) {
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

    fn context(&mut self) {
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

    fn packet(&mut self) {
        let Some(pointer) = self.reg(&[Held::Packet]) else {
            let Some(ctx) = self.reg(&[Held::Ctx]) else {
                return self.constant();
            };
            let (data, end) = if self.prog_type == ProgType::Xdp { (0, 4) } else { (76, 80) };
            let pair = self.random.pick(&[(Reg::R7, Reg::R8), (Reg::R8, Reg::R9), (Reg::R2, Reg::R3)]);
            if pair.0 == ctx || pair.1 == ctx {
                return;
            }
            let data = if self.random.chance(6) && self.prog_type == ProgType::Xdp { 8 } else { data };
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

    fn helper(&mut self) {
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

    fn back_jump(&mut self) {
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

    fn call(&mut self) {
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
