//! Ranges of numbers, and the arcs of the circle that they are.

use super::{Reading, Tnum, Word};

/// All numbers from `min` to `max`. Empty if `min` is larger, which only contradictory branches lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span<T> {
    /// The smallest, itself included.
    pub min: T,
    /// The largest, itself included.
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

    /// Whether no number is in it.
    pub fn is_empty(self) -> bool {
        self.min > self.max
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

    /// Whether it and `other` have no number in common.
    pub(super) fn is_apart_from(self, other: Self) -> bool {
        self.max < other.min || other.max < self.min
    }

    /// What each end becomes.
    pub(crate) fn map<U>(self, change: impl Fn(T) -> U) -> Span<U> {
        Span { min: change(self.min), max: change(self.max) }
    }
}

impl<T: Reading> Span<T> {
    /// Every number of the type.
    pub const FULL: Self = Self { min: T::SMALLEST, max: T::LARGEST };

    /// The way on the circle from the smallest to the largest.
    pub(super) fn arc(self) -> Arc<T::Point> {
        Arc { first: self.min.point(), last: self.max.point() }
    }

    /// The same points in another reading, if they are a range there too.
    pub(crate) fn read_as<U: Reading<Point = T::Point>>(self) -> Option<Span<U>> {
        self.arc().read()
    }

    /// From the smallest to the largest number that known bits allow.
    pub(super) fn of_bits(bits: Tnum) -> Self {
        let unknown = T::Point::of(bits.mask);
        // In the points' own order the unknown bits are all zero, or all one.
        let smallest = (T::Point::of(bits.value) ^ T::FLIP) & !unknown;
        Span::new(smallest, smallest | unknown).map(|point| T::at(point ^ T::FLIP))
    }

    /// All numbers that `bits` bits hold, one of them the sign.
    pub(super) fn of_signed_part(bits: u32) -> Self {
        let unused = T::Point::BITS - bits;
        Self::FULL.map(|end| end >> unused)
    }

    /// What the lowest `bits` bits are, their sign extended, if those above and the sign are the same at both ends.
    pub(super) fn sign_extended(self, bits: u32) -> Option<Self> {
        let above = |end: T| end.point() >> (bits - 1);
        let unused = T::Point::BITS - bits;
        let extended = self.map(|end| end << unused >> unused);
        (above(self.min) == above(self.max))
            .then(|| Self::new(extended.min.min(extended.max), extended.min.max(extended.max)))
    }
}

impl Span<u64> {
    /// What the lowest `bits` bits are: all that they can be, unless those above are the same at both ends.
    pub(super) fn lowest(self, bits: u32) -> Self {
        let low = (1 << bits) - 1;
        if self.min >> bits == self.max >> bits { self.map(|end| end & low) } else { Self::new(0, low) }
    }
}

impl<T: Reading<Point = u64>> Span<T> {
    /// The way of the lower half while the number goes from the smallest to the largest, if that's less than a turn.
    pub(super) fn half(self) -> Option<Arc<u32>> {
        let Arc { first, last } = self.arc();
        let half = Arc { first: first as u32, last: last as u32 };
        match ((last >> 32) as u32).wrapping_sub((first >> 32) as u32) {
            0 => Some(half),
            1 if half.last < half.first => Some(half),
            _ => None,
        }
    }

    /// Takes what's known of the lower half: each end's half is at least, and at most, what it can be.
    pub(super) fn narrow_half(&mut self, half: Span<u32>) {
        let with = |end: T, half: u32| T::at(end.point() >> 32 << 32 | u64::from(half));
        self.narrow(Self::new(with(self.min, half.min), with(self.max, half.max)));
    }
}

/// The points of a circle from `first` up to `last`, maybe past the point where a reading begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arc<P> {
    pub(super) first: P,
    pub(super) last: P,
}

impl<P: Word> Arc<P> {
    /// The arc as a range of a reading, unless the reading begins anew on it.
    pub(super) fn read<T: Reading<Point = P>>(self) -> Option<Span<T>> {
        let span = Span::new(T::at(self.first), T::at(self.last));
        (!span.is_empty()).then_some(span)
    }
}
