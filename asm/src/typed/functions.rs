//! Functions of the program: what they take and give, by type.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use super::calls::{Passed, UntilCall};
use super::context::Context;
use super::control::{Carry, values};
use super::flow::Use;
use super::map::Value;
use super::scalar::{Operand, Operands, Scalar, Word};
use super::stack::Init;
use super::{At, Writer, here};
use crate::builder::{FnRef, Target};
use crate::insn::{Imm64, Insn, Source};
use crate::program::Linkage;
use crate::reg::Reg;
use knockwright_linux::Helper;

/// A function of the program that takes `A`, a tuple of values, and gives `R`.
///
/// It's static: the verifier checks it at each call, with what it knows of the caller's registers.
#[derive(Debug)]
pub struct Function<A, R> {
    function: FnRef,
    types: PhantomData<fn(A) -> R>,
}

copies! { [A, R] Function<A, R>; }

/// A function that the kernel calls back, with something of the caller's stack.
#[derive(Debug)]
pub struct Callback<T> {
    function: FnRef,
    types: PhantomData<fn(T)>,
}

copies! { [T] Callback<T>; }

/// What a callback says to who calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounds {
    /// The next round.
    GoOn,
    /// No more rounds.
    Stop,
}

/// The body of a function while it's written. [`Body::give`] is its only way out.
#[derive(Debug)]
pub struct Body<'p, R> {
    writer: &'p mut Writer,
    types: PhantomData<fn() -> R>,
}

impl<R> Deref for Body<'_, R> {
    type Target = Writer;

    fn deref(&self) -> &Writer {
        self.writer
    }
}

impl<R> DerefMut for Body<'_, R> {
    fn deref_mut(&mut self) -> &mut Writer {
        self.writer
    }
}

/// What is passed where a function takes a `T`.
#[diagnostic::on_unimplemented(
    message = "the function takes `{T}`, and `{Self}` is something else",
    note = "a number has the same bound, a pointer the same type; `weaken` and guards make one of another"
)]
pub trait Pass<T> {
    #[doc(hidden)]
    fn passed(&self) -> Passed;
}

impl<H, const MAX: u64> Pass<Scalar<UntilCall, MAX>> for Scalar<H, MAX> {
    fn passed(&self) -> Passed {
        Passed::operand(Operand::operand(self))
    }
}

impl Pass<Word<UntilCall>> for i32 {
    fn passed(&self) -> Passed {
        Passed::operand(Operand::operand(self))
    }
}

impl<H, V> Pass<Value<UntilCall, V>> for &Value<H, V> {
    fn passed(&self) -> Passed {
        Passed::register(self.used)
    }
}

impl<T> Pass<Value<UntilCall, T>> for &Init<T> {
    fn passed(&self) -> Passed {
        Passed::init(self)
    }
}

impl<K> Pass<Context<K>> for &Context<K> {
    fn passed(&self) -> Passed {
        Passed::register(self.used())
    }
}

/// What a function may give as its `R`: a number, or a pointer that isn't into its own stack.
#[diagnostic::on_unimplemented(
    message = "the function gives `{R}`, and `{Self}` is something else",
    note = "a number has the same bound, a pointer the same type; `weaken` and guards make one of another"
)]
pub trait Give<R> {
    #[doc(hidden)]
    fn operands(&self) -> Operands;
}

impl<H, const MAX: u64> Give<Scalar<UntilCall, MAX>> for Scalar<H, MAX> {
    fn operands(&self) -> Operands {
        Operand::operand(self)
    }
}

impl Give<Word<UntilCall>> for i32 {
    fn operands(&self) -> Operands {
        Operand::operand(self)
    }
}

impl<H, V> Give<Value<UntilCall, V>> for &Value<H, V> {
    fn operands(&self) -> Operands {
        Operands { source: Source::Reg(self.used.reg()), used: Some(self.used) }
    }
}

impl Give<Self> for Rounds {
    fn operands(&self) -> Operands {
        Operands { source: Source::Imm(*self as i32), used: None }
    }
}

/// The arguments of a call, where the function takes the tuple `A`.
#[diagnostic::on_unimplemented(
    message = "the function takes `{A}`, and `{Self}` is something else",
    note = "arguments are a tuple in the order of the parameters: `p.call_function(function, (number, &value))`"
)]
pub trait PassAll<A> {
    #[doc(hidden)]
    fn all(&self) -> Vec<Passed>;
}

macro_rules! pass_tuples {
    ($(($($name:ident $pass:ident $index:tt),*))*) => {
        $(impl<$($name, $pass: Pass<$name>),*> PassAll<($($name,)*)> for ($($pass,)*) {
            fn all(&self) -> Vec<Passed> {
                vec![$(self.$index.passed()),*]
            }
        })*
    };
}

pass_tuples! {
    (A X 0)
    (A X 0, B Y 1)
    (A X 0, B Y 1, C Z 2)
    (A X 0, B Y 1, C Z 2, D W 3)
    (A X 0, B Y 1, C Z 2, D W 3, E V 4)
}

/// # Functions
impl Writer {
    /// Declares a function, to be called before or after its body is written.
    ///
    /// ```
    /// use knockwright_asm::typed::{R6, Scalar, Typed, UntilCall, Word, XdpAction};
    ///
    /// let (mut p, _context) = Typed::xdp("doubled");
    /// let twice = p.function::<(Scalar<UntilCall, 100>,), Word<UntilCall>>("twice");
    /// let ten = p.constant::<10, _>(R6).weaken::<100>();
    /// let twenty = p.call_function(twice, (ten,));
    /// let out = p.label("out");
    /// p.goto_if(twenty.ne(20), out);
    /// p.bind(out);
    /// p.exit(XdpAction::Pass);
    ///
    /// p.define(twice, |p, (number,)| {
    ///     let number = p.add(number, number);
    ///     p.give(number);
    /// });
    /// assert_eq!(p.finish()?.functions.len(), 2);
    /// # Ok::<(), knockwright_asm::typed::TypedErrors>(())
    /// ```
    #[track_caller]
    pub fn function<A: Carry, R: Carry>(&self, name: &str) -> Function<A, R> {
        Function { function: self.declare(name, count::<A>()), types: PhantomData }
    }

    #[track_caller]
    pub(super) fn declare(&self, name: &str, parameters: usize) -> FnRef {
        let names: Vec<String> = (1..=parameters).map(|number| format!("a{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.asm.borrow_mut().function(name, Linkage::Static, &names)
    }

    /// `r0 = function(arguments)`.
    #[track_caller]
    pub fn call_function<A, R: Carry>(&mut self, function: Function<A, R>, arguments: impl PassAll<A>) -> R {
        let at = here();
        self.set_arguments(arguments.all(), at);
        self.flow.borrow_mut().reference(function.function);
        self.emit_to(Insn::CallLocal { off: 0 }, Target::Function(function.function), at);
        self.flow.borrow_mut().call(at);
        values(&[self.written(Reg::R0, at)])
    }

    /// Writes the body of a function, after the program's own last instruction.
    #[track_caller]
    pub fn define<A: Carry, R>(&mut self, function: Function<A, R>, body: impl FnOnce(&mut Body<'_, R>, A)) {
        let uses = self.begin(function.function, count::<A>(), here());
        body(&mut Body { writer: self, types: PhantomData }, values(&uses));
    }

    /// The function's first instruction comes next, and its arguments are in `r1` and following.
    fn begin(&mut self, function: FnRef, parameters: usize, at: At) -> Vec<Use> {
        self.asm.get_mut().begin(function);
        let flow = self.flow.get_mut();
        flow.function(function, at);
        (1..=parameters).map(|number| flow.write(number, at)).collect()
    }
}

impl<R> Body<'_, R> {
    /// `r0 = value; exit`: gives the value to who called.
    #[track_caller]
    pub fn give(&self, value: impl Give<R>) {
        self.exit_with(&value.operands(), here());
    }
}

/// # Loops that the kernel goes round
impl Writer {
    /// Declares a function that [`Writer::bpf_loop`] calls, with a `T` of the caller's stack.
    #[track_caller]
    pub fn callback<T>(&self, name: &str) -> Callback<T> {
        Callback { function: self.declare(name, 2), types: PhantomData }
    }

    /// `r0 = bpf_loop(rounds, callback, data, 0)`: calls the function so many times, at most 2^23, unless it stops. Gives how
    /// often it was called, or a negative error. Linux 5.17.
    #[track_caller]
    pub fn bpf_loop<T>(
        &mut self,
        rounds: impl Operand,
        callback: Callback<T>,
        data: &Init<T>,
    ) -> Word<UntilCall> {
        let at = here();
        let rounds = Passed::operand(rounds.operand());
        let data = Passed::init(data);
        let arguments = vec![rounds, Passed::function(callback.function), data, Passed::number(0)];
        self.set_arguments(arguments, at);
        Scalar::at(self.call_helper(Helper::Loop, at))
    }

    /// Writes the body of a callback: it gets the number of the round, from 0, and the caller's `T`.
    #[track_caller]
    pub fn define_callback<T>(
        &mut self,
        callback: Callback<T>,
        body: impl FnOnce(&mut Body<'_, Rounds>, Word<UntilCall>, Value<UntilCall, T>),
    ) {
        let uses = self.begin(callback.function, 2, here());
        body(&mut Body { writer: self, types: PhantomData }, Scalar::at(uses[0]), Value::at(uses[1]));
    }

    /// Writes the body of a callback that gets a map, a key and a value, of which only the value is used.
    pub(super) fn define_for_value<V, R>(
        &mut self,
        function: FnRef,
        body: impl FnOnce(&mut Body<'_, R>, Value<UntilCall, V>),
        at: At,
    ) {
        let uses = self.begin(function, 3, at);
        body(&mut Body { writer: self, types: PhantomData }, Value::at(uses[2]));
    }

    /// `dst = function`: the address of a callback.
    pub(super) fn load_function(&self, dst: Reg, function: FnRef, at: At) {
        self.flow.borrow_mut().reference(function);
        let insn = Insn::LoadImm64 { dst, value: Imm64::Func(0) };
        self.emit_to(insn, Target::Function(function), at);
    }
}

/// How many registers the values take.
fn count<A: Carry>() -> usize {
    let mut count = 0;
    A::take(&mut || {
        count += 1;
        super::control::Carried::nowhere()
    });
    count
}
