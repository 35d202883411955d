//! Numbers of which some bits are known.
//!
//! Source: Vishwanathan et al., "Sound, Precise, and Fast Abstract Interpretation with Tristate Numbers", CGO 2022.

use super::{Span, Word};

/// A set of 64-bit numbers: those that agree with `value` in every bit that `mask` has clear. A bit is never set in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tnum {
    /// The known bits that are one.
    pub value: u64,
    /// The bits that aren't known, each as 1.
    pub mask: u64,
}

impl Tnum {
    /// Every number.
    pub const UNKNOWN: Self = Self { value: 0, mask: u64::MAX };

    /// One number.
    pub const fn known(value: u64) -> Self {
        Self { value, mask: 0 }
    }

    /// The smallest tnum that holds all numbers from `min` to `max`.
    pub fn range(min: u64, max: u64) -> Self {
        let differing = 64 - (min ^ max).leading_zeros();
        if differing > 63 {
            return Self::UNKNOWN;
        }
        let mask = (1 << differing) - 1;
        Self { value: min & !mask, mask }
    }

    /// Whether it is one number.
    pub const fn is_const(self) -> bool {
        self.mask == 0
    }

    /// Whether it is every number.
    pub const fn is_unknown(self) -> bool {
        self.value == 0 && self.mask == u64::MAX
    }

    /// Whether `number` is one of its numbers.
    pub const fn contains(self, number: u64) -> bool {
        number & !self.mask == self.value
    }

    /// The largest of its numbers.
    pub const fn max(self) -> u64 {
        self.value | self.mask
    }

    /// The smallest of its numbers above `number`, if there is one.
    pub const fn above(self, number: u64) -> Option<u64> {
        // A larger number is the same down to some bit, which is one in it and zero in `number`: the lowest such bit is that
        // of the smallest. Above it, `number` must have no bit that differs from a known one.
        let wrong = (number ^ self.value) & !self.mask;
        let lowest = if wrong == 0 { 0 } else { wrong.ilog2() };
        let candidates = !number & self.max() & u64::MAX << lowest;
        if candidates == 0 {
            return None;
        }
        let bit = 1 << candidates.trailing_zeros();
        let below = bit - 1;
        Some(number & !below | bit | self.value & below)
    }

    /// The number that alone is in both this and an unsigned range, as far as looking from the range's start on tells.
    ///
    /// Of the largest number of this, that the range begins with it says nothing, and if it's the first one after the
    /// range's start, it's taken to be in it.
    pub(super) fn only_one_in(self, Span { min, max }: Span<u64>) -> Option<u64> {
        let first = if self.contains(min) { min } else { self.above(min).unwrap_or(self.max()) };
        let is_alone = match self.above(first) {
            Some(second) => second > max && (first <= max || first == min),
            None => first != min || min > max,
        };
        is_alone.then_some(first)
    }

    /// The lowest bits, if they're known.
    pub(super) fn known_word<W: Word>(self) -> Option<W> {
        (W::of(self.mask) == W::SMALLEST).then(|| W::of(self.value))
    }

    /// The numbers that are in both, if the known bits of both agree; else a tnum that keeps the ones of both.
    pub const fn intersect(self, other: Self) -> Self {
        let mask = self.mask & other.mask;
        Self { value: (self.value | other.value) & !mask, mask }
    }

    /// The smallest tnum that holds the numbers of both.
    pub const fn union(self, other: Self) -> Self {
        let mask = self.mask | other.mask | (self.value ^ other.value);
        Self { value: self.value & other.value & !mask, mask }
    }

    /// Whether some number is in both.
    pub const fn overlaps(self, other: Self) -> bool {
        let known = !self.mask & !other.mask;
        self.value & known == other.value & known
    }

    /// Whether every number of `other` is in it.
    pub const fn includes(self, other: Self) -> bool {
        other.mask & !self.mask == 0 && self.value == other.value & !self.mask
    }

    /// The lower 32 bits.
    pub const fn lower(self) -> Self {
        self.truncate(4)
    }

    /// The upper 32 bits, the lower ones zero.
    pub const fn clear_lower(self) -> Self {
        Self { value: self.value >> 32 << 32, mask: self.mask >> 32 << 32 }
    }

    /// The upper 32 bits of `self` with the lower ones of `lower`.
    pub const fn with_lower(self, lower: Self) -> Self {
        let (upper, lower) = (self.clear_lower(), lower.lower());
        Self { value: upper.value | lower.value, mask: upper.mask | lower.mask }
    }

    /// Cuts to the lower `bytes` bytes.
    pub const fn truncate(self, bytes: u32) -> Self {
        if bytes >= 8 {
            return self;
        }
        let keep = (1 << (bytes * 8)) - 1;
        Self { value: self.value & keep, mask: self.mask & keep }
    }

    /// Whether all its numbers are multiples of `size`, a power of two.
    pub const fn is_aligned(self, size: u64) -> bool {
        (self.value | self.mask) & (size - 1) == 0
    }

    /// Sums.
    pub const fn sum(self, other: Self) -> Self {
        let masks = self.mask.wrapping_add(other.mask);
        let values = self.value.wrapping_add(other.value);
        let carries = masks.wrapping_add(values) ^ values;
        let mask = carries | self.mask | other.mask;
        Self { value: values & !mask, mask }
    }

    /// Differences.
    pub const fn difference(self, other: Self) -> Self {
        let difference = self.value.wrapping_sub(other.value);
        let most = difference.wrapping_add(self.mask);
        let least = difference.wrapping_sub(other.mask);
        let mask = (most ^ least) | self.mask | other.mask;
        Self { value: difference & !mask, mask }
    }

    /// Negations.
    pub const fn negated(self) -> Self {
        Self::known(0).difference(self)
    }

    /// Bitwise conjunctions.
    pub const fn and(self, other: Self) -> Self {
        let possible = (self.value | self.mask) & (other.value | other.mask);
        let value = self.value & other.value;
        Self { value, mask: possible & !value }
    }

    /// Bitwise disjunctions.
    pub const fn or(self, other: Self) -> Self {
        let value = self.value | other.value;
        Self { value, mask: (self.mask | other.mask) & !value }
    }

    /// Bitwise exclusive disjunctions.
    pub const fn xor(self, other: Self) -> Self {
        let mask = self.mask | other.mask;
        Self { value: (self.value ^ other.value) & !mask, mask }
    }

    /// Shifts left by a known count.
    pub const fn lsh(self, count: u32) -> Self {
        Self { value: self.value << (count & 63), mask: self.mask << (count & 63) }
    }

    /// Shifts right by a known count, filling with zeros.
    pub const fn rsh(self, count: u32) -> Self {
        Self { value: self.value >> (count & 63), mask: self.mask >> (count & 63) }
    }

    /// Shifts right by a known count, filling with the sign of the lower 32 bits.
    pub const fn arsh32(self, count: u32) -> Self {
        Self {
            value: ((self.value as i32) >> (count & 31)) as u32 as u64,
            mask: ((self.mask as i32) >> (count & 31)) as u32 as u64,
        }
    }

    /// Shifts right by a known count, filling with the sign.
    pub const fn arsh64(self, count: u32) -> Self {
        Self {
            value: ((self.value as i64) >> (count & 63)) as u64,
            mask: ((self.mask as i64) >> (count & 63)) as u64,
        }
    }

    /// Products, as kernels since 6.18 find them: long multiplication, an unknown bit of `self` adding or not.
    pub fn product(mut self, mut other: Self) -> Self {
        let mut sum = Self::known(0);
        while self.value != 0 || self.mask != 0 {
            if self.value & 1 != 0 {
                sum = sum.sum(other);
            } else if self.mask & 1 != 0 {
                sum = sum.union(sum.sum(other));
            }
            self = self.rsh(1);
            other = other.lsh(1);
        }
        sum
    }

    /// Products, as kernels before 6.18 find them: the known parts multiplied, the uncertainty of both added up.
    pub fn product_before_6_18(mut self, mut other: Self) -> Self {
        let product = Self::known(self.value.wrapping_mul(other.value));
        let mut uncertain = Self::known(0);
        while self.value != 0 || self.mask != 0 {
            if self.value & 1 != 0 {
                uncertain = uncertain.sum(Self { value: 0, mask: other.mask });
            } else if self.mask & 1 != 0 {
                uncertain = uncertain.sum(Self { value: 0, mask: other.value | other.mask });
            }
            self = self.rsh(1);
            other = other.lsh(1);
        }
        product.sum(uncertain)
    }

    /// Reverses the order of the lower `bytes` bytes and clears the rest.
    pub const fn swap_bytes(self, bytes: u32) -> Self {
        let shift = 64 - bytes * 8;
        Self { value: self.value.swap_bytes() >> shift, mask: self.mask.swap_bytes() >> shift }
    }
}
