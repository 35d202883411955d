//! Registers as types: what is in `r0`–`r5` ends at the next call, what is in `r6`–`r9` stays.

use std::marker::PhantomData;

use crate::reg::Reg;

/// How long a value in a call-saved register lives: until something else is written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept;

/// How long a value in a scratch register lives: until the next call, which borrows [`Writer`](super::Writer) mutably.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scratch<'p>(PhantomData<&'p ()>);

mod sealed {
    pub trait Sealed {}
}

/// A register that a value can be put into: `R0` to `R9` of this module.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no register of the typed layer",
    note = "values live in `typed::R0` to `typed::R9`; `r10` is the frame pointer"
)]
pub trait Register: Copy + sealed::Sealed {
    /// How long a value in it lives.
    type Held<'p>: Copy;
    /// The register.
    const REG: Reg;
}

/// A register that calls leave alone: `R6` to `R9`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not survive calls",
    label = "a value that is kept wants a call-saved register",
    note = "`R6` to `R9` survive calls, `R0` to `R5` are lost at each"
)]
pub trait SavedRegister: Register + for<'p> Register<Held<'p> = Kept> {}

macro_rules! registers {
    ($($scratch:ident)*; $($saved:ident)*) => {
        $(#[doc = concat!("The scratch register `", stringify!($scratch), "`.")]
        #[derive(Debug, Clone, Copy)]
        pub struct $scratch;

        impl sealed::Sealed for $scratch {}
        impl Register for $scratch {
            type Held<'p> = Scratch<'p>;
            const REG: Reg = Reg::$scratch;
        })*
        $(#[doc = concat!("The call-saved register `", stringify!($saved), "`.")]
        #[derive(Debug, Clone, Copy)]
        pub struct $saved;

        impl sealed::Sealed for $saved {}
        impl Register for $saved {
            type Held<'p> = Kept;
            const REG: Reg = Reg::$saved;
        }
        impl SavedRegister for $saved {})*
    };
}

registers! { R0 R1 R2 R3 R4 R5; R6 R7 R8 R9 }
