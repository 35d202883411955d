//! Scopes: what a piece of generated code may use, given by whoever puts the pieces together.
//!
//! A generator that is called by another one must not touch what that one keeps. It gets its registers, a window of the stack
//! and a prefix for its labels as a [`Scope`]; what it writes beyond them, and scopes that want the same, are errors.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::panic::Location;

use super::{Asm, AsmError, here};
use crate::insn::Insn;
use crate::program::{Code, Place};
use crate::reg::{Reg, RegSet, Size};
use knockwright_linux::limits::MAX_BPF_STACK;

/// The deepest byte of a function's stack, from the frame pointer.
const DEEPEST: i16 = -(MAX_BPF_STACK as i16);

/// Bytes of the stack, as offsets from `r10`: -16 to -8 are the eight bytes at `r10 -16`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackWindow(Range<i16>);

impl StackWindow {
    /// The bytes from one offset to another, both negative or 0; what lies outside the stack of 512 bytes is left out.
    pub fn new(bytes: Range<i16>) -> Self {
        Self(bytes.start.max(DEEPEST)..bytes.end.min(0))
    }

    /// Its lowest byte, which helpers take the address of.
    pub const fn start(&self) -> i16 {
        self.0.start
    }

    /// The offset after its last byte.
    pub const fn end(&self) -> i16 {
        self.0.end
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.0.start < other.0.end && other.0.start < self.0.end && !self.is_empty() && !other.is_empty()
    }

    fn holds(&self, bytes: &Range<i16>) -> bool {
        self.0.start <= bytes.start && bytes.end <= self.0.end
    }
}

impl fmt::Display for StackWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the stack from r10 {} to {}", self.0.start, self.0.end)
    }
}

/// What a piece of code may write, for [`Asm::scope`].
///
/// ```
/// use knockwright_asm::{Asm, ProgType, Reg::*, Scope, Size::*};
///
/// let mut a = Asm::new("p", ProgType::Xdp);
/// a.mov(R6, 1); // the caller's
/// let mine = Scope::new("rule1").registers(&[R7]).result(R0).stack(-8..0);
/// a.scope(mine, |a| {
///     let out = a.label("out"); // shows as `rule1.out`
///     a.mov(R7, R6);
///     a.store(U64, R10 - 8, R7);
///     a.bind(out);
///     a.mov(R0, R7);
/// });
/// a.exit();
/// a.finish().unwrap();
///
/// let mut a = Asm::new("p", ProgType::Xdp);
/// a.scope(Scope::new("rule1").registers(&[R7]), |a| a.mov(R6, 0));
/// a.exit();
/// let errors = a.finish().unwrap_err().to_string();
/// assert!(errors.contains("`r6 = 0` writes r6, which scope `rule1` doesn't have"), "{errors}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    prefix: Cow<'static, str>,
    registers: RegSet,
    results: RegSet,
    stack: StackWindow,
}

impl Scope {
    /// A scope of nothing. The prefix goes before the names of its labels, with a dot.
    pub fn new(prefix: impl Into<Cow<'static, str>>) -> Self {
        let nothing = RegSet::EMPTY;
        Self { prefix: prefix.into(), registers: nothing, results: nothing, stack: StackWindow::new(0..0) }
    }

    /// The same with registers that are its own: those of no other scope that's open.
    #[must_use]
    pub fn registers(mut self, registers: &[Reg]) -> Self {
        self.registers = self.registers.union(RegSet::of(registers));
        self
    }

    /// The same with what a call needs: r0 to r5 are its own.
    #[must_use]
    pub fn calls(mut self) -> Self {
        self.registers = self.registers.union(RegSet::CALLER_SAVED);
        self
    }

    /// The same with a register that it leaves a result in, which may be another scope's. In an open scope it has to be one of that
    /// scope's registers or results.
    #[must_use]
    pub fn result(mut self, register: Reg) -> Self {
        self.results = self.results.union(RegSet::one(register));
        self
    }

    /// The same with bytes of the stack, as offsets from `r10`, that are its own.
    #[must_use]
    pub fn stack(mut self, bytes: Range<i16>) -> Self {
        self.stack = StackWindow::new(bytes);
        self
    }

    /// The window of the stack that's its own.
    pub const fn window(&self) -> &StackWindow {
        &self.stack
    }
}

/// A scope that's open.
#[derive(Debug)]
pub(super) struct Open {
    scope: Scope,
    opened: Place,
}

impl Asm {
    /// Writes a piece of code that may change only what its scope has, and names its labels after it.
    ///
    /// Scopes nest: the inner one has nothing of the outer ones but its results, which are of the registers or results of the
    /// innermost. One that takes what is another's is [`AsmError::ScopesOverlap`], one with a result that the innermost wasn't
    /// given [`AsmError::ResultBeyond`], an instruction that writes what isn't the scope's [`AsmError::OutsideScope`]. Reading is
    /// free. Of the stack only stores at `r10` are seen: what a helper writes there isn't.
    ///
    /// Only what an open scope has is protected from the scopes in it: code outside of any has nothing of its own, and whoever
    /// opens the first scope gives it whatever they name. A generator that calls others keeps its registers in a scope around them.
    #[track_caller]
    pub fn scope<T>(&mut self, scope: Scope, write: impl FnOnce(&mut Self) -> T) -> T {
        let place = here(Location::caller());
        self.check_overlap(&scope, &place);
        self.scopes.push(Open { scope, opened: place });
        let written = write(self);
        self.scopes.pop();
        written
    }

    fn check_overlap(&mut self, scope: &Scope, place: &Place) {
        if let Some(owner) = self.scopes.last() {
            let given = owner.scope.registers.union(owner.scope.results);
            self.errors.extend(scope.results.without(given).iter().map(|register| AsmError::ResultBeyond {
                place: place.clone(),
                scope: scope.prefix.clone().into_owned(),
                register,
                owner: owner.scope.prefix.clone().into_owned(),
                opened: owner.opened.clone(),
            }));
        }
        for owner in &self.scopes {
            let registers = scope.registers.iter().filter(|reg| owner.scope.registers.contains(*reg));
            let stack = scope.stack.overlaps(&owner.scope.stack).then(|| scope.stack.to_string());
            let taken = registers.map(|reg| reg.to_string()).chain(stack);
            self.errors.extend(taken.map(|what| AsmError::ScopesOverlap {
                place: place.clone(),
                scope: scope.prefix.clone().into_owned(),
                what,
                owner: owner.scope.prefix.clone().into_owned(),
                opened: owner.opened.clone(),
            }));
        }
    }

    /// The name of a label that's made now.
    pub(super) fn scoped(&self, name: Cow<'static, str>) -> Cow<'static, str> {
        match self.scopes.last() {
            None => name,
            Some(open) => Cow::Owned(format!("{}.{name}", open.scope.prefix)),
        }
    }

    /// Keeps an error if an instruction writes what its scope doesn't have.
    pub(super) fn check_scope(&mut self, code: &Code, place: &Place) {
        let (Some(open), Code::Insn(insn)) = (self.scopes.last(), code) else { return };
        let allowed = open.scope.registers.union(open.scope.results);
        let registers = insn.writes().without(allowed).iter().map(|reg| reg.to_string());
        let stack = stored(insn).filter(|bytes| !open.scope.stack.holds(bytes));
        let what: Vec<String> = registers.chain(stack.map(|bytes| StackWindow(bytes).to_string())).collect();
        if !what.is_empty() {
            self.errors.push(AsmError::OutsideScope {
                place: place.clone(),
                insn: insn.to_string(),
                what: what.join(", "),
                scope: open.scope.prefix.clone().into_owned(),
                opened: open.opened.clone(),
            });
        }
    }
}

/// The bytes of the stack that an instruction stores to at a distance from the frame pointer.
fn stored(insn: &Insn) -> Option<Range<i16>> {
    let (size, base, off) = match *insn {
        Insn::Store { size, base, off, .. }
        | Insn::StoreImm { size, base, off, .. }
        | Insn::StoreRelease { size, base, off, .. } => (size, base, off),
        Insn::Atomic { size, base, off, .. } => (Size::from(size), base, off),
        _ => return None,
    };
    (base == Reg::R10).then(|| off..off.saturating_add(size.bytes() as i16))
}
