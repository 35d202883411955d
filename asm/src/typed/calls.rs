//! Calls of any helper: its arguments are what its row says, and its program is one that has it.

use super::context::Context;
use super::flow::Use;
use super::kind::Kind;
use super::map::{Map, Outcome, Value};
use super::scalar::{Index, Operands, Scalar, Word};
use super::stack::{Init, Uninit};
use super::{At, Typed, Writer, here};
use crate::builder::{FnRef, MapRef};
use crate::insn::{AluOp, Imm64, Insn, Source};
use crate::layout::BpfType;
use crate::reg::{Reg, Width};
use knockwright_linux::helper::{Argument, HelperType, Prototype, Returns, Signature};
use knockwright_linux::{Helper, MapTypes, ProgType};

/// How long the result of a call lives in `r0`: until the next call, or until something else is written there. No lifetime says so,
/// since the call that gave it has borrowed the program mutably: [`Typed::finish`] reports a use after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UntilCall;

/// What one register of a call gets.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    Number,
    Context,
    /// A map that is of one of these types.
    Map(MapTypes),
    Readable,
    /// Room of so many bytes, aligned to so many.
    Written(u32, u32),
    Bytes,
    Null,
}

/// What a register is set to, and the value that this counts on.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Passed {
    from: From,
    used: Option<Use>,
}

/// Where an argument comes from.
#[derive(Debug, Clone, Copy)]
enum From {
    Source(Source),
    Wide(u64),
    Frame(i32),
    Map(MapRef),
    Function(FnRef),
}

impl Passed {
    pub(super) fn operand(operands: Operands) -> Self {
        Self { from: From::Source(operands.source), used: operands.used }
    }

    pub(super) fn map(map: MapRef) -> Self {
        Self { from: From::Map(map), used: None }
    }

    pub(super) fn function(function: FnRef) -> Self {
        Self { from: From::Function(function), used: None }
    }

    pub(super) fn register(used: Use) -> Self {
        Self { from: From::Source(Source::Reg(used.reg())), used: Some(used) }
    }

    /// The address of what the stack holds.
    pub(super) fn init<T>(value: &Init<T>) -> Self {
        Self { from: From::Frame(value.offset), used: Some(value.used) }
    }

    /// The address of room on the stack, at an offset from the frame pointer.
    pub(super) fn room(offset: i32) -> Self {
        Self { from: From::Frame(offset), used: None }
    }

    pub(super) fn wide(number: u64) -> Self {
        Self { from: From::Wide(number), used: None }
    }

    pub(super) fn number(number: i32) -> Self {
        Self { from: From::Source(Source::Imm(number)), used: None }
    }
}

/// What is passed for one argument of a helper, or for two: memory comes with its size.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no argument of a helper",
    note = "numbers, the context, maps, what the stack holds (`&init`), room on it (`place.out()`), and memory with its size (`memory.sized()`) are"
)]
pub trait Arg<K> {
    /// What its registers get.
    #[doc(hidden)]
    const GIVEN: &'static [Given];
    /// The values that must still be there.
    #[doc(hidden)]
    fn set(&self, set: &mut dyn FnMut(Passed));
    /// Takes note of what the call has written.
    #[doc(hidden)]
    fn written(&self, _: &Writer, _: At) {}
}

macro_rules! numbers {
    ($([$($generics:tt)*] $ty:ty;)*) => {
        $(impl<K, $($generics)*> Arg<K> for $ty {
            const GIVEN: &'static [Given] = &[Given::Number];

            fn set(&self, set: &mut dyn FnMut(Passed)) {
                let operand = super::scalar::Operand::operand(self);
                set(Passed::operand(operand));
            }
        })*
    };
}

numbers! {
    [] i32;
    [H, const MAX: u64] Scalar<H, MAX>;
    [H, const N: usize] Index<H, N>;
}

impl<K> Arg<K> for &Context<K> {
    const GIVEN: &'static [Given] = &[Given::Context];

    fn set(&self, set: &mut dyn FnMut(Passed)) {
        set(Passed::register(self.used()));
    }
}

impl<K, A, B> Arg<K> for Map<A, B> {
    const GIVEN: &'static [Given] = &[Given::Map(KEYED)];

    fn set(&self, set: &mut dyn FnMut(Passed)) {
        set(Passed::map(self.reference()));
    }
}

impl<K, T> Arg<K> for &Init<T> {
    const GIVEN: &'static [Given] = &[Given::Readable];

    fn set(&self, set: &mut dyn FnMut(Passed)) {
        set(Passed::init(self));
    }
}

impl<K, H, V> Arg<K> for &Value<H, V> {
    const GIVEN: &'static [Given] = &[Given::Readable];

    fn set(&self, set: &mut dyn FnMut(Passed)) {
        set(Passed::register(self.used));
    }
}

/// NULL, for an argument that may be it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Null;

impl<K> Arg<K> for Null {
    const GIVEN: &'static [Given] = &[Given::Null];

    fn set(&self, set: &mut dyn FnMut(Passed)) {
        set(Passed::number(0));
    }
}

/// Memory and its size, two arguments; see [`Init::sized`].
#[derive(Debug, Clone, Copy)]
pub struct WithSize<P> {
    memory: P,
    bytes: u32,
}

/// Room on the stack that the helper writes; see [`Uninit::out`].
#[derive(Debug, Clone, Copy)]
pub struct Out<'a, T> {
    place: &'a Uninit<T>,
}

impl<T: BpfType> Init<T> {
    /// This memory and its size, for a helper that takes both.
    pub fn sized(&self) -> WithSize<&Self> {
        WithSize { memory: self, bytes: T::TYPE.size() }
    }
}

impl<H, V: BpfType> Value<H, V> {
    /// This memory and its size, for a helper that takes both.
    pub fn sized(&self) -> WithSize<&Self> {
        WithSize { memory: self, bytes: V::TYPE.size() }
    }
}

impl Null {
    /// NULL and no bytes, for a helper that takes memory and its size.
    pub fn sized(self) -> WithSize<Self> {
        WithSize { memory: self, bytes: 0 }
    }
}

impl<T: BpfType> Uninit<T> {
    /// This room, for a helper that writes it: [`Typed::call`] gives an [`Init`] of it with [`Uninit::written`] afterwards.
    pub fn out(&self) -> Out<'_, T> {
        Out { place: self }
    }

    /// This room and its size, for a helper that writes it and takes both.
    pub fn out_sized(&self) -> WithSize<Out<'_, T>> {
        WithSize { memory: self.out(), bytes: T::TYPE.size() }
    }
}

/// What a [`Map`] may be: a map whose keys programs look up and change.
pub(super) const KEYED: MapTypes = match Helper::MapUpdateElem.prototype_for(ProgType::Xdp) {
    Some(row) => row.maps,
    None => MapTypes::NONE,
};

impl<K, P: Memory> Arg<K> for WithSize<P> {
    const GIVEN: &'static [Given] = &[P::GIVEN, Given::Bytes];

    fn set(&self, set: &mut dyn FnMut(Passed)) {
        set(self.memory.passed());
        set(Passed::number(self.bytes as i32));
    }

    fn written(&self, writer: &Writer, at: At) {
        self.memory.after(writer, at);
    }
}

impl<K, T: BpfType> Arg<K> for Out<'_, T> {
    const GIVEN: &'static [Given] = &[Given::Written(T::TYPE.size(), T::TYPE.align())];

    fn set(&self, set: &mut dyn FnMut(Passed)) {
        set(self.passed());
    }

    fn written(&self, writer: &Writer, at: At) {
        self.after(writer, at);
    }
}

/// Memory of a known size.
#[doc(hidden)]
pub trait Memory {
    const GIVEN: Given;
    fn passed(&self) -> Passed;
    fn after(&self, _: &Writer, _: At) {}
}

impl<T> Memory for &Init<T> {
    const GIVEN: Given = Given::Readable;

    fn passed(&self) -> Passed {
        Passed::init(self)
    }
}

impl<H, V> Memory for &Value<H, V> {
    const GIVEN: Given = Given::Readable;

    fn passed(&self) -> Passed {
        Passed::register(self.used)
    }
}

impl Memory for Null {
    const GIVEN: Given = Given::Null;

    fn passed(&self) -> Passed {
        Passed::number(0)
    }
}

impl<T: BpfType> Memory for Out<'_, T> {
    const GIVEN: Given = Given::Written(T::TYPE.size(), T::TYPE.align());

    fn passed(&self) -> Passed {
        Passed::room(self.place.offset)
    }

    fn after(&self, writer: &Writer, at: At) {
        writer.flow.borrow_mut().write(self.place.holder, at);
    }
}

/// The arguments of a call: a tuple of up to five [`Arg`]s.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are no arguments of a helper",
    note = "they are a tuple: `(&context, 0)`"
)]
pub trait Args<K> {
    #[doc(hidden)]
    const GIVEN: &'static [&'static [Given]];
    #[doc(hidden)]
    fn each(&self, set: &mut dyn FnMut(Passed));
    #[doc(hidden)]
    fn written(&self, writer: &Writer, at: At);
}

macro_rules! args {
    ($(($($name:ident $index:tt),*))*) => {
        $(impl<K, $($name: Arg<K>),*> Args<K> for ($($name,)*) {
            const GIVEN: &'static [&'static [Given]] = &[$($name::GIVEN),*];

            #[allow(unused_variables)] // of no arguments
            fn each(&self, set: &mut dyn FnMut(Passed)) {
                $(self.$index.set(set);)*
            }

            #[allow(unused_variables)] // of no arguments
            fn written(&self, writer: &Writer, at: At) {
                $(self.$index.written(writer, at);)*
            }
        })*
    };
}

args! {
    ()
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
}

/// Whether what is passed is what the helper takes there.
const fn fits(argument: Argument, given: Given, maps: MapTypes) -> bool {
    use Argument as Takes;
    match given {
        Given::Number => {
            matches!(argument, Takes::Anything | Takes::Rounds)
        }
        Given::Context => matches!(argument, Takes::Ctx),
        Given::Map(may_be) => matches!(argument, Takes::Map) && may_be.without(maps).is_empty(),
        Given::Readable => matches!(
            argument,
            Takes::Key
                | Takes::MapValue
                | Takes::ValueOut
                | Takes::MemIn
                | Takes::MemInOrNull
                | Takes::MemOut
                | Takes::MemInOut
        ),
        Given::Written(bytes, align) => match argument {
            Takes::ValueOut | Takes::MemOut => true,
            Takes::FixedOut(wanted) => bytes == wanted && align == wanted,
            _ => false,
        },
        Given::Bytes => matches!(argument, Takes::Size | Takes::SizeOrZero),
        Given::Null => matches!(argument, Takes::MemInOrNull | Takes::StackOrNull),
    }
}

/// The first argument that isn't what the helper takes, from 1 on; 0 if all are, and 6 if their number is another.
const fn misfit(prototype: &Prototype, given: &[&[Given]]) -> usize {
    let mut register = 0;
    let mut at = 0;
    let Signature::Known { arguments, .. } = prototype.signature else { return 0 };
    while at < given.len() {
        let mut part = 0;
        while part < given[at].len() {
            if register >= arguments.len() {
                return 6;
            }
            // A size stands beside its memory, not alone: who passes a number there knows what it is.
            if !fits(arguments[register], given[at][part], prototype.maps) {
                return register + 1;
            }
            register += 1;
            part += 1;
        }
        at += 1;
    }
    if register == arguments.len() { 0 } else { 6 }
}

const fn gives_number(prototype: &Prototype) -> bool {
    match prototype.signature {
        Signature::Known { returns, .. } => matches!(returns, Returns::Integer | Returns::Processor),
        Signature::Outline { .. } => false,
    }
}

/// Whether some kernel gives a helper to programs of the kind.
pub(super) const fn is_given<K: Kind>(helper: Helper) -> bool {
    let to_target = match K::ATTACH {
        Some(attach) => helper.is_given_to_target(attach),
        None => None,
    };
    let given = match to_target {
        Some(given) => Some(given),
        None => helper.is_given_to(K::PROG_TYPE),
    };
    // Kernels were never asked about some: the verifier says then.
    !matches!(given, Some(false))
}

/// The row of the helper `H` for programs of the kind `K`, with everything about a call that can be known of it before.
struct Checked<H, K, A>(std::marker::PhantomData<(H, K, A)>);

impl<H: HelperType, K: Kind, A: Args<K>> Checked<H, K, A> {
    const ROW: &'static Prototype = {
        assert!(is_given::<K>(H::HELPER), "programs of this kind can't call this helper");
        let Some(row) = H::HELPER.prototype_for(K::PROG_TYPE) else {
            panic!("of this helper nothing is written down for programs of this kind")
        };
        assert!(
            matches!(row.signature, Signature::Known { .. }),
            "what this helper takes isn't written down yet: `raw` is the way"
        );
        match misfit(row, A::GIVEN) {
            0 => {}
            1 => panic!("the first argument isn't what this helper takes there"),
            2 => panic!("the second argument isn't what this helper takes there"),
            3 => panic!("the third argument isn't what this helper takes there"),
            4 => panic!("the fourth argument isn't what this helper takes there"),
            5 => panic!("the fifth argument isn't what this helper takes there"),
            _ => panic!("this helper takes another number of arguments; memory with its size counts for two"),
        }
        assert!(
            !row.moves_packet,
            "this helper moves the packet: its own method takes the packet's pointers away"
        );
        assert!(
            !row.releases,
            "this helper takes an object: its own method takes it out of the program's hands"
        );
        row
    };
    const NUMBER: () = assert!(gives_number(Self::ROW), "this helper gives no number");
}

/// # Helpers
impl<K: Kind> Typed<K> {
    /// `r0 = helper(arguments)`: calls any helper that takes numbers, memory, maps and the context, and gives a number.
    ///
    /// What it takes, and whether programs of this kind have it, is checked when the program is compiled.
    ///
    /// ```
    /// use knockwright_asm::typed::{R6, Tc, TcAction, Typed, call};
    ///
    /// let (mut p, context) = Typed::<Tc>::new("first_byte");
    /// let context = p.keep_context(R6, context);
    /// let out = p.label("out");
    /// let byte = p.uninit::<u8>();
    /// let loaded = p.call(call::SkbLoadBytes, (&context, 0, byte.out_sized()));
    /// p.goto_if(loaded.ne(0), out);
    /// p.bind(out);
    /// p.exit(TcAction::Ok);
    /// assert_eq!(p.finish()?.slot_count(), 10);
    /// # Ok::<(), knockwright_asm::typed::TypedErrors>(())
    /// ```
    #[track_caller]
    pub fn call<H: HelperType, A: Args<K>>(&mut self, _: H, arguments: A) -> Word<UntilCall> {
        const { Checked::<H, K, A>::NUMBER };
        Scalar::at(self.call_with(H::HELPER, &arguments, here()))
    }

    /// As [`Typed::call`], of a helper that gives 0 or an error.
    #[track_caller]
    pub fn try_call<H: HelperType, A: Args<K>>(&mut self, _: H, arguments: A) -> Outcome {
        const { Checked::<H, K, A>::NUMBER };
        Outcome::at(self.call_with(H::HELPER, &arguments, here()))
    }

    /// The arguments into their registers, and the call.
    fn call_with<A: Args<K>>(&mut self, helper: Helper, arguments: &A, at: At) -> Use {
        let mut passed = Vec::new();
        arguments.each(&mut |one| passed.push(one));
        self.set_arguments(passed, at);
        let used = self.call_helper(helper, at);
        arguments.written(self, at);
        used
    }
}

impl Writer {
    /// `dst += offset`, of a member's: nothing for the first.
    pub(super) fn add_offset(&self, dst: Reg, offset: u32, at: At) {
        if offset != 0 {
            let src = Source::Imm(offset as i32);
            self.emit(Insn::Alu { width: Width::W64, op: AluOp::Add, dst, src }, at);
        }
    }

    /// Sets `r1` and following, of values that must still be there.
    pub(super) fn set_arguments(&self, passed: Vec<Passed>, at: At) {
        for used in passed.iter().filter_map(|one| one.used) {
            self.check(used, at);
        }
        let registers = (1..).map_while(Reg::from_number);
        self.pass(registers.zip(passed.into_iter().map(|one| one.from)).collect(), at);
    }

    /// Sets the registers of a call, none before what comes from it is elsewhere.
    fn pass(&self, mut moves: Vec<(Reg, From)>, at: At) {
        let comes_from =
            |from: &From, reg: Reg| matches!(from, From::Source(Source::Reg(src)) if *src == reg);
        moves.retain(|(dst, from)| !comes_from(from, *dst));
        while let Some((first, _)) = moves.first() {
            let is_free = |(dst, _): &(Reg, From)| !moves.iter().any(|(_, from)| comes_from(from, *dst));
            let Some(free) = moves.iter().position(is_free) else {
                // Each waits for another: a call takes r0 anyway.
                let first = *first;
                self.mov(Reg::R0, Source::Reg(first), at);
                for (_, from) in moves.iter_mut().filter(|(_, from)| comes_from(from, first)) {
                    *from = From::Source(Source::Reg(Reg::R0));
                }
                continue;
            };
            let (dst, from) = moves.remove(free);
            match from {
                From::Source(source) => self.mov(dst, source, at),
                From::Wide(number) => {
                    self.emit(Insn::LoadImm64 { dst, value: Imm64::Const(number) }, at);
                }
                From::Frame(offset) => {
                    self.mov(dst, Source::Reg(Reg::R10), at);
                    let src = Source::Imm(offset);
                    self.emit(Insn::Alu { width: Width::W64, op: AluOp::Add, dst, src }, at);
                }
                From::Map(map) => self.load_map(dst, map, at),
                From::Function(function) => self.load_function(dst, function, at),
            }
        }
    }
}

impl<T> Uninit<T> {
    /// What a call wrote there.
    #[track_caller]
    pub fn written(self, p: &Writer) -> Init<T> {
        p.taken(self)
    }
}
