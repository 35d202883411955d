//! Operands that read like the listing: `R0 + 8` is memory, `R1.w().sgt(5)` a condition.

use std::ops::{Add, Sub};

use crate::insn::{Cond, Source};
use crate::reg::{Reg, Width};

/// A memory operand: a base register and a distance in bytes.
///
/// The distance is checked against 16 bits when the instruction is emitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mem {
    /// The register that holds the address.
    pub base: Reg,
    /// The distance in bytes.
    pub off: i32,
}

impl From<Reg> for Mem {
    fn from(base: Reg) -> Self {
        Self { base, off: 0 }
    }
}

impl Add<i32> for Reg {
    type Output = Mem;

    fn add(self, off: i32) -> Mem {
        Mem { base: self, off }
    }
}

impl Sub<i32> for Reg {
    type Output = Mem;

    fn sub(self, off: i32) -> Mem {
        Mem { base: self, off: off.saturating_neg() }
    }
}

/// The lower 32 bits of a register, for comparisons: `R1.w()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lower(Reg);

/// A comparison that a conditional jump decides on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// The width that is compared.
    pub width: Width,
    /// The comparison.
    pub cond: Cond,
    /// The left operand.
    pub dst: Reg,
    /// The right operand.
    pub src: Source,
}

macro_rules! comparisons {
    ($($method:ident $cond:ident $doc:literal;)*) => {
        /// # Comparisons of all 64 bits
        #[allow(clippy::should_implement_trait)] // `R0.eq(0)` builds a condition, it doesn't decide one
        impl Reg {
            /// The lower 32 bits, for 32-bit comparisons.
            pub const fn w(self) -> Lower {
                Lower(self)
            }

            $(#[doc = concat!("`", $doc, "`.")]
            pub fn $method(self, src: impl Into<Source>) -> Condition {
                Condition { width: Width::W64, cond: Cond::$cond, dst: self, src: src.into() }
            })*
        }

        /// # Comparisons of the lower 32 bits
        #[allow(clippy::should_implement_trait)] // as above
        impl Lower {
            $(#[doc = concat!("`", $doc, "`.")]
            pub fn $method(self, src: impl Into<Source>) -> Condition {
                Condition { width: Width::W32, cond: Cond::$cond, dst: self.0, src: src.into() }
            })*
        }
    };
}

comparisons! {
    eq Eq "==";
    ne Ne "!=";
    gt Gt ">, unsigned";
    ge Ge ">=, unsigned";
    lt Lt "<, unsigned";
    le Le "<=, unsigned";
    sgt Sgt "s>, signed";
    sge Sge "s>=, signed";
    slt Slt "s<, signed";
    sle Sle "s<=, signed";
    set Set "&, some bit in common";
}
