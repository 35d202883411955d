//! Jumps, joins, loops and exits.

use std::marker::PhantomData;

use super::context::Context;
use super::flow::{At, FlowError, Id, Use};
use super::kind::Answer;
use super::map::Value;
use super::packet::Packet;
use super::register::Register;
use super::scalar::{Operands, Scalar, Test};
use super::{Label, Typed, Writer, here};
use crate::builder::Target;
use crate::insn::{AluOp, Cond, Insn, Source};
use crate::reg::{Reg, Width};

/// Values that a [`Join`] or a loop carries: numbers, pointers, packets, and tuples of them.
pub trait Carry: Sized {
    #[doc(hidden)]
    fn take(next: &mut dyn FnMut() -> Carried) -> Self;
}

/// What brings values to a join that wants `T`: the values themselves, or references to those that can't be copied.
#[diagnostic::on_unimplemented(
    message = "this join wants `{T}`, and `{Self}` is something else",
    note = "a jump brings the values that the join was made for, in the same order"
)]
pub trait Bring<T> {
    #[doc(hidden)]
    fn visit(&self, f: &mut dyn FnMut(Carried));
}

/// A carried value, for [`Carry`].
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Carried(Use);

impl Carried {
    /// A value that is nowhere, to count with.
    pub(super) const fn nowhere() -> Self {
        Self(Use::NOWHERE)
    }

    pub(super) const fn of(used: Use) -> Self {
        Self(used)
    }

    pub(super) const fn used(self) -> Use {
        self.0
    }
}

impl<H, const MAX: u64> Carry for Scalar<H, MAX> {
    fn take(next: &mut dyn FnMut() -> Carried) -> Self {
        Self::at(next().0)
    }
}

impl<H, const MAX: u64> Bring<Self> for Scalar<H, MAX> {
    fn visit(&self, f: &mut dyn FnMut(Carried)) {
        f(Carried(self.used));
    }
}

impl<H, V> Carry for Value<H, V> {
    fn take(next: &mut dyn FnMut() -> Carried) -> Self {
        Self::at(next().0)
    }
}

impl<H, V> Bring<Self> for Value<H, V> {
    fn visit(&self, f: &mut dyn FnMut(Carried)) {
        f(Carried(self.used));
    }
}

impl<H, K> Carry for Answer<H, K> {
    fn take(next: &mut dyn FnMut() -> Carried) -> Self {
        Self::at(next().0)
    }
}

impl<H, K> Bring<Self> for Answer<H, K> {
    fn visit(&self, f: &mut dyn FnMut(Carried)) {
        f(Carried(self.used));
    }
}

impl<W> Carry for Packet<W> {
    fn take(next: &mut dyn FnMut() -> Carried) -> Self {
        Self::new(next().0, next().0)
    }
}

impl<W> Bring<Self> for Packet<W> {
    fn visit(&self, f: &mut dyn FnMut(Carried)) {
        f(Carried(self.cursor));
        f(Carried(self.end));
    }
}

impl<T, B: Bring<T>> Bring<T> for &B {
    fn visit(&self, f: &mut dyn FnMut(Carried)) {
        (**self).visit(f);
    }
}

macro_rules! carry_tuples {
    ($(($($name:ident $bring:ident $index:tt),*))*) => {
        $(impl<$($name: Carry),*> Carry for ($($name,)*) {
            fn take(next: &mut dyn FnMut() -> Carried) -> Self {
                ($($name::take(next),)*)
            }
        }

        impl<$($name,)* $($bring: Bring<$name>),*> Bring<($($name,)*)> for ($($bring,)*) {
            fn visit(&self, f: &mut dyn FnMut(Carried)) {
                $(self.$index.visit(f);)*
            }
        })*
    };
}

impl<A: Carry> Carry for (A,) {
    fn take(next: &mut dyn FnMut() -> Carried) -> Self {
        (A::take(next),)
    }
}

carry_tuples! {
    (A X 0, B Y 1)
    (A X 0, B Y 1, C Z 2)
    (A X 0, B Y 1, C Z 2, D W 3)
    (A X 0, B Y 1, C Z 2, D W 3, E V 4)
}

impl<K> Carry for Context<K> {
    fn take(next: &mut dyn FnMut() -> Carried) -> Self {
        Self::new(next().0)
    }
}

fn uses<T>(values: &impl Bring<T>) -> Vec<Use> {
    let mut uses = Vec::new();
    values.visit(&mut |carried| uses.push(carried.0));
    uses
}

pub(super) fn values<T: Carry>(uses: &[Use]) -> T {
    let mut next = uses.iter();
    T::take(&mut || Carried(*next.next().expect("a value takes as many registers as it was visited with")))
}

fn registers(uses: &[Use]) -> String {
    uses.iter().map(|used| used.reg().to_string()).collect::<Vec<_>>().join(", ")
}

/// A label that values come to: every jump brings them, in the same registers.
///
/// Where ways with different values meet, this is how the values after the join are named: [`Writer::goto_with`] on each way,
/// [`Writer::bind_with`] where they meet.
#[derive(Debug)]
#[must_use]
pub struct Join<T> {
    label: Label,
    /// Where the first jump brings the values, with their ids after the join; empty before it.
    wanted: Vec<Use>,
    types: PhantomData<T>,
}

/// # Labels and jumps
impl Writer {
    /// Makes a label; see [`Asm::label`](crate::Asm::label).
    #[track_caller]
    pub fn label(&self, name: &str) -> Label {
        let label = self.asm.borrow_mut().label(name.to_owned());
        let known = self.flow.borrow_mut().label();
        debug_assert_eq!(known, label.position());
        label
    }

    /// Puts a label before the next instruction. What holds on all ways that meet here still holds.
    #[track_caller]
    pub fn bind(&self, label: Label) {
        self.bind_at(label, here());
    }

    #[track_caller]
    pub(super) fn bind_at(&self, label: Label, at: At) {
        self.asm.borrow_mut().bind(label);
        self.flow.borrow_mut().bind(label.position(), at);
    }

    /// `goto label`.
    #[track_caller]
    pub fn goto(&self, to: Label) {
        self.goto_at(to, &[], here());
    }

    fn goto_at(&self, to: Label, restamp: &[(Use, Id)], at: At) {
        self.jump_insn(Insn::Goto { off: 0 }, to, restamp, at);
        self.flow.borrow_mut().end();
    }

    /// `if test goto label`.
    #[track_caller]
    pub fn goto_if(&self, test: Test, to: Label) {
        self.jump_if(&test, to, here());
    }

    pub(super) fn jump_if(&self, test: &Test, to: Label, at: At) {
        self.jump_if_with(test, to, &[], at);
    }

    fn jump_if_with(&self, test: &Test, to: Label, restamp: &[(Use, Id)], at: At) {
        self.check(test.left, at);
        if let Some(right) = test.right {
            self.check(right, at);
        }
        let condition = test.condition;
        let (width, cond, dst, src) = (condition.width, condition.cond, condition.dst, condition.src);
        self.jump_insn(Insn::JumpIf { width, cond, dst, src, off: 0 }, to, restamp, at);
    }

    pub(super) fn jump_insn(&self, insn: Insn, to: Label, restamp: &[(Use, Id)], at: At) {
        self.emit_to(insn, Target::Label(to), at);
        self.flow.borrow_mut().jump(to.position(), restamp, at);
    }

    pub(super) fn exit_with(&self, result: &Operands, at: At) {
        if let Some(used) = result.used {
            self.check(used, at);
        }
        if result.source != Source::Reg(Reg::R0) {
            self.mov(Reg::R0, result.source, at);
        }
        self.emit(Insn::Exit, at);
        self.flow.borrow_mut().leave(at);
    }
}

/// # Choices
impl Writer {
    /// Goes where the first fitting number leads, and to `otherwise` where none fits: `if number == … goto …` for each, in their
    /// order, and `goto otherwise`.
    ///
    /// ```
    /// use knockwright_asm::typed::{R1, Typed, XdpAction, xdp_md};
    ///
    /// let (p, context) = Typed::xdp("queues");
    /// let [drop, aborted, pass] = ["drop", "aborted", "pass"].map(|name| p.label(name));
    /// let queue = p.read(R1, &context, xdp_md::RX_QUEUE_INDEX);
    /// p.choose(queue, &[(0, drop), (1, drop), (2, aborted)], pass);
    /// for (label, action) in [(drop, XdpAction::Drop), (aborted, XdpAction::Aborted), (pass, XdpAction::Pass)] {
    ///     p.bind(label);
    ///     p.exit(action);
    /// }
    /// assert!(p.finish().is_ok());
    /// ```
    ///
    /// # Panics
    /// If a number stands there twice.
    #[track_caller]
    pub fn choose<H, const MAX: u64>(&self, number: Scalar<H, MAX>, ways: &[(i32, Label)], otherwise: Label) {
        let at = here();
        for (index, (wanted, label)) in ways.iter().enumerate() {
            let is_repeated = ways[..index].iter().any(|(before, _)| before == wanted);
            assert!(!is_repeated, "{wanted} leads to two places");
            self.jump_if_with(&number.eq(*wanted), *label, &[], at);
        }
        self.goto_at(otherwise, &[], at);
    }
}

/// # Joins
impl Writer {
    /// Makes a label that values come to.
    #[track_caller]
    pub fn join<T: Carry>(&self, name: &str) -> Join<T> {
        Join { label: self.label(name), wanted: Vec::new(), types: PhantomData }
    }

    /// Takes note of what a way brings to a join: each value here, and its id after the join.
    fn arrive<T: Carry>(&self, join: &mut Join<T>, brought: &impl Bring<T>, at: At) -> Vec<(Use, Id)> {
        let brought = uses(brought);
        for used in &brought {
            self.check(*used, at);
        }
        let mut flow = self.flow.borrow_mut();
        if join.wanted.is_empty() {
            join.wanted = brought.iter().map(|used| Use { id: flow.new_id(), ..*used }).collect();
        }
        let pairs = brought.iter().zip(&join.wanted);
        if pairs.clone().any(|(here, there)| here.holder != there.holder) {
            let (found, wanted) = (registers(&brought), registers(&join.wanted));
            flow.errors.push(FlowError::JoinElsewhere { at: at.into(), found, wanted });
        }
        pairs.map(|(here, there)| (*here, there.id)).collect()
    }

    /// `goto join`, with the values that it wants.
    #[track_caller]
    pub fn goto_with<T: Carry>(&self, join: &mut Join<T>, values: impl Bring<T>) {
        let at = here();
        let restamp = self.arrive(join, &values, at);
        self.goto_at(join.label, &restamp, at);
    }

    /// `if test goto join`, with the values that it wants.
    #[track_caller]
    pub fn goto_if_with<T: Carry>(&self, test: Test, join: &mut Join<T>, values: impl Bring<T>) {
        let at = here();
        let restamp = self.arrive(join, &values, at);
        self.jump_if_with(&test, join.label, &restamp, at);
    }

    /// Puts the join here, where only its jumps lead.
    ///
    /// # Panics
    /// If nothing jumps to it.
    #[track_caller]
    pub fn bind_with<T: Carry>(&self, join: Join<T>) -> T {
        assert!(!join.wanted.is_empty(), "a join that nothing jumps to has no values");
        self.bind_at(join.label, here());
        values(&join.wanted)
    }

    /// Puts the join here, where the way from above brings its values too.
    #[track_caller]
    pub fn meet<T: Carry>(&self, mut join: Join<T>, values: impl Bring<T>) -> T {
        let at = here();
        for (here, id) in self.arrive(&mut join, &values, at) {
            self.flow.borrow_mut().adopt(here, id);
        }
        self.bind_with(join)
    }
}

/// # Loops
impl<K> Typed<K> {
    /// A loop of at most `TIMES` rounds: `counter = TIMES; head: …; counter -= 1; if counter != 0 goto head; goto exhausted`.
    ///
    /// The body gets what is carried, and gives back what the next round gets, in the same registers. It leaves the loop by
    /// jumps. There are no calls in it: they would take the scratch registers.
    #[track_caller]
    pub fn repeat<'p, const TIMES: u32, T: Carry + Bring<T>>(
        &'p self,
        counter: impl Register,
        carried: T,
        exhausted: Label,
        body: impl FnOnce(&'p Self, T) -> T,
    ) {
        let at = here();
        self.rounds::<TIMES, T>(number(counter), carried, at, |carried| body(self, carried));
        self.goto_at(exhausted, &[], at);
    }

    /// A loop of `TIMES` rounds, and what it comes to: `counter = TIMES; head: …; counter -= 1; if counter != 0 goto head`.
    ///
    /// The body gets what is carried, and gives back what the next round gets, in the same registers; after the last round that is
    /// the value of the loop. There are no calls in it: they would take the scratch registers.
    ///
    /// ```
    /// use knockwright_asm::typed::{R1, R2, Typed, XdpAction};
    ///
    /// let (p, _context) = Typed::xdp("powers");
    /// let one = p.word(R1, 1);
    /// let power = p.repeat_to_end::<10, _>(R2, one, |p, power| p.mul(power, 3));
    /// let out = p.label("out");
    /// p.goto_if(power.eq(59049), out);
    /// p.exit(XdpAction::Aborted);
    /// p.bind(out);
    /// p.exit(XdpAction::Pass);
    /// assert!(p.finish().is_ok());
    /// ```
    #[track_caller]
    pub fn repeat_to_end<'p, const TIMES: u32, T: Carry + Bring<T>>(
        &'p self,
        counter: impl Register,
        carried: T,
        body: impl FnOnce(&'p Self, T) -> T,
    ) -> T {
        self.rounds::<TIMES, T>(number(counter), carried, here(), |carried| body(self, carried))
    }
}

/// # Loops
impl Writer {
    /// As [`Typed::repeat`].
    #[track_caller]
    pub fn repeat<'p, const TIMES: u32, T: Carry + Bring<T>>(
        &'p self,
        counter: impl Register,
        carried: T,
        exhausted: Label,
        body: impl FnOnce(&'p Self, T) -> T,
    ) {
        let at = here();
        self.rounds::<TIMES, T>(number(counter), carried, at, |carried| body(self, carried));
        self.goto_at(exhausted, &[], at);
    }

    /// As [`Typed::repeat_to_end`].
    #[track_caller]
    pub fn repeat_to_end<'p, const TIMES: u32, T: Carry + Bring<T>>(
        &'p self,
        counter: impl Register,
        carried: T,
        body: impl FnOnce(&'p Self, T) -> T,
    ) -> T {
        self.rounds::<TIMES, T>(number(counter), carried, here(), |carried| body(self, carried))
    }

    fn rounds<const TIMES: u32, T: Carry + Bring<T>>(
        &self,
        counter: Reg,
        carried: T,
        at: At,
        body: impl FnOnce(T) -> T,
    ) -> T {
        const { assert!(TIMES > 0 && TIMES <= i32::MAX as u32, "a loop has at least one round") };
        self.mov(counter, Source::Imm(TIMES as i32), at);
        let rounds = self.written(counter, at);
        let before = uses(&carried);
        for used in &before {
            self.check(*used, at);
        }
        let head = self.label("head");
        self.bind_at(head, at);
        let (state, inside) = self.flow.borrow_mut().head(&before, rounds, at);
        let after = body(values(&inside));
        let end = uses(&after);
        for used in &end {
            self.check(*used, at);
        }
        let mut flow = self.flow.borrow_mut();
        if end.iter().zip(&before).any(|(end, before)| end.holder != before.holder) {
            let (found, wanted) = (registers(&end), registers(&before));
            flow.errors.push(FlowError::JoinElsewhere { at: at.into(), found, wanted });
        }
        flow.check(rounds, at);
        flow.back(&state, &before, at);
        drop(flow);
        self.emit(Insn::Alu { width: Width::W64, op: AluOp::Sub, dst: counter, src: Source::Imm(1) }, at);
        let again =
            Insn::JumpIf { width: Width::W64, cond: Cond::Ne, dst: counter, src: Source::Imm(0), off: 0 };
        self.emit_to(again, Target::Label(head), at);
        after
    }
}

fn number<R: Register>(_: R) -> Reg {
    R::REG
}
