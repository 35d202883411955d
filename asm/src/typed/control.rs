//! Jumps, joins, loops and exits.

use super::flow::{At, Id, Use};
use super::map::Value;
use super::packet::Packet;
use super::register::Register;
use super::scalar::{Operand, Scalar, Test};
use super::{Label, Typed, here};
use crate::builder::Target;
use crate::insn::{AluOp, Cond, Insn, Source};
use crate::reg::{Reg, Width};

/// Values that a [`Join`] or a loop carries: numbers, pointers, packets, and tuples of them.
pub trait Carry: Sized {
    #[doc(hidden)]
    fn visit(&self, f: &mut dyn FnMut(Carried));
    #[doc(hidden)]
    fn rebuild(&self, next: &mut dyn FnMut() -> Carried) -> Self;
}

/// A carried value, for [`Carry`].
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Carried(Use);

impl<H, const MAX: u64> Carry for Scalar<H, MAX> {
    fn visit(&self, f: &mut dyn FnMut(Carried)) {
        f(Carried(self.used));
    }

    fn rebuild(&self, next: &mut dyn FnMut() -> Carried) -> Self {
        Self::at(next().0)
    }
}

impl<H, V> Carry for Value<H, V> {
    fn visit(&self, f: &mut dyn FnMut(Carried)) {
        f(Carried(self.used));
    }

    fn rebuild(&self, next: &mut dyn FnMut() -> Carried) -> Self {
        Self::at(next().0)
    }
}

impl Carry for Packet {
    fn visit(&self, f: &mut dyn FnMut(Carried)) {
        f(Carried(self.cursor));
        f(Carried(self.end));
    }

    fn rebuild(&self, next: &mut dyn FnMut() -> Carried) -> Self {
        Self { cursor: next().0, end: next().0 }
    }
}

macro_rules! carry_tuples {
    ($(($($name:ident $index:tt),*))*) => {
        $(impl<$($name: Carry),*> Carry for ($($name,)*) {
            fn visit(&self, f: &mut dyn FnMut(Carried)) {
                $(self.$index.visit(f);)*
            }

            fn rebuild(&self, next: &mut dyn FnMut() -> Carried) -> Self {
                ($(self.$index.rebuild(next),)*)
            }
        })*
    };
}

carry_tuples! { (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3) (A 0, B 1, C 2, D 3, E 4) }

fn uses(values: &impl Carry) -> Vec<Use> {
    let mut uses = Vec::new();
    values.visit(&mut |carried| uses.push(carried.0));
    uses
}

fn rebuilt<T: Carry>(values: &T, uses: &[Use]) -> T {
    let mut next = uses.iter().copied();
    let last = uses.last().copied();
    values.rebuild(&mut || Carried(next.next().or(last).unwrap_or(Use { holder: 0, id: 0 })))
}

/// A label that values come to: every jump brings them, in the same registers.
///
/// Where ways with different values meet, this is how the values behind the join are named: [`Typed::goto_with`] on each way,
/// [`Typed::bind_with`] where they meet.
#[derive(Debug)]
#[must_use]
pub struct Join<T> {
    label: Label,
    /// The values of the first jump, and their ids behind the join.
    first: Option<(T, Vec<Use>)>,
}

/// # Labels and jumps
impl Typed {
    /// Makes a label; see [`Asm::label`](crate::Asm::label).
    #[track_caller]
    pub fn label(&self, name: &str) -> Label {
        self.label_at(name, here())
    }

    #[track_caller]
    pub(super) fn label_at(&self, name: &str, _: At) -> Label {
        let label = self.asm.borrow_mut().label(name);
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

    /// `r0 = number; exit`.
    #[track_caller]
    pub fn exit(&self, result: impl Operand) {
        let at = here();
        let result = result.operand();
        if let Some(used) = result.used {
            self.check(used, at);
        }
        self.mov(Reg::R0, result.source, at);
        self.emit(Insn::Exit, at);
        self.flow.borrow_mut().end();
    }
}

/// # Joins
impl Typed {
    /// Makes a label that values come to.
    #[track_caller]
    pub fn join<T: Carry>(&self, name: &str) -> Join<T> {
        Join { label: self.label_at(name, here()), first: None }
    }

    /// Takes note of what a way brings to a join: the pairs of each value here and its id behind the join.
    fn arrive<T: Carry>(&self, join: &mut Join<T>, values: &T, at: At) -> Vec<(Use, Id)> {
        let brought = uses(values);
        for used in &brought {
            self.check(*used, at);
        }
        let mut flow = self.flow.borrow_mut();
        let (_, wanted) = join.first.get_or_insert_with(|| {
            let renamed: Vec<Use> = brought.iter().map(|used| Use { id: flow.new_id(), ..*used }).collect();
            (rebuilt(values, &renamed), renamed)
        });
        let registers =
            |uses: &[Use]| uses.iter().map(|used| used.reg().to_string()).collect::<Vec<_>>().join(", ");
        if brought.iter().zip(wanted.iter()).any(|(here, there)| here.holder != there.holder) {
            let (found, wanted) = (registers(&brought), registers(wanted));
            flow.errors.push(super::FlowError::JoinElsewhere { at: at.into(), found, wanted });
        }
        brought.iter().zip(wanted.iter()).map(|(here, there)| (*here, there.id)).collect()
    }

    /// `goto join`, with the values that it wants.
    #[track_caller]
    pub fn goto_with<T: Carry>(&self, join: &mut Join<T>, values: &T) {
        let at = here();
        let restamp = self.arrive(join, values, at);
        self.goto_at(join.label, &restamp, at);
    }

    /// `if test goto join`, with the values that it wants.
    #[track_caller]
    pub fn goto_if_with<T: Carry>(&self, test: Test, join: &mut Join<T>, values: &T) {
        let at = here();
        let restamp = self.arrive(join, values, at);
        self.jump_if_with(&test, join.label, &restamp, at);
    }

    /// Puts the join here, where only its jumps lead.
    ///
    /// # Panics
    /// If nothing jumps to it.
    #[track_caller]
    pub fn bind_with<T: Carry>(&self, join: Join<T>) -> T {
        self.bind_at(join.label, here());
        let (values, _) = join.first.expect("a join that nothing jumps to has no values");
        values
    }

    /// Puts the join here, where the way from above brings its values too.
    #[track_caller]
    pub fn meet<T: Carry>(&self, mut join: Join<T>, values: &T) -> T {
        let at = here();
        for (here, id) in self.arrive(&mut join, values, at) {
            self.flow.borrow_mut().adopt(here, id);
        }
        self.bind_with(join)
    }
}

/// # Loops
impl Typed {
    /// A loop of at most `TIMES` rounds: `counter = TIMES; head: …; counter -= 1; if counter != 0 goto head; goto exhausted`.
    ///
    /// The body gets what is carried, and gives back what the next round gets, in the same registers. It leaves the loop by
    /// jumps. There are no calls in it: they would take the scratch registers.
    #[track_caller]
    pub fn repeat<'p, const TIMES: u32, T: Carry>(
        &'p self,
        counter: impl Register,
        carried: T,
        exhausted: Label,
        body: impl FnOnce(&'p Self, T) -> T,
    ) {
        const { assert!(TIMES > 0 && TIMES <= i32::MAX as u32, "a loop has at least one round") };
        let at = here();
        let counter = number(counter);
        self.mov(counter, Source::Imm(TIMES.cast_signed()), at);
        let rounds = self.written(counter, at);
        let before = uses(&carried);
        for used in &before {
            self.check(*used, at);
        }
        let head = self.label_at("head", at);
        self.bind_at(head, at);
        let mut known = before.clone();
        known.push(rounds);
        let state = self.flow.borrow_mut().head(&known, at);
        let after = body(self, carried);
        let end = uses(&after);
        for used in &end {
            self.check(*used, at);
        }
        let mut flow = self.flow.borrow_mut();
        if end.iter().zip(&before).any(|(end, before)| end.holder != before.holder) {
            let registers =
                |uses: &[Use]| uses.iter().map(|used| used.reg().to_string()).collect::<Vec<_>>().join(", ");
            let (found, wanted) = (registers(&end), registers(&before));
            flow.errors.push(super::FlowError::JoinElsewhere { at: at.into(), found, wanted });
        }
        flow.check(rounds, at);
        flow.back(&state, &known, at);
        drop(flow);
        self.emit(Insn::Alu { width: Width::W64, op: AluOp::Sub, dst: counter, src: Source::Imm(1) }, at);
        let again =
            Insn::JumpIf { width: Width::W64, cond: Cond::Ne, dst: counter, src: Source::Imm(0), off: 0 };
        self.emit_to(again, Target::Label(head), at);
        self.goto_at(exhausted, &[], at);
    }
}

fn number<R: Register>(_: R) -> Reg {
    R::REG
}
