//! Programs for functions, hooks, trace points and iterators that the kernel's BTF describes: parameters by name, and members of
//! the kernel's structs through pointers that they give.

use std::marker::PhantomData;

use super::context::{Context, ContextStruct};
use super::control::{Bring, Carried, Carry};
use super::flow::Use;
use super::kernel_layout::ResultField;
use super::kind::{Action, Hook, Kind, Returns, Walk, Watched, sealed};
use super::memory::{Address, Field, Loadable, Pointer};
use super::named::{KernelFunction, Ptr};
use super::register::{Kept, Register, SavedRegister};
use super::scalar::{Operand, Operands};
use super::{At, Label, Typed, Writer, here};
use crate::insn::{Cond, Insn, Source};
use crate::reg::{Reg, Size};
use knockwright_linux::context::{Context as Layout, arguments};
use knockwright_linux::{AttachType, ProgType};

/// What a program for a function finds in its context: the parameters of `F`, 8 bytes each.
#[derive(Debug)]
pub struct Parameters<F>(PhantomData<fn() -> F>);

impl<F: 'static> ContextStruct for Parameters<F> {
    const LAYOUT: &'static Layout = &arguments::ARGUMENTS;
}

/// Kinds of programs for something that the kernel's BTF describes.
#[diagnostic::on_unimplemented(
    message = "programs of the kind `{Self}` have no parameters by name",
    note = "`Fentry`, `Fexit`, `FmodRet`, `Lsm`, `TpBtf` and `Iter` do; `Kprobe` and `RawTracepoint` have `argument`, by number"
)]
pub trait ForFunction: Kind<Context = Parameters<Self::Function>> {
    /// What it's for, with its parameters.
    type Function: KernelFunction;
    /// What a pointer among the parameters is at first: for some kinds it may be NULL.
    #[doc(hidden)]
    type Given<H, S>: GivenPointer;
}

/// A pointer among the parameters, for [`ForFunction`].
#[doc(hidden)]
pub trait GivenPointer {
    fn at(used: GivenUse) -> Self;
}

/// A value, for [`GivenPointer`].
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct GivenUse(Use);

/// Kinds of programs that see what their function returned.
#[diagnostic::on_unimplemented(
    message = "programs of the kind `{Self}` don't see what a function returned",
    note = "`Fexit` and `FmodRet` do, by `result`; `Kretprobe` and `Uretprobe` by `returned`"
)]
pub trait AfterFunction: ForFunction {}

/// Declares kinds of programs for a function.
macro_rules! targets {
    ($($(#[$meta:meta])* $name:ident: $prog_type:ident at $attach:ident in $section:literal, $action:ident, gives $given:ident;)*) => {
        $($(#[$meta])*
        #[derive(Debug)]
        pub struct $name<F>(PhantomData<fn() -> F>);

        impl<F> sealed::Sealed for $name<F> {}
        impl<F: KernelFunction> Kind for $name<F> {
            const PROG_TYPE: ProgType = ProgType::$prog_type;
            const ATTACH: Option<AttachType> = Some(AttachType::$attach);
            const SECTION: &'static str = $section;
            const TARGET: Option<&'static str> = Some(F::NAME);
            type Context = Parameters<F>;
            type Action = $action;
        }
        impl<F: KernelFunction> Returns<$name<F>> for $action {
            fn operand(&self) -> Operands {
                Operand::operand(&Action::number(*self))
            }
        }
        impl<F: KernelFunction> ForFunction for $name<F> {
            type Function = F;
            type Given<H, S> = $given<H, S>;
        })*

        #[cfg(test)]
        const SECTIONS: &[(ProgType, &str, AttachType)] = &[$((ProgType::$prog_type, $section, AttachType::$attach)),*];
    };
}

targets! {
    /// A function of the kernel begins.
    Fentry: Tracing at TraceFentry in "fentry", Watched, gives KernelPtr;
    /// A function of the kernel has ended.
    Fexit: Tracing at TraceFexit in "fexit", Watched, gives KernelPtr;
    /// A function of the kernel begins, and doesn't if this refuses.
    FmodRet: Tracing at ModifyReturn in "fmod_ret", Hook, gives KernelPtr;
    /// A hook of the kernel's security modules, for one that lets things happen or refuses them.
    Lsm: Lsm at LsmMac in "lsm", Hook, gives KernelPtr;
    /// A trace point of the kernel, by the types of its parameters.
    TpBtf: Tracing at TraceRawTp in "tp_btf", Watched, gives KernelPtrOrNull;
    /// An iterator over something of the kernel's, for each element and once after the last, where the pointer to it is NULL.
    Iter: Tracing at TraceIter in "iter", Walk, gives KernelPtrOrNull;
}

impl<F: KernelFunction> AfterFunction for Fexit<F> {}
impl<F: KernelFunction> AfterFunction for FmodRet<F> {}

/// A pointer to a struct `S` of the kernel, whose members can be loaded. Nothing can be stored there.
#[derive(Debug)]
#[must_use]
pub struct KernelPtr<H, S> {
    pub(super) used: Use,
    types: PhantomData<(H, fn() -> S)>,
}

/// A pointer to a struct `S` of the kernel, or NULL. [`Writer::not_null_pointer`] is the guard that makes a [`KernelPtr`] of it.
#[derive(Debug)]
#[must_use = "it may be NULL: `not_null_pointer` is the guard"]
pub struct KernelPtrOrNull<H, S> {
    used: Use,
    types: PhantomData<(H, fn() -> S)>,
}

copies! { [H, S] KernelPtr<H, S>; }

impl<H, S> KernelPtr<H, S> {
    pub(super) fn at(used: Use) -> Self {
        Self { used, types: PhantomData }
    }
}

impl<H, S> KernelPtrOrNull<H, S> {
    pub(super) fn at(used: Use) -> Self {
        Self { used, types: PhantomData }
    }
}

impl<H, S> GivenPointer for KernelPtr<H, S> {
    fn at(used: GivenUse) -> Self {
        Self::at(used.0)
    }
}

impl<H, S> GivenPointer for KernelPtrOrNull<H, S> {
    fn at(used: GivenUse) -> Self {
        Self::at(used.0)
    }
}

impl<H, S> Pointer for KernelPtr<H, S> {
    type Target = S;

    fn address(&self) -> Address {
        Address { base: self.used.reg(), off: 0, used: self.used }
    }
}

impl<H, S> Carry for KernelPtr<H, S> {
    fn take(next: &mut dyn FnMut() -> Carried) -> Self {
        Self::at(next().used())
    }
}

impl<H, S> Bring<Self> for KernelPtr<H, S> {
    fn visit(&self, f: &mut dyn FnMut(Carried)) {
        f(Carried::of(self.used));
    }
}

/// # Parameters by name
///
/// Numbers are loaded in the width of their type, which on a machine with the lowest byte first is at the start of the eight.
impl<K: ForFunction> Typed<K> {
    fn load_parameter(&self, dst: Reg, context: &Context<K>, offset: u32, size: Size, at: At) {
        self.check(context.used(), at);
        let base = context.used().reg();
        // A field's offset fits by its construction.
        self.emit(Insn::Load { size, dst, base, off: offset as i16 }, at);
    }

    /// `dst = parameter`: a number. Where it is, [`KernelLayout::parameter`](super::KernelLayout::parameter) says.
    #[track_caller]
    pub fn parameter<R: Register, N: Loadable>(
        &self,
        _: R,
        context: &Context<K>,
        field: Field<K::Function, N>,
    ) -> N::Number<R::Held<'_>> {
        let at = here();
        self.load_parameter(R::REG, context, field.offset(), N::SIZE, at);
        N::number(self.loaded(R::REG, at))
    }

    /// `dst = parameter`: a pointer, which with [`TpBtf`] and [`Iter`] may be NULL.
    #[track_caller]
    pub fn pointer<R: Register, S>(
        &self,
        _: R,
        context: &Context<K>,
        field: Field<K::Function, Ptr<S>>,
    ) -> K::Given<R::Held<'_>, S> {
        let at = here();
        self.load_parameter(R::REG, context, field.offset(), Size::U64, at);
        K::Given::at(GivenUse(self.written(R::REG, at)))
    }
}

/// # Results of functions
impl<K: ForFunction> Typed<K> {
    /// `dst = result`: what the function has returned, or the program before this one. Where it is,
    /// [`KernelLayout::result`](super::KernelLayout::result) says.
    #[track_caller]
    pub fn result<R: Register>(
        &self,
        _: R,
        context: &Context<K>,
        field: ResultField<K::Function>,
    ) -> <<K::Function as KernelFunction>::Result as Loadable>::Number<R::Held<'_>>
    where
        K: AfterFunction,
        <K::Function as KernelFunction>::Result: Loadable,
    {
        let at = here();
        let size = <<K::Function as KernelFunction>::Result as Loadable>::SIZE;
        self.load_parameter(R::REG, context, field.field.offset(), size, at);
        <<K::Function as KernelFunction>::Result as Loadable>::number(self.loaded(R::REG, at))
    }
}

/// # Pointers of the kernel
impl Writer {
    /// `dst = *(u64 *)(pointer + field)`: a pointer that a struct of the kernel holds.
    #[track_caller]
    pub fn follow<R: Register, H, S, T>(
        &self,
        _: R,
        pointer: &KernelPtr<H, S>,
        field: Field<S, Ptr<T>>,
    ) -> KernelPtrOrNull<R::Held<'_>, T> {
        let at = here();
        self.check(pointer.used, at);
        let off = field.offset() as i16; // fits by its construction
        self.emit(Insn::Load { size: Size::U64, dst: R::REG, base: pointer.used.reg(), off }, at);
        KernelPtrOrNull::at(self.written(R::REG, at))
    }

    /// The guard `if pointer == 0 goto otherwise`: a pointer to a struct from here on.
    #[track_caller]
    pub fn not_null_pointer<H, S>(
        &self,
        pointer: KernelPtrOrNull<H, S>,
        otherwise: Label,
    ) -> KernelPtr<H, S> {
        self.null_check(pointer.used, Cond::Eq, otherwise, here());
        KernelPtr::at(self.proved(pointer.used))
    }

    /// `dst = pointer`: keeps a pointer in a register that survives calls.
    #[track_caller]
    pub fn keep_pointer<R: SavedRegister, H, S>(&self, _: R, pointer: KernelPtr<H, S>) -> KernelPtr<Kept, S> {
        let at = here();
        self.check(pointer.used, at);
        self.mov(R::REG, Source::Reg(pointer.used.reg()), at);
        KernelPtr::at(self.written(R::REG, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_those_of_the_rows() {
        for (prog_type, section, attach) in SECTIONS {
            let facts = prog_type.facts();
            let known = facts.sections.iter().find(|known| known.name == *section);
            assert_eq!(known.and_then(|known| known.attach), Some(*attach), "{section}");
        }
    }
}
