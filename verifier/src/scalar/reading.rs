//! The points of a circle, and the two ways to read them as numbers.

use std::fmt::Debug;
use std::ops::{BitAnd, BitOr, BitXor, Not, Shl, Shr};

/// A way to read the points of a circle of 2³² or 2⁶⁴ points as numbers, unsigned or signed.
pub trait Reading: Copy + Ord + Debug + Shl<u32, Output = Self> + Shr<u32, Output = Self> {
    /// The points: the unsigned numbers of the width.
    type Point: Word;

    /// What turns the order of this reading into that of the points: the sign's bit, if there is one.
    const FLIP: Self::Point;
    /// The smallest number that a point can read as.
    const SMALLEST: Self;
    /// The largest number that a point can read as.
    const LARGEST: Self;

    /// The number that a point reads as.
    fn at(point: Self::Point) -> Self;
    /// The point that reads as the number.
    fn point(self) -> Self::Point;

    /// Whether it's below zero.
    #[inline]
    fn is_negative(self) -> bool {
        self.point() & Self::FLIP != Self::Point::SMALLEST
    }

    /// A sum, and whether it has left the reading: then it's the one on the circle.
    fn sum(self, other: Self) -> (Self, bool);
    /// A difference, likewise.
    fn difference(self, other: Self) -> (Self, bool);
    /// A product, if it's a number of the reading.
    fn product(self, other: Self) -> Option<Self>;
    /// The next number on the circle.
    fn next(self) -> Self;
    /// The one before on the circle.
    fn previous(self) -> Self;
}

/// Points, which are their own unsigned reading.
pub trait Word:
    Reading<Point = Self>
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
    + Into<u64>
{
    /// The points read as two's complement.
    type Signed: Reading<Point = Self>;

    /// How many bits a point has.
    const BITS: u32;
    /// One.
    const ONE: Self;

    /// The lowest bits of a number.
    fn of(number: u64) -> Self;
}

macro_rules! reading {
    ($($number:ty, $point:ty, $flip:expr;)*) => {$(
        impl Reading for $number {
            type Point = $point;

            const FLIP: $point = $flip;
            const SMALLEST: Self = Self::MIN;
            const LARGEST: Self = Self::MAX;

            #[inline]
            fn at(point: $point) -> Self {
                point as Self
            }

            #[inline]
            fn point(self) -> $point {
                self as $point
            }

            #[inline]
            fn sum(self, other: Self) -> (Self, bool) {
                self.overflowing_add(other)
            }

            #[inline]
            fn difference(self, other: Self) -> (Self, bool) {
                self.overflowing_sub(other)
            }

            #[inline]
            fn product(self, other: Self) -> Option<Self> {
                self.checked_mul(other)
            }

            #[inline]
            fn next(self) -> Self {
                self.wrapping_add(1)
            }

            #[inline]
            fn previous(self) -> Self {
                self.wrapping_sub(1)
            }
        }
    )*};
}

macro_rules! word {
    ($($point:ty, $signed:ty;)*) => {
        $(
            impl Word for $point {
                type Signed = $signed;

                const BITS: u32 = <$point>::BITS;
                const ONE: Self = 1;

                #[inline]
                fn of(number: u64) -> Self {
                    number as Self
                }
            }
        )*
        reading! {
            $($point, $point, 0; $signed, $point, 1 << (<$point>::BITS - 1);)*
        }
    };
}

word! {
    u64, i64;
    u32, i32;
}

/// Circles of 2⁸ points, small enough to go over all of them.
#[cfg(test)]
mod small {
    use super::{Reading, Word};

    word! {
        u8, i8;
    }
}
