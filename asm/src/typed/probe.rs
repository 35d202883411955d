//! Probes: the registers of a machine, with the places of a function's arguments and of its result.

use std::marker::PhantomData;

use super::context::{BpfRawTracepointArgs, Context, ContextField, ContextStruct, place};
use super::kind::{Action, Kind, ProbeAction, RawTracepoint, Returns, sealed};
use super::register::Register;
use super::scalar::{Operand, Operands, Scalar, Word};
use super::{At, Typed, here};
use crate::insn::Insn;
use crate::reg::{Reg, Size};
use knockwright_linux::context::{Context as Layout, Machine, bpf_perf_event_data, pt_regs};
use knockwright_linux::{AttachType, ProgType};

/// A machine on which a probe's program runs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no machine",
    note = "`X86_64`, `Arm64` and `Riscv64` are, and `Native` is the one that this is compiled for"
)]
pub trait ProbeMachine: sealed::Sealed + 'static {
    /// The machine, by which rows say where things are.
    const MACHINE: Machine;
}

macro_rules! machines {
    ($($name:ident $arch:literal $text:literal;)*) => {
        $(#[doc = concat!($text, ", as a machine whose registers programs read.")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {}

        impl sealed::Sealed for $name {}
        impl ProbeMachine for $name {
            const MACHINE: Machine = Machine::$name;
        }

        /// The machine that this is compiled for, which in a build script is the one that builds. There is none where it's another
        /// one than these.
        #[cfg(target_arch = $arch)]
        pub type Native = $name;)*
    };
}

machines! {
    X86_64 "x86_64" "x86-64";
    Arm64 "aarch64" "64-bit Arm";
    Riscv64 "riscv64" "64-bit RISC-V";
}

/// `struct pt_regs` of a machine: the context of programs on probes.
#[derive(Debug)]
pub struct PtRegs<M>(PhantomData<fn() -> M>);

impl<M: ProbeMachine> ContextStruct for PtRegs<M> {
    const LAYOUT: &'static Layout = pt_regs::context(M::MACHINE);
}

/// `struct bpf_perf_event_data` of a machine: the context of programs on performance events.
#[derive(Debug)]
pub struct BpfPerfEventData<M>(PhantomData<fn() -> M>);

impl<M: ProbeMachine> ContextStruct for BpfPerfEventData<M> {
    const LAYOUT: &'static Layout = bpf_perf_event_data::context(M::MACHINE);
}

/// The place of a member that is the same on all machines.
const fn shared_place(name: &str) -> usize {
    let first = place(name, bpf_perf_event_data::context(Machine::ALL[0]));
    let mut next = 0;
    while next < Machine::ALL.len() {
        assert!(place(name, bpf_perf_event_data::context(Machine::ALL[next])) == first);
        next += 1;
    }
    first
}

const SAMPLE_PERIOD: usize = shared_place("sample_period");
const ADDR: usize = shared_place("addr");

impl<M: ProbeMachine> BpfPerfEventData<M> {
    /// The period of the samples at this one.
    pub const SAMPLE_PERIOD: ContextField<Self, SAMPLE_PERIOD, u64> = ContextField::new();
    /// The address that the sample is about.
    pub const ADDR: ContextField<Self, ADDR, u64> = ContextField::new();
}

/// The registers of machines by name, for [`Typed::read`](super::Typed::read).
macro_rules! registers {
    ($($module:ident $machine:ident: $($name:ident)*;)*) => {
        /// The registers that programs on probes read, by machine and name.
        pub mod registers {
            $(#[doc = concat!("Those of [`", stringify!($machine), "`](crate::typed::", stringify!($machine), ").")]
            pub mod $module {
                use crate::typed::context::{ContextField, ContextStruct, place};
                use crate::typed::probe::{$machine, PtRegs};
                use knockwright_linux::context::pt_regs::$module as rows;

                $(#[doc = concat!("See [`", stringify!($name), "`](rows::", stringify!($name), ").")]
                pub const $name: ContextField<
                    PtRegs<$machine>,
                    { place(rows::$name.name, <PtRegs<$machine> as ContextStruct>::LAYOUT) },
                    u64,
                > = ContextField::new();)*
            })*
        }
    };
}

registers! {
    x86_64 X86_64: R15 R14 R13 R12 BP BX R11 R10 R9 R8 AX CX DX SI DI ORIG_AX IP CS FLAGS SP SS;
    arm64 Arm64: SP PC PSTATE;
    riscv64 Riscv64: PC RA SP GP TP T0 T1 T2 S0 S1 A0 A1 A2 A3 A4 A5 A6 A7 S2 S3 S4 S5 S6 S7 S8 S9 S10 S11 T3 T4 T5 T6;
}

/// Declares kinds of programs that see a machine's registers.
macro_rules! probes {
    ($($(#[$meta:meta])* $name:ident: $prog_type:ident in $section:literal, $context:ident;)*) => {
        $($(#[$meta])*
        #[derive(Debug)]
        pub struct $name<M>(PhantomData<fn() -> M>);

        impl<M> sealed::Sealed for $name<M> {}
        impl<M: ProbeMachine> Kind for $name<M> {
            const PROG_TYPE: ProgType = ProgType::$prog_type;
            const ATTACH: Option<AttachType> = None;
            const SECTION: &'static str = $section;
            type Context = $context<M>;
            type Action = ProbeAction;
        }
        impl<M: ProbeMachine> Returns<$name<M>> for ProbeAction {
            fn operand(&self) -> Operands {
                Operand::operand(&Action::number(*self))
            }
        }
        impl<M: ProbeMachine> SeesRegisters for $name<M> {
            type Machine = M;
        })*
    };
}

probes! {
    /// A function of the kernel begins, or an instruction of it is reached.
    Kprobe: Kprobe in "kprobe", PtRegs;
    /// A function of the kernel ends.
    Kretprobe: Kprobe in "kretprobe", PtRegs;
    /// A function of a program of user space begins, or an instruction of it is reached.
    Uprobe: Kprobe in "uprobe", PtRegs;
    /// A function of a program of user space ends.
    Uretprobe: Kprobe in "uretprobe", PtRegs;
    /// A sample of a performance event.
    PerfEvent: PerfEvent in "perf_event", BpfPerfEventData;
}

/// Kinds of programs that see a machine's registers, at the start of their context.
#[diagnostic::on_unimplemented(
    message = "programs of the kind `{Self}` see no registers",
    note = "`Kprobe`, `Kretprobe`, `Uprobe`, `Uretprobe` and `PerfEvent` do"
)]
pub trait SeesRegisters: Kind {
    /// The machine.
    type Machine: ProbeMachine;
}

/// Kinds of programs that see arguments by their number.
#[diagnostic::on_unimplemented(
    message = "programs of the kind `{Self}` don't see arguments by their number",
    note = "`Kprobe` and `Uprobe` do, at a function's start, and `RawTracepoint`; programs for a function of the kernel's BTF have `parameter`"
)]
pub trait NumberedArguments: Kind {
    /// Where they are in the context, in bytes.
    #[doc(hidden)]
    const PLACES: &'static [u32];
}

impl<M: ProbeMachine> NumberedArguments for Kprobe<M> {
    const PLACES: &'static [u32] = pt_regs::registers(M::MACHINE).arguments;
}

impl<M: ProbeMachine> NumberedArguments for Uprobe<M> {
    const PLACES: &'static [u32] = pt_regs::registers(M::MACHINE).arguments;
}

/// Where the arguments of a trace point are.
const ARGUMENTS: [u32; 12] = {
    let row = &knockwright_linux::context::bpf_raw_tracepoint_args::ARGS;
    let mut places = [0; 12];
    let mut next = 0;
    while next < places.len() {
        places[next] = row.offset + row.size * next as u32;
        next += 1;
    }
    assert!(places[11] + row.size == row.end(), "the row has another number of arguments");
    places
};

impl NumberedArguments for RawTracepoint {
    const PLACES: &'static [u32] = {
        // The places are those of this context.
        let _: Option<BpfRawTracepointArgs> = None::<<Self as Kind>::Context>;
        &ARGUMENTS
    };
}

/// Kinds of programs that see a function's result in a register.
#[diagnostic::on_unimplemented(
    message = "programs of the kind `{Self}` don't see what a function returned",
    note = "`Kretprobe` and `Uretprobe` do; so do `Fexit` and `FmodRet`, by `result`"
)]
pub trait SeesResult: SeesRegisters {}

impl<M: ProbeMachine> SeesResult for Kretprobe<M> {}
impl<M: ProbeMachine> SeesResult for Uretprobe<M> {}

impl<K: Kind> Typed<K> {
    /// `dst = *(u64 *)(context + offset)`.
    fn context_word<H>(&self, dst: Reg, context: &Context<K>, offset: u32, at: At) -> Word<H> {
        self.check(context.used(), at);
        let base = context.used().reg();
        // Rows of contexts that are read so are far below 32768.
        self.emit(Insn::Load { size: Size::U64, dst, base, off: offset as i16 }, at);
        Scalar::at(self.written(dst, at))
    }
}

/// The place of an argument.
const fn place_of(places: &[u32], number: usize) -> u32 {
    assert!(number < places.len(), "no register holds an argument of this number");
    places[number]
}

/// # Arguments of functions and trace points
impl<K: Kind> Typed<K> {
    /// `dst = argument`: the argument of this number, from 0, by the machine's calling convention, or of the trace point.
    ///
    /// All its 64 bits: those beyond the argument's own type are whatever the caller left there.
    ///
    /// ```
    /// use knockwright_asm::typed::{Kprobe, ProbeAction, R2, Typed, X86_64};
    ///
    /// let (p, context) = Typed::<Kprobe<X86_64>>::new("opened");
    /// let out = p.label("out");
    /// let flags = p.argument::<2, _>(R2, &context); // r2 = *(u64 *)(r1 +96)
    /// p.goto_if(flags.eq(0), out);
    /// p.bind(out);
    /// p.exit(ProbeAction::Done);
    /// assert_eq!(p.finish()?.slot_count(), 4);
    /// # Ok::<(), knockwright_asm::typed::TypedErrors>(())
    /// ```
    #[track_caller]
    pub fn argument<const NUMBER: usize, R: Register>(&self, _: R, context: &Context<K>) -> Word<R::Held<'_>>
    where
        K: NumberedArguments,
    {
        self.context_word(R::REG, context, const { place_of(K::PLACES, NUMBER) }, here())
    }
}

/// # Results of functions
impl<K: Kind> Typed<K> {
    /// `dst = result`: what the function has returned, all 64 bits of the register.
    #[track_caller]
    pub fn returned<R: Register>(&self, _: R, context: &Context<K>) -> Word<R::Held<'_>>
    where
        K: SeesResult,
    {
        self.context_word(R::REG, context, const { pt_regs::registers(K::Machine::MACHINE).result }, here())
    }
}

/// # Registers
///
/// By name they are in [`registers`], for [`Typed::read`].
impl<K: SeesRegisters> Typed<K> {
    /// `dst = instruction pointer`.
    #[track_caller]
    pub fn instruction_pointer<R: Register>(&self, _: R, context: &Context<K>) -> Word<R::Held<'_>> {
        self.context_word(
            R::REG,
            context,
            const { pt_regs::registers(K::Machine::MACHINE).instruction },
            here(),
        )
    }

    /// `dst = stack pointer`.
    #[track_caller]
    pub fn stack_pointer<R: Register>(&self, _: R, context: &Context<K>) -> Word<R::Held<'_>> {
        self.context_word(R::REG, context, const { pt_regs::registers(K::Machine::MACHINE).stack }, here())
    }

    /// `dst = frame pointer`.
    #[track_caller]
    pub fn frame_pointer<R: Register>(&self, _: R, context: &Context<K>) -> Word<R::Held<'_>> {
        self.context_word(R::REG, context, const { pt_regs::registers(K::Machine::MACHINE).frame }, here())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Code;
    use crate::typed::R2;

    fn offset_of<K, const NUMBER: usize>() -> i16
    where
        K: NumberedArguments,
        ProbeAction: Returns<K>,
    {
        let (p, context) = Typed::<K>::new("p");
        let _ = p.argument::<NUMBER, _>(R2, &context);
        p.exit(ProbeAction::Done);
        let program = p.finish().expect("a program");
        match program.items[0].code {
            Code::Insn(Insn::Load { off, .. }) => off,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn arguments_are_where_the_calling_convention_has_them() {
        // System V: rdi, rsi, rdx, rcx, r8, r9; AAPCS64: x0 to x7; RISC-V: a0 to a7.
        assert_eq!(offset_of::<Kprobe<X86_64>, 0>(), 112);
        assert_eq!(offset_of::<Uprobe<X86_64>, 3>(), 88);
        assert_eq!(offset_of::<Uprobe<X86_64>, 5>(), 64);
        assert_eq!(offset_of::<Kprobe<Arm64>, 0>(), 0);
        assert_eq!(offset_of::<Kprobe<Arm64>, 7>(), 56);
        assert_eq!(offset_of::<Kprobe<Riscv64>, 0>(), 80);
        assert_eq!(offset_of::<RawTracepoint, 11>(), 88);
    }
}
