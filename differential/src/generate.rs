//! Random programs near the border between accepted and rejected.

mod calls;
mod functions;
mod loops;
mod memory;
mod numbers;
mod types;

use knockwright_asm::opcode::{self, pseudo};
use knockwright_asm::{
    AluOp, Code, Endian, Imm64, Insn, MapDef, MapType, ProgType, Reg, Size, Width, encode,
};
use knockwright_verifier::Attempt;

use functions::{Function, Role};

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

/// What programs are made of. Up to functions, later stages have everything that earlier ones have; each of those after
/// has one thing of its own on top of one of the first five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
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
    /// Loops that `may_goto` ends.
    MayGoto,
    /// Functions that a helper calls back.
    Callbacks,
    /// Static functions that tail-call.
    TailCalls,
    /// Functions with BTF, their types, and source lines.
    Types,
}

impl Stage {
    /// Every stage in order.
    pub const ALL: [Self; 11] = [
        Self::Numbers,
        Self::Stack,
        Self::Maps,
        Self::Packets,
        Self::Helpers,
        Self::Loops,
        Self::Functions,
        Self::MayGoto,
        Self::Callbacks,
        Self::TailCalls,
        Self::Types,
    ];

    /// How many kinds of statements there are; see [`Writer::statement`].
    const fn kinds(self) -> usize {
        match self {
            Self::Numbers => 10,
            Self::Stack => 16,
            Self::Maps => 22,
            Self::Packets => 27,
            Self::Loops => 31,
            Self::Functions => 32,
            Self::Helpers | Self::MayGoto | Self::Callbacks | Self::TailCalls | Self::Types => 30,
        }
    }

    /// Whether programs have BTF: the kernel wants it for the addresses of functions, and for tail calls in functions.
    const fn has_types(self) -> bool {
        matches!(self, Self::Callbacks | Self::TailCalls | Self::Types)
    }
}

struct Writer<'r> {
    random: &'r mut Random,
    stage: Stage,
    /// What statements are made of.
    basis: Stage,
    prog_type: ProgType,
    code: Vec<Insn>,
    held: [Held; 11],
    /// The lowest offset that was written on the stack.
    written: Vec<i16>,
    /// Jumps whose target isn't chosen yet: index of the instruction and how many instructions later.
    open: Vec<(usize, usize)>,
    /// The function that is being written; the first is the entry.
    current: usize,
    /// The functions that are called so far, in the order in which they follow each other.
    functions: Vec<Function>,
    /// Calls and addresses of functions: index of the instruction and number of the function.
    calls: Vec<(usize, usize)>,
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
/// The maps that programs may use.
pub fn maps() -> Vec<MapDef> {
    let map = MapDef::of_bytes;
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
pub fn program(random: &mut Random, stage: Stage) -> Attempt {
    let prog_type = random.pick(&[
        ProgType::Xdp,
        ProgType::Xdp,
        ProgType::SocketFilter,
        ProgType::SchedCls,
        ProgType::CgroupSkb,
    ]);
    let basis = if stage > Stage::Functions {
        random.pick(&[
            Stage::Numbers,
            Stage::Stack,
            Stage::Stack,
            Stage::Maps,
            Stage::Packets,
            Stage::Helpers,
        ])
    } else {
        stage
    };
    let mut writer = Writer {
        random,
        stage,
        basis,
        prog_type,
        code: Vec::new(),
        held: [Held::Nothing; 11],
        written: Vec::new(),
        open: Vec::new(),
        current: 0,
        functions: vec![Function::entry()],
        calls: Vec::new(),
    };
    writer.all_functions();
    let Writer { code, functions, .. } = writer;
    let mut starts = vec![0];
    starts.extend(code.iter().scan(0, |slot, insn| {
        *slot += insn.slots();
        Some(*slot)
    }));
    let btf = stage.has_types().then(|| types::btf(random, prog_type, &functions, &code, &starts));
    let code: Vec<Code> = code.into_iter().map(Code::Insn).collect();
    let mut insns = encode(&code, Endian::Little);
    if random.chance(8) {
        mutate(random, &mut insns, btf.is_some());
    }
    Attempt::of_code("fuzz", prog_type, &insns, Endian::Little, maps()).with_btf(btf)
}

/// Whether a slot is an `ld_imm64` that names something by a file descriptor or by a BTF id.
fn names_descriptor(slot: &[u8]) -> bool {
    slot[0] == opcode::LD_IMM64 && matches!(slot[1] >> 4, pseudo::MAP_FD | pseudo::MAP_VALUE | pseudo::BTF_ID)
}

/// Changes a field of some slot, or the number of slots. BTF counts slots: where there is some, their number stays.
fn mutate(random: &mut Random, insns: &mut Vec<u8>, has_types: bool) {
    let slots = insns.len() / 8;
    let at = random.below(slots) * 8;
    match random.below(if has_types { 4 } else { 6 }) {
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
    for slot in insns.chunks_exact_mut(8).filter(|slot| names_descriptor(slot)) {
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
            Insn::GotoLong { off }
            | Insn::CallLocal { off }
            | Insn::LoadImm64 { value: Imm64::Func(off), .. } => *off = distance as i32,
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

    /// What a function does, up to its result and its end.
    fn function(&mut self) {
        let longest = if self.random.chance(20) { 45 } else { 22 };
        let length = 2 + self.random.below(longest);
        let start = self.code.len();
        let keeps = if self.stage == Stage::TailCalls { 100 } else { 60 };
        if self.held[1] == Held::Ctx && self.random.chance(keeps) {
            // The context is kept.
            self.emit(Insn::mov64_reg(Reg::R6, Reg::R1));
            self.hold(Reg::R6, Held::Ctx);
        }
        let mut feature_at = Some(start + self.random.below(length)).filter(|_| self.wants_feature());
        while self.code.len() < start + length || feature_at.is_some() {
            if feature_at.is_some_and(|at| self.code.len() >= at) {
                feature_at = None;
                self.feature();
            } else {
                self.statement();
            }
            self.close_due();
        }
        self.close_all();
        self.result();
        self.emit(Insn::Exit);
    }

    /// Whether the function that is being written is where the stage's own thing belongs.
    fn wants_feature(&self) -> bool {
        match self.stage {
            Stage::MayGoto | Stage::Callbacks | Stage::Types => self.current == 0,
            Stage::TailCalls => self.functions[self.current].role == Role::Called || self.current == 0,
            _ => false,
        }
    }

    /// The thing that programs of the stage have of their own.
    fn feature(&mut self) {
        match self.stage {
            Stage::MayGoto => self.may_goto_loop(),
            Stage::Callbacks => self.call_with_callback(),
            Stage::TailCalls if self.current > 0 => self.tail_call(),
            _ => self.call(),
        }
    }

    fn result(&mut self) {
        let calls_back = !matches!(self.functions[self.current].role, Role::Entry | Role::Called);
        match self.random.below(12) {
            0 => {}
            1 => {
                if let Some(reg) = self.number() {
                    self.emit(Insn::mov64_reg(Reg::R0, reg));
                    if calls_back {
                        self.emit(Insn::and64_imm(Reg::R0, 1));
                    }
                }
            }
            2..=8 if calls_back => self.emit(Insn::mov64_imm(Reg::R0, 0)),
            _ => {
                let value = self.random.below(3) as i32;
                self.emit(Insn::mov64_imm(Reg::R0, value));
            }
        }
    }

    /// Gives the jumps that are due their target.
    fn close_due(&mut self) {
        let here = self.code.len();
        self.close(|due| here >= due);
    }

    /// Gives all jumps their target that have none.
    fn close_all(&mut self) {
        self.close(|_| true);
    }

    fn close(&mut self, is_due: impl Fn(usize) -> bool) {
        let here = self.code.len();
        let mut open = std::mem::take(&mut self.open);
        open.retain(|&(at, due)| {
            if is_due(due) {
                self.set_target(at, here);
            }
            !is_due(due)
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
        if self.stage > Stage::Functions && self.random.chance(8) {
            return self.feature();
        }
        match self.random.below(self.basis.kinds()) {
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
}
