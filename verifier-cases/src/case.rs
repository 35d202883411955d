//! A case: a program, what it teaches, what the verifier says of it, and its accepted twin.

use knockwright_asm::{Asm, AsmErrors, IsaLevel, ProgType, Program};
use knockwright_codegen::{KernelRecords, kernel_records, kernel_records_with_maps};
use knockwright_verifier::{Attempt, Privilege};

use crate::expectation::{Change, Expectation, Expected, StateAt};
use crate::kernel_range::Kernels;

/// A class of errors, or of programs that surprise by being accepted.
#[derive(Debug)]
#[non_exhaustive]
pub struct Class {
    /// The name that cases, diagnoses and files go by.
    pub slug: &'static str,
    /// Where it stands in the catalogue: classes are in the order of this number, with room between two of them.
    pub place: u16,
    /// What the class is, in one line.
    pub title: &'static str,
    /// The programs that belong to it, in the order of learning.
    pub cases: &'static [Case],
}

/// A program with the verdict that each kernel gives it.
///
/// Cases are constants that read from top to bottom: program, expectation, twin.
///
/// ```
/// use knockwright_asm::{ProgType, Reg::*, Size::*};
/// use knockwright_verifier_cases::errno::EACCES;
/// use knockwright_verifier_cases::expectation::{accept, reject};
/// use knockwright_verifier_cases::{Case, Twin};
///
/// const NO_RESULT: Case = Case::new("no-result", ProgType::Xdp)
///     .teaches("A program returns r0. This one never writes it.")
///     .program(|a| a.exit())
///     .expect(reject(EACCES, 0, "R0 !read_ok", 1))
///     .twin(Twin::new("a result", |a| {
///         a.mov(R0, 2);
///         a.exit();
///     })
///     .expect(accept(2)));
/// assert_eq!(NO_RESULT.build().unwrap().slot_count(), 1);
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Case {
    /// The name, unique in the catalogue.
    pub name: &'static str,
    /// The type of both programs.
    pub prog_type: ProgType,
    /// What there is to learn, in about three sentences.
    pub lesson: &'static str,
    /// Who loads it.
    pub privilege: Privilege,
    /// `BPF_F_*` program flags.
    pub flags: u32,
    /// The log level of its expectation: 2, or lower for programs whose whole log is too large to keep.
    pub log_level: u32,
    /// Whether the programs come with BTF that describes their functions.
    pub with_btf: bool,
    /// Whether the maps come with their types, and the programs with BTF that has them.
    pub typed_maps: bool,
    /// The user-space verifier doesn't model it.
    pub unmodelled: bool,
    /// How the program is written.
    pub body: Body,
    /// What the verifier says.
    pub expectation: Expectation,
    /// The nearest program with the other verdict.
    pub twin: Option<Twin>,
}

/// The nearest program with the other verdict: of a rejected one the smallest repair, of an accepted surprise the step too
/// far.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Twin {
    /// What is different.
    pub change: &'static str,
    /// How the program is written.
    pub body: Body,
    /// What the verifier says.
    pub expectation: Expectation,
}

/// How a program is written.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Body {
    /// Instructions into an assembler that has name, type and licence.
    Instructions(fn(&mut Asm)),
    /// A program written elsewhere.
    Program(fn() -> Program),
}

const NO_EXPECTATION: Expectation = Expectation::always(Expected::Accept { processed: Some(0) });

impl Case {
    /// A case without program and expectation yet, loaded by root.
    pub const fn new(name: &'static str, prog_type: ProgType) -> Self {
        Self {
            name,
            prog_type,
            lesson: "",
            privilege: Privilege::Full,
            flags: 0,
            log_level: 2,
            with_btf: false,
            typed_maps: false,
            unmodelled: false,
            body: Body::Instructions(|_| {}),
            expectation: NO_EXPECTATION,
            twin: None,
        }
    }

    /// What there is to learn, in about three sentences.
    pub const fn teaches(mut self, lesson: &'static str) -> Self {
        self.lesson = lesson;
        self
    }

    /// Says that the user-space verifier doesn't model it: there it gives no verdict.
    pub const fn unmodelled(mut self) -> Self {
        self.unmodelled = true;
        self
    }

    /// Loads without CAP_PERFMON.
    pub const fn without_perfmon(mut self) -> Self {
        self.privilege = Privilege::WithoutPerfmon;
        self
    }

    /// Loads with `BPF_F_*` program flags.
    pub const fn with_flags(mut self, flags: u32) -> Self {
        self.flags = flags;
        self
    }

    /// Expects the level-1 log, for programs that are walked so often that the whole log would be too large.
    pub const fn short_log(mut self) -> Self {
        self.log_level = 1;
        self
    }

    /// Expects the verdict without a log, for programs that are walked a million times.
    pub const fn verdict_only(mut self) -> Self {
        self.log_level = 0;
        self
    }

    /// Brings BTF that describes the functions.
    pub const fn with_btf(mut self) -> Self {
        self.with_btf = true;
        self
    }

    /// Brings the types of the maps: what lies in their values for the kernel to keep, such as a lock.
    pub const fn typed_maps(mut self) -> Self {
        self.typed_maps = true;
        self
    }

    /// Writes the program here, instruction by instruction.
    pub const fn program(mut self, body: fn(&mut Asm)) -> Self {
        self.body = Body::Instructions(body);
        self
    }

    /// A program from elsewhere.
    pub const fn whole_program(mut self, program: fn() -> Program) -> Self {
        self.body = Body::Program(program);
        self
    }

    /// What the verifier says.
    pub const fn expect(mut self, outcome: Expected) -> Self {
        self.expectation.outcome = outcome;
        self
    }

    /// What it says on other kernels.
    pub const fn except(mut self, changes: &'static [(Kernels, Change)]) -> Self {
        self.expectation.changes = changes;
        self
    }

    /// Register states that teach.
    pub const fn states(mut self, states: &'static [StateAt]) -> Self {
        self.expectation.states = states;
        self
    }

    /// The classes of the fault where that isn't the case's own: kernels on which something else comes first, and twins of
    /// accepted programs, whose fault is a plain one.
    pub const fn fault(mut self, faults: &'static [(Kernels, &'static str)]) -> Self {
        self.expectation.faults = faults;
        self
    }

    /// The nearest program with the other verdict.
    pub const fn twin(mut self, twin: Twin) -> Self {
        self.twin = Some(twin);
        self
    }

    /// Assembles the program.
    ///
    /// # Errors
    /// The mistakes in it.
    pub fn build(&self) -> Result<Program, AsmErrors> {
        self.body.build(self.prog_type)
    }

    /// What the BTF of one of its programs is to be: if it wants some, or has source lines.
    pub fn btf_of(&self, program: &Program) -> Option<KernelRecords> {
        let has_lines = program.items.iter().any(|item| item.source.is_some());
        (self.with_btf || has_lines).then(|| kernel_records(program))
    }

    /// How one of its programs, or a changed one, is loaded: by whom, with which flags and which BTF, for the log that its
    /// expectation is about.
    pub fn attempt(&self, program: Program) -> Attempt {
        let typed = self.typed_maps.then(|| kernel_records_with_maps(&program).ok()).flatten();
        let (btf, map_types) = match typed {
            Some((btf, types)) => (Some(btf), types),
            None => (self.btf_of(&program), Vec::new()),
        };
        Attempt::new(program)
            .with_btf(btf)
            .with_map_types(map_types)
            .with_flags(self.flags)
            .by(self.privilege)
            .at_level(self.log_level)
    }

    /// The twin's program, if there is one.
    ///
    /// # Errors
    /// The mistakes in it.
    pub fn build_twin(&self) -> Option<Result<Program, AsmErrors>> {
        self.twin.as_ref().map(|twin| twin.body.build(self.prog_type))
    }
}

impl Twin {
    /// A twin with what is different and its instructions.
    pub const fn new(change: &'static str, body: fn(&mut Asm)) -> Self {
        Self { change, body: Body::Instructions(body), expectation: NO_EXPECTATION }
    }

    /// A twin from elsewhere.
    pub const fn whole_program(change: &'static str, program: fn() -> Program) -> Self {
        Self { change, body: Body::Program(program), expectation: NO_EXPECTATION }
    }

    /// What the verifier says.
    pub const fn expect(mut self, outcome: Expected) -> Self {
        self.expectation.outcome = outcome;
        self
    }

    /// What it says on other kernels.
    pub const fn except(mut self, changes: &'static [(Kernels, Change)]) -> Self {
        self.expectation.changes = changes;
        self
    }

    /// Register states that teach.
    pub const fn states(mut self, states: &'static [StateAt]) -> Self {
        self.expectation.states = states;
        self
    }

    /// The classes of the fault where that isn't the case's own: kernels on which something else comes first, and twins of
    /// accepted programs, whose fault is a plain one.
    pub const fn fault(mut self, faults: &'static [(Kernels, &'static str)]) -> Self {
        self.expectation.faults = faults;
        self
    }
}

impl Body {
    fn build(&self, prog_type: ProgType) -> Result<Program, AsmErrors> {
        match self {
            Self::Instructions(body) => {
                let mut a = Asm::new("case", prog_type);
                // What a kernel doesn't know yet, and what has no end, is for the kernel to say.
                a.isa(IsaLevel::Later).allow_falling_off();
                body(&mut a);
                a.finish()
            }
            Self::Program(program) => Ok(program()),
        }
    }
}
