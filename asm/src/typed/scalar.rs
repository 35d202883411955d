//! Numbers in registers, and what is known of their size.

use std::marker::PhantomData;

use super::flow::{At, Use};
use super::register::Register;
use super::{Label, Writer, here};
use crate::builder::Condition;
use crate::insn::{AluOp, Cond, Endianness, Insn, Source, SwapBits};
use crate::reg::Width;

/// A number in a register, at most `MAX`.
///
/// `H` says how long it's there: [`Kept`](super::Kept) or [`Scratch`](super::Scratch).
#[derive(Debug)]
#[must_use]
pub struct Scalar<H, const MAX: u64> {
    pub(super) used: Use,
    held: PhantomData<H>,
}

/// A number of which nothing is known.
pub type Word<H> = Scalar<H, { u64::MAX }>;

/// A number below `N`: it indexes an array of `N` elements.
///
/// It comes from the guard [`Scalar::below`], or from a scalar that is small enough by its type ([`Scalar::index`]).
#[derive(Debug)]
#[must_use]
pub struct Index<H, const N: usize> {
    pub(super) used: Use,
    held: PhantomData<H>,
}

// Derived, these would ask the same of `H`, of which there is none in the value.
copies! {
    [H, const MAX: u64] Scalar<H, MAX>;
    [H, const N: usize] Index<H, N>;
}

/// A number that indexes arrays of `N` elements: an [`Index`] of just that length.
#[diagnostic::on_unimplemented(
    message = "`{Self}` may be {N} or more: it is no index of an array of {N} elements",
    label = "not known to be below {N}",
    note = "`let index = number.below::<{N}>(p, label);` is the guard"
)]
pub trait Below<const N: usize> {
    #[doc(hidden)]
    fn operand(&self) -> Operands;
}

impl<H, const N: usize> Below<N> for Index<H, N> {
    fn operand(&self) -> Operands {
        Operand::operand(self)
    }
}

/// The second operand of arithmetic and of comparisons: a constant or a number in a register.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no number",
    note = "arithmetic takes an `i32` or a `Scalar`; a pointer has fields, which `load` reads"
)]
pub trait Operand {
    #[doc(hidden)]
    fn operand(&self) -> Operands;
}

/// An operand for the emitter.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Operands {
    pub(super) source: Source,
    pub(super) used: Option<Use>,
}

impl Operand for i32 {
    fn operand(&self) -> Operands {
        Operands { source: Source::Imm(*self), used: None }
    }
}

impl<H, const MAX: u64> Operand for Scalar<H, MAX> {
    fn operand(&self) -> Operands {
        Operands { source: Source::Reg(self.used.reg()), used: Some(self.used) }
    }
}

impl<H, const N: usize> Operand for Index<H, N> {
    fn operand(&self) -> Operands {
        Operands { source: Source::Reg(self.used.reg()), used: Some(self.used) }
    }
}

/// A number in a register, where a constant would have to be checked: [`Scalar::div`] and its siblings take constants.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no number in a register",
    note = "the verifier refuses to divide by the constant 0 and to shift by 64 bits or more: `number.div::<10>(&p)`, `number.arsh::<8>(&p)` \
            and their siblings check that when the program is compiled"
)]
pub trait InRegister: Operand {}

impl<H, const MAX: u64> InRegister for Scalar<H, MAX> {}
impl<H, const N: usize> InRegister for Index<H, N> {}

/// A comparison for [`Writer::goto_if`].
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Test {
    pub(super) condition: Condition,
    pub(super) left: Use,
    pub(super) right: Option<Use>,
}

impl Test {
    fn new(cond: Cond, left: Use, right: &impl Operand) -> Self {
        let right = right.operand();
        let condition = Condition { width: Width::W64, cond, dst: left.reg(), src: right.source };
        Self { condition, left, right: right.used }
    }
}

macro_rules! comparisons {
    ($($name:ident $cond:ident $text:literal;)*) => {
        /// # Comparisons
        #[allow(clippy::should_implement_trait)] // they build a test, they don't decide one
        impl<H, const MAX: u64> Scalar<H, MAX> {
            $(#[doc = concat!("`", $text, "`.")]
            pub fn $name(self, other: impl Operand) -> Test {
                Test::new(Cond::$cond, self.used, &other)
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
    slt Slt "s<, signed";
    has Set "&, some bit in common";
}

impl<H, const MAX: u64> Scalar<H, MAX> {
    pub(super) fn at(used: Use) -> Self {
        Self { used, held: PhantomData }
    }

    /// The same number, with a weaker bound.
    pub fn weaken<const NEW: u64>(self) -> Scalar<H, NEW> {
        const { assert!(MAX <= NEW, "the new bound is below the number's: a guard has to show that it holds") };
        Scalar::at(self.used)
    }

    /// The number as an index of arrays with `N` elements, without an instruction: its type says that it's small enough.
    ///
    /// Where it doesn't, [`Scalar::below`] is the guard.
    pub fn index<const N: usize>(self) -> Index<H, N> {
        const { assert!(MAX < N as u64, "the index may be too large for the array: `below` is the guard") };
        Index { used: self.used, held: PhantomData }
    }
}

impl<H, const N: usize> Index<H, N> {
    /// The index as a number at most `MAX`.
    pub fn scalar<const MAX: u64>(self) -> Scalar<H, MAX> {
        const { assert!(N as u64 <= MAX + 1, "the index may be larger than the bound") };
        Scalar::at(self.used)
    }
}

/// # Numbers
impl Writer {
    /// `dst = NUMBER`: a constant, known to be at most itself.
    #[track_caller]
    pub fn constant<const NUMBER: u64, R: Register>(&self, _: R) -> Scalar<R::Held<'_>, NUMBER> {
        const { assert!(NUMBER <= i32::MAX as u64, "the constant is an immediate of 32 bits") };
        self.moved(R::REG, Source::Imm(NUMBER as i32), here())
    }

    /// `dst = number`: a constant of any sign.
    #[track_caller]
    pub fn word<R: Register>(&self, _: R, number: i32) -> Word<R::Held<'_>> {
        self.moved(R::REG, Source::Imm(number), here())
    }

    /// `dst = number`, 64 bits in two slots.
    #[track_caller]
    pub fn wide<R: Register>(&self, _: R, number: u64) -> Word<R::Held<'_>> {
        let at = here();
        self.emit(Insn::LoadImm64 { dst: R::REG, value: crate::insn::Imm64::Const(number) }, at);
        Scalar::at(self.written(R::REG, at))
    }

    /// `dst = number`: a copy in another register.
    #[track_caller]
    pub fn copy<R: Register, H, const MAX: u64>(
        &self,
        _: R,
        number: Scalar<H, MAX>,
    ) -> Scalar<R::Held<'_>, MAX> {
        let at = here();
        self.check(number.used, at);
        self.moved(R::REG, Source::Reg(number.used.reg()), at)
    }

    fn moved<H, const MAX: u64>(&self, dst: crate::Reg, src: Source, at: At) -> Scalar<H, MAX> {
        self.emit(Insn::Alu { width: Width::W64, op: AluOp::Mov, dst, src }, at);
        Scalar::at(self.written(dst, at))
    }

    /// In place: the number's register holds the result, and the number is gone.
    fn alu<H, const MAX: u64, const NEW: u64>(
        &self,
        op: AluOp,
        number: Scalar<H, MAX>,
        by: &impl Operand,
        at: At,
    ) -> Scalar<H, NEW> {
        let (dst, by) = (number.used.reg(), by.operand());
        self.check(number.used, at);
        if let Some(used) = by.used {
            self.check(used, at);
        }
        self.emit(Insn::Alu { width: Width::W64, op, dst, src: by.source }, at);
        Scalar::at(self.written(dst, at))
    }

    /// `number = -number`.
    #[track_caller]
    pub fn neg<H, const MAX: u64>(&self, number: Scalar<H, MAX>) -> Word<H> {
        let at = here();
        self.check(number.used, at);
        let dst = number.used.reg();
        self.emit(Insn::Neg { width: Width::W64, dst }, at);
        Scalar::at(self.written(dst, at))
    }

    fn swapped<H, const MAX: u64>(
        &self,
        number: Scalar<H, MAX>,
        order: Endianness,
        bits: SwapBits,
        at: At,
    ) -> Word<H> {
        self.check(number.used, at);
        let dst = number.used.reg();
        self.emit(Insn::ToEndian { order, bits, dst }, at);
        Scalar::at(self.written(dst, at))
    }
}

macro_rules! arithmetic {
    ($($name:ident $op:ident $operand:ident $text:literal;)*) => {
        /// # Arithmetic
        ///
        /// On 64 bits, in place: the number's register holds the result, of which no bound is known.
        impl Writer {
            $(#[doc = $text]
            #[track_caller]
            pub fn $name<H, const MAX: u64>(&self, number: Scalar<H, MAX>, by: impl $operand) -> Word<H> {
                self.alu(AluOp::$op, number, &by, here())
            })*
        }
    };
}

arithmetic! {
    add Add Operand "`number += by`.";
    sub Sub Operand "`number -= by`.";
    mul Mul Operand "`number *= by`.";
    or Or Operand "`number |= by`.";
    xor Xor Operand "`number ^= by`.";
    and And Operand "`number &= by`; with a constant that bounds the result, [`Scalar::and`] says so.";
    div Div InRegister "`number /= by`, unsigned; division by zero gives 0. By a constant: [`Scalar::div`].";
    rem Mod InRegister "`number %= by`, unsigned; modulo zero leaves the number. By a constant: [`Scalar::rem`].";
    sdiv Sdiv InRegister "`number s/= by`, signed, from ISA level 4 on; division by zero gives 0.";
    srem Smod InRegister "`number s%= by`, signed, from ISA level 4 on; modulo zero leaves the number.";
    lsh Lsh InRegister "`number <<= by`, by the lower six bits. By a constant: [`Scalar::lsh`].";
    rsh Rsh InRegister "`number >>= by`, by the lower six bits. By a constant: [`Scalar::rsh`].";
    arsh Arsh InRegister "`number s>>= by`, keeping the sign, by the lower six bits. By a constant: [`Scalar::arsh`].";
}

macro_rules! byte_orders {
    ($($name:ident $order:ident $bits:ident $text:literal;)*) => {
        /// # Byte orders
        ///
        /// From the order named to the host's, or back: the same bytes. The lower bits are all that counts of the number. The
        /// verifier knows no bound of the result.
        impl Writer {
            $(#[doc = concat!("`number = ", $text, " number`.")]
            #[track_caller]
            pub fn $name<H, const MAX: u64>(&self, number: Scalar<H, MAX>) -> Word<H> {
                self.swapped(number, Endianness::$order, SwapBits::$bits, here())
            })*
        }
    };
}

byte_orders! {
    be16 Be B16 "be16";
    be32 Be B32 "be32";
    be64 Be B64 "be64";
    le16 Le B16 "le16";
    le32 Le B32 "le32";
    le64 Le B64 "le64";
}

/// # Bounds
///
/// What the verifier will know of a number, and the guards that tell it.
#[expect(clippy::should_implement_trait, reason = "they write an instruction, and take what writes it")]
impl<H, const MAX: u64> Scalar<H, MAX> {
    /// The guard `if number > N goto otherwise`: at most `N` from here on.
    #[track_caller]
    pub fn at_most<const N: u64>(self, p: &Writer, otherwise: Label) -> Scalar<H, N> {
        const { assert!(N <= i32::MAX as u64, "the bound is an immediate of 32 bits") };
        p.jump_if(&self.gt(N as i32), otherwise, here());
        Scalar::at(p.proved(self.used))
    }

    /// The guard `if number > N - 1 goto otherwise`: an index of arrays with `N` elements from here on.
    #[track_caller]
    pub fn below<const N: usize>(self, p: &Writer, otherwise: Label) -> Index<H, N> {
        const { assert!(N > 0 && N <= i32::MAX as usize, "the bound is an immediate of 32 bits") };
        p.jump_if(&self.gt(N as i32 - 1), otherwise, here());
        Index { used: p.proved(self.used), held: PhantomData }
    }

    /// `number &= MASK`: at most `MASK` from here on.
    #[track_caller]
    pub fn and<const MASK: u64>(self, p: &Writer) -> Scalar<H, MASK> {
        const {
            assert!(
                MASK <= i32::MAX as u64,
                "the mask is an immediate of 32 bits, and a negative one bounds nothing"
            )
        };
        p.alu(AluOp::And, self, &(MASK as i32), here())
    }

    /// `number += BY`, at most `NEW`.
    #[track_caller]
    pub fn plus<const BY: u32, const NEW: u64>(self, p: &Writer) -> Scalar<H, NEW> {
        const {
            assert!(BY <= i32::MAX as u32, "the constant is an immediate of 32 bits");
            assert!(MAX <= u64::MAX - BY as u64 && MAX + BY as u64 <= NEW, "the sum may be above its bound");
        };
        p.alu(AluOp::Add, self, &(BY as i32), here())
    }

    /// `number <<= BITS`, at most `NEW`.
    #[track_caller]
    pub fn lsh<const BITS: u32, const NEW: u64>(self, p: &Writer) -> Scalar<H, NEW> {
        const {
            assert!(BITS < 64, "a shift by 64 bits or more has no meaning");
            assert!(
                NEW == u64::MAX || (MAX <= u64::MAX >> BITS && MAX << BITS <= NEW),
                "the result may be above its bound"
            );
        };
        p.alu(AluOp::Lsh, self, &(BITS as i32), here())
    }

    /// `number >>= BITS`, at most `NEW`.
    #[track_caller]
    pub fn rsh<const BITS: u32, const NEW: u64>(self, p: &Writer) -> Scalar<H, NEW> {
        const {
            assert!(BITS < 64, "a shift by 64 bits or more has no meaning");
            assert!(MAX >> BITS <= NEW, "the result may be above its bound");
        };
        p.alu(AluOp::Rsh, self, &(BITS as i32), here())
    }

    /// `number s>>= BITS`, keeping the sign.
    #[track_caller]
    pub fn arsh<const BITS: u32>(self, p: &Writer) -> Word<H> {
        const { assert!(BITS < 64, "a shift by 64 bits or more has no meaning") };
        p.alu(AluOp::Arsh, self, &(BITS as i32), here())
    }

    /// `number /= BY`, unsigned. The verifier knows no bound of the result.
    #[track_caller]
    pub fn div<const BY: u32>(self, p: &Writer) -> Word<H> {
        const { assert!(BY != 0 && BY <= i32::MAX as u32, "the divisor is an immediate of 32 bits, and not zero") };
        p.alu(AluOp::Div, self, &(BY as i32), here())
    }

    /// `number %= BY`, unsigned. The verifier knows no bound of the result.
    #[track_caller]
    pub fn rem<const BY: u32>(self, p: &Writer) -> Word<H> {
        const { assert!(BY != 0 && BY <= i32::MAX as u32, "the divisor is an immediate of 32 bits, and not zero") };
        p.alu(AluOp::Mod, self, &(BY as i32), here())
    }

    /// `if test goto +1; number = OTHER`: the number stays where the test holds, else it's the constant.
    #[track_caller]
    pub fn keep_if<const OTHER: u64>(self, p: &Writer, test: Test) -> Self {
        const { assert!(OTHER <= MAX && OTHER <= i32::MAX as u64, "the constant is above the number's bound") };
        let at = here();
        p.check(self.used, at);
        let keep = p.label("keep");
        p.jump_if(&test, keep, at);
        let dst = self.used.reg();
        p.emit(Insn::Alu { width: Width::W64, op: AluOp::Mov, dst, src: Source::Imm(OTHER as i32) }, at);
        p.written(dst, at);
        p.bind_at(keep, at);
        Self::at(p.written(dst, at))
    }
}
