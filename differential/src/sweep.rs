//! Every helper called by every program type, past a kernel's verifier and ours.
//!
//! A helper is called with several sets of arguments, so that not only the question whether the program type has it is
//! met, but the checks of its arguments and its result as well.

use knockwright_asm::{
    Code, Endian, Extent, HelperId, Imm64, Insn, MapDef, MapType, ProgType, Reg, Size, encode,
};
use knockwright_loader::raw_program::RawProgram;
use knockwright_verifier_cases::Privilege;
use knockwright_verifier_cases::engine::{Engine, EngineError, KernelId, NotVerified};
use knockwright_verifier_cases::{UserspaceEngine, observation::Observation};

use crate::compare::{Agreement, Comparison, Question, compare};

/// The program types that the user-space verifier models.
pub const MODELLED: [ProgType; 4] =
    [ProgType::SocketFilter, ProgType::SchedCls, ProgType::Xdp, ProgType::CgroupSkb];

/// Helpers are numbered from 0; the numbers from 212 on belong to none, since newer functions are kfuncs.
pub const HELPERS: std::ops::Range<i32> = 0..224;

/// What the registers hold at the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The helper's number.
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
                caller == Caller::Root
                    || matches!(arguments, Arguments::AtEntry | Arguments::ContextAndStack)
            };
            Arguments::ALL.into_iter().filter(wanted).map(move |arguments| (caller, arguments))
        });
        sets.flat_map(move |(caller, arguments)| {
            HELPERS.map(move |helper| Self { helper, prog_type, arguments, caller })
        })
    }

    /// The program that makes the call.
    pub fn question(&self) -> Question {
        let mut code = self.arguments.set();
        code.push(Insn::CallHelper { helper: HelperId::new(self.helper) });
        code.extend([Insn::mov64_imm(Reg::R0, 1), Insn::Exit]);
        let code: Vec<Code> = code.into_iter().map(Code::Insn).collect();
        let program = RawProgram {
            name: format!("call_{}", self.helper),
            prog_type: self.prog_type,
            insns: encode(&code, Endian::NATIVE),
            maps: vec![MapDef {
                name: "m".to_owned(),
                map_type: MapType::Array,
                key: Extent::Bytes(4),
                value: Extent::Bytes(8),
                max_entries: 4,
                flags: 0,
                pinned: false,
                data: None,
            }],
            flags: 0,
            license: if self.caller == Caller::Proprietary { "none" } else { "GPL" }.to_owned(),
            expected_attach_type: 0,
            btf: None,
        };
        let privilege = match self.caller {
            Caller::WithoutPerfmon => Privilege::WithoutPerfmon,
            Caller::Root | Caller::Proprietary => Privilege::Full,
        };
        Question { program, level: 2, privilege }
    }
}

/// How many calls a kernel is asked about at once: one that boots for each batch would boot too often with less.
const BATCH: usize = 4096;

/// What two verifiers said of a call.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The call.
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
    pub fn theirs(&self) -> Option<&Observation> {
        self.comparison.theirs.as_ref().ok()
    }

    /// What the user-space verifier doesn't model, if that is its answer.
    pub fn unsupported(&self) -> Option<&str> {
        match &self.comparison.own {
            Err(NotVerified::Unsupported(what)) => Some(what),
            _ => None,
        }
    }
}

/// Asks both about all calls.
///
/// # Errors
/// What keeps the kernel from answering.
pub fn sweep(
    kernel: &mut dyn Engine,
    own: &mut UserspaceEngine,
    calls: &[Call],
) -> Result<(Option<KernelId>, Vec<Answered>), EngineError> {
    let mut answered = Vec::with_capacity(calls.len());
    let mut asked = None;
    for calls in calls.chunks(BATCH) {
        let questions: Vec<Question> = calls.iter().map(Call::question).collect();
        let (id, comparisons) = compare(kernel, own, &questions, u64::MAX)?;
        asked = Some(id);
        let pairs = calls.iter().zip(comparisons);
        answered.extend(pairs.map(|(&call, comparison)| Answered { call, comparison }));
    }
    Ok((asked, answered))
}
