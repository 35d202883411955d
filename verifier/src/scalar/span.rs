//! Ranges of integers.

/// All numbers from `min` to `max`. Empty if `min` is larger, which only contradictory branches lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span<T> {
    /// The smallest.
    pub min: T,
    /// The largest.
    pub max: T,
}

impl<T: Copy + Ord> Span<T> {
    /// From `min` to `max`.
    pub const fn new(min: T, max: T) -> Self {
        Self { min, max }
    }

    /// One number.
    pub const fn only(value: T) -> Self {
        Self { min: value, max: value }
    }

    /// Whether it's one number.
    pub fn is_only(self) -> bool {
        self.min == self.max
    }

    /// Takes what `other` knows, too.
    pub fn narrow(&mut self, other: Self) {
        self.min = self.min.max(other.min);
        self.max = self.max.min(other.max);
    }

    /// Whether all numbers of `other` are in it, judged by the bounds.
    pub fn includes(self, other: Self) -> bool {
        self.min <= other.min && other.max <= self.max
    }
}

macro_rules! full {
    ($($ty:ty),*) => {$(
        impl Span<$ty> {
            /// Every number of the type.
            pub const FULL: Self = Self { min: <$ty>::MIN, max: <$ty>::MAX };
        }
    )*};
}
full!(i64, u64, i32, u32);

macro_rules! casts {
    ($signed:ty, $unsigned:ty) => {
        impl Span<$unsigned> {
            /// The same numbers read as signed, unless the range crosses from positive to negative.
            pub fn as_signed(self) -> Option<Span<$signed>> {
                let span = Span::new(self.min as $signed, self.max as $signed);
                (span.min <= span.max).then_some(span)
            }
        }

        impl Span<$signed> {
            /// The same numbers read as unsigned, unless the range crosses zero from below.
            pub fn as_unsigned(self) -> Option<Span<$unsigned>> {
                let span = Span::new(self.min as $unsigned, self.max as $unsigned);
                (span.min <= span.max).then_some(span)
            }
        }
    };
}
casts!(i64, u64);
casts!(i32, u32);
