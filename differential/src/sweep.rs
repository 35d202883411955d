//! Every helper called by every program type, past a kernel's verifier and ours.
//!
//! A helper is called with several sets of arguments, so that not only the question whether the program type has it is
//! met, but the checks of its arguments and its result as well.

use knockwright_asm::opcode::{self, pseudo};
use knockwright_asm::{
    Code, Endian, Helper, HelperId, Imm64, Insn, MapDef, MapType, ProgType, Reg, Size, encode,
};
use knockwright_verifier::{Attempt, Engine, EngineError, MODELLED, Outcome, Privilege, Verdict, Verifier};

use crate::compare::{Agreement, Comparison, compare};
use crate::random::Random;

/// The program types that the user-space verifier models.
pub fn modelled() -> Vec<ProgType> {
    MODELLED.iter().collect()
}

/// The numbers of all helpers, which go up from 0, and some that belong to none.
pub const HELPERS: std::ops::Range<i32> = 0..Helper::ALL.len() as i32 + 12;

/// What the registers hold at the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arguments {
    /// The context in R1, nothing in the others.
    AtEntry,
    /// The context in R1, 0 in the others.
    ContextAndZeros,
    /// 1 in all.
    Ones,
    /// A map, two places on the stack that are written, 8 and 0.
    MapAndStack,
    /// The context, a map, 0, a place on the stack and 8.
    ContextAndMap,
    /// The context, a place on the stack, 16, and zeros.
    ContextAndStack,
    /// The context, 0, a place on the stack, 8 and 0.
    ContextAndOffset,
    /// A place on the stack, 8, 0, and a place on the stack.
    Stack,
}

impl Arguments {
    /// Every set.
    pub const ALL: [Self; 8] = [
        Self::AtEntry,
        Self::ContextAndZeros,
        Self::Ones,
        Self::MapAndStack,
        Self::ContextAndMap,
        Self::ContextAndStack,
        Self::ContextAndOffset,
        Self::Stack,
    ];

    /// The name that a record has for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtEntry => "at_entry",
            Self::ContextAndZeros => "context_and_zeros",
            Self::Ones => "ones",
            Self::MapAndStack => "map_and_stack",
            Self::ContextAndMap => "context_and_map",
            Self::ContextAndStack => "context_and_stack",
            Self::ContextAndOffset => "context_and_offset",
            Self::Stack => "stack",
        }
    }

    fn set(self) -> Vec<Insn> {
        let number = Insn::mov64_imm;
        let map = |dst| Insn::LoadImm64 { dst, value: Imm64::MapIdx(0) };
        let stack = |dst, off| [Insn::mov64_reg(dst, Reg::R10), Insn::add64_imm(dst, off)];
        let zeros = |from: usize| Reg::ALL[from..=5].iter().map(move |&dst| number(dst, 0));
        let written = [-8, -16].map(|off| Insn::StoreImm { size: Size::U64, base: Reg::R10, off, imm: 0 });
        let mut code = Vec::new();
        match self {
            Self::AtEntry => {}
            Self::ContextAndZeros => code.extend(zeros(2)),
            Self::Ones => code.extend(Reg::ALL[1..=5].iter().map(|&dst| number(dst, 1))),
            Self::MapAndStack => {
                code.extend(written);
                code.push(map(Reg::R1));
                code.extend(stack(Reg::R2, -8));
                code.extend(stack(Reg::R3, -16));
                code.extend([number(Reg::R4, 8), number(Reg::R5, 0)]);
            }
            Self::ContextAndMap => {
                code.extend(written);
                code.extend([map(Reg::R2), number(Reg::R3, 0)]);
                code.extend(stack(Reg::R4, -8));
                code.push(number(Reg::R5, 8));
            }
            Self::ContextAndStack => {
                code.extend(written);
                code.extend(stack(Reg::R2, -16));
                code.push(number(Reg::R3, 16));
                code.extend(zeros(4));
            }
            Self::ContextAndOffset => {
                code.push(number(Reg::R2, 0));
                code.extend(stack(Reg::R3, -8));
                code.extend([number(Reg::R4, 8), number(Reg::R5, 0)]);
            }
            Self::Stack => {
                code.extend(written);
                code.extend(stack(Reg::R1, -8));
                code.extend([number(Reg::R2, 8), number(Reg::R3, 0)]);
                code.extend(stack(Reg::R4, -16));
                code.push(number(Reg::R5, 0));
            }
        }
        code
    }
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Caller {
    /// Root, under the GPL.
    Root,
    /// A user without CAP_PERFMON, under the GPL.
    WithoutPerfmon,
    /// Root, under another licence.
    Proprietary,
}

impl Caller {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Root, Self::WithoutPerfmon, Self::Proprietary];
}

/// One call of a helper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// The helper's number in the UAPI.
    pub helper: i32,
    /// The type of the program.
    pub prog_type: ProgType,
    /// What it's given.
    pub arguments: Arguments,
    /// Who calls.
    pub caller: Caller,
}

impl Call {
    /// Every call of a program type. What isn't asked by root under the GPL is asked with few arguments only.
    pub fn all(prog_type: ProgType) -> impl Iterator<Item = Self> {
        let sets = Caller::ALL.into_iter().flat_map(|caller| {
            let wanted = move |arguments: &Arguments| {
                caller == Caller::Root || matches!(arguments, Arguments::AtEntry | Arguments::ContextAndStack)
            };
            Arguments::ALL.into_iter().filter(wanted).map(move |arguments| (caller, arguments))
        });
        sets.flat_map(move |(caller, arguments)| {
            HELPERS.map(move |helper| Self { helper, prog_type, arguments, caller })
        })
    }

    /// The program that makes the call.
    pub fn attempt(&self) -> Attempt {
        let mut code = self.arguments.set();
        code.push(Insn::CallHelper { helper: HelperId::new(self.helper) });
        code.extend([Insn::mov64_imm(Reg::R0, 1), Insn::Exit]);
        let code: Vec<Code> = code.into_iter().map(Code::Insn).collect();
        let maps = vec![MapDef::of_bytes("m", MapType::Array, 4, 8, 4)];
        let (name, code) = (format!("call_{}", self.helper), encode(&code, Endian::Little));
        let mut attempt = Attempt::of_code(&name, self.prog_type, &code, Endian::Little, maps);
        if self.caller == Caller::Proprietary {
            "none".clone_into(&mut attempt.program.license);
        }
        let privilege = match self.caller {
            Caller::WithoutPerfmon => Privilege::WithoutPerfmon,
            Caller::Root | Caller::Proprietary => Privilege::Full,
        };
        attempt.by(privilege)
    }
}

/// How many calls a kernel is asked about at once: one that boots for each batch would boot too often with less.
const BATCH: usize = 4096;

/// What two verifiers said of a call.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Answered {
    /// What both were asked about.
    pub call: Call,
    /// What they said.
    pub comparison: Comparison,
}

impl Answered {
    /// Whether verdict, message or error number differ. Where the user-space verifier names what it doesn't model, it
    /// has given none.
    pub fn differs(&self) -> bool {
        self.comparison.agreement.is_mismatch() || self.comparison.agreement == Agreement::NoOracle
    }

    /// The kernel's answer, if it came to a verdict.
    pub fn theirs(&self) -> Option<&Verdict> {
        Some(&self.comparison.theirs).filter(|verdict| verdict.outcome.accepts().is_some())
    }

    /// What the user-space verifier doesn't model, if that is its answer.
    pub fn unsupported(&self) -> Option<&str> {
        let own = &self.comparison.own;
        (own.outcome == Outcome::Unsupported).then_some(own.message.as_str())
    }
}

/// Asks both about all calls.
///
/// # Errors
/// What keeps the kernel from answering.
pub fn sweep(kernel: &mut dyn Engine, own: &Verifier, calls: &[Call]) -> Result<Vec<Answered>, EngineError> {
    let mut answered = Vec::with_capacity(calls.len());
    for calls in calls.chunks(BATCH) {
        let attempts: Vec<Attempt> = calls.iter().map(Call::attempt).collect();
        let comparisons = compare(kernel, own, &attempts, None)?;
        let pairs = calls.iter().zip(comparisons);
        answered.extend(pairs.map(|(&call, comparison)| Answered { call, comparison }));
    }
    Ok(answered)
}

/// Random slots of each opcode with small values in all fields, as the only odd thing in a program: what instructions
/// there are, and which of their fields must be zero.
pub fn slots(each: usize) -> Vec<Attempt> {
    let mut random = Random::new(0x51);
    let mut attempts = Vec::new();
    for opcode in 0..=u8::MAX {
        for _ in 0..each {
            let mut slot = [opcode, 0, 0, 0, 0, 0, 0, 0];
            let (dst, src) = (random.pick(&[0, 2, 2, 10, 1]), random.pick(&[0, 0, 2, 2, 10, 1]));
            slot[1] = dst | src << 4;
            let off: i16 = random.pick(&[0, 0, 0, 1, 8, 16, -8]);
            slot[2..4].copy_from_slice(&off.to_le_bytes());
            let imm: i32 = random.pick(&[0, 0, 1, 16, 64, 0x41, 0xe1, 0x100, 0x110, 0x1_0000, -1]);
            slot[4..8].copy_from_slice(&imm.to_le_bytes());
            // A file descriptor would name whatever the loader has open.
            if opcode == opcode::LD_IMM64 && matches!(src, pseudo::MAP_FD | pseudo::MAP_VALUE) {
                continue;
            }
            attempts.push(around(slot));
        }
    }
    attempts
}

/// A program with this slot: R0 and R2 hold a number, the stack is written below fp, and jumps by up to 1 stay inside.
fn around(slot: [u8; 8]) -> Attempt {
    let before = [
        Insn::mov64_imm(Reg::R0, 1),
        Insn::mov64_imm(Reg::R2, 2),
        Insn::StoreImm { size: Size::U64, base: Reg::R10, off: -8, imm: 0 },
    ];
    let after = [Insn::mov64_imm(Reg::R0, 0), Insn::mov64_imm(Reg::R0, 0), Insn::Exit];
    let bytes =
        |code: &[Insn]| encode(&code.iter().copied().map(Code::Insn).collect::<Vec<_>>(), Endian::Little);
    let mut insns = bytes(&before);
    insns.extend(slot);
    insns.extend(bytes(&after));
    let name = format!("slot_{}", hex_of(slot));
    Attempt::of_code(&name, ProgType::SocketFilter, &insns, Endian::Little, Vec::new())
}

fn hex_of(slot: [u8; 8]) -> String {
    slot.iter().map(|byte| format!("{byte:02x}")).collect()
}
