//! What the two readings of a word say of it, and what operations make of that: once for all widths.
//!
//! The rules are those of `docs/verifier-rules.md`, by their letters.

use super::span::Arc;
use super::{Binary, Reading, Span, Tnum, Word};
use crate::profile::Rules;

/// A range of each reading. The word is in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spans<W: Word> {
    pub(super) unsigned: Span<W>,
    pub(super) signed: Span<W::Signed>,
}

/// What a signed range says of the unsigned one where it crosses zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crossing {
    /// Each of its two pieces bounds it.
    Bounds,
    /// Nothing.
    Ignored,
}

impl Crossing {
    /// By whether a kernel looks at the pieces.
    pub(super) const fn looked_at(is_looked_at: bool) -> Self {
        if is_looked_at { Self::Bounds } else { Self::Ignored }
    }
}

/// Whether an unsigned range that wraps as a whole stays a range. One of which only a part wraps never does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrapping {
    Whole,
    Never,
}

impl Wrapping {
    /// What a kernel does in arithmetic of numbers.
    pub(super) const fn of(rules: &Rules) -> Self {
        if rules.whole_wraps { Self::Whole } else { Self::Never }
    }
}

impl<W: Word> Spans<W> {
    /// Every word.
    pub(super) const FULL: Self = Self { unsigned: Span::<W>::FULL, signed: Span::<W::Signed>::FULL };

    /// What a range of signed numbers is, if it doesn't cross zero.
    pub(super) fn of_one_sign(signed: Span<W::Signed>) -> Self {
        Self { unsigned: signed.map(Reading::point), signed }
    }

    /// One word.
    pub(super) fn only(word: W) -> Self {
        Self { unsigned: Span::only(word), signed: Span::only(Reading::at(word)) }
    }

    /// The word, if the known bits and both readings each have only one.
    pub(super) fn number(&self, bits: Tnum) -> Option<W> {
        let is_one = bits.known_word::<W>().is_some() && self.unsigned.is_only() && self.signed.is_only();
        is_one.then_some(self.unsigned.min)
    }

    /// Rule B: the known bits bound both readings.
    pub(super) fn narrow_by_bits(&mut self, bits: Tnum) {
        self.unsigned.narrow(Span::of_bits(bits));
        self.signed.narrow(Span::of_bits(bits));
    }

    /// Bounds the readings in which an arc is a range.
    pub(super) fn narrow_by_arc(&mut self, arc: Arc<W>) {
        if let Some(unsigned) = arc.read() {
            self.unsigned.narrow(unsigned);
        }
        if let Some(signed) = arc.read() {
            self.signed.narrow(signed);
        }
    }

    /// Rule R: the readings bound each other.
    pub(super) fn narrow_each_other(&mut self, crossing: Crossing) {
        if let Some(signed) = self.unsigned.read_as() {
            self.signed.narrow(signed);
        }
        if let Some(unsigned) = self.signed.read_as() {
            self.unsigned.narrow(unsigned);
        } else if crossing == Crossing::Bounds {
            self.narrow_by_pieces();
        }
    }

    /// A signed range that crosses zero is two pieces of unsigned numbers. If the unsigned range misses one of them, the word
    /// is in the other, and the signed range ends where the unsigned one does.
    fn narrow_by_pieces(&mut self) {
        let below = Span::new(W::SMALLEST, self.signed.max.point());
        let above = Span::new(self.signed.min.point(), W::LARGEST);
        let met = self.unsigned;
        if met.max < above.min {
            self.signed.min = Reading::at(met.min);
            self.unsigned.narrow(below);
        } else if met.min > below.max {
            self.signed.max = Reading::at(met.max);
            self.unsigned.narrow(above);
        }
    }

    /// Sums.
    pub(super) fn sum(self, other: Self, wrapping: Wrapping) -> Self {
        let (first, last) =
            (self.unsigned.min.sum(other.unsigned.min), self.unsigned.max.sum(other.unsigned.max));
        let torn = match wrapping {
            Wrapping::Whole => last.1 && !first.1,
            Wrapping::Never => last.1 || first.1,
        };
        Self {
            unsigned: if torn { Span::<W>::FULL } else { Span::new(first.0, last.0) },
            signed: unless_left(self.signed.min.sum(other.signed.min), self.signed.max.sum(other.signed.max)),
        }
    }

    /// Differences.
    pub(super) fn difference(self, other: Self, wrapping: Wrapping) -> Self {
        let first = self.unsigned.min.difference(other.unsigned.max);
        let last = self.unsigned.max.difference(other.unsigned.min);
        let torn = first.1 && !(wrapping == Wrapping::Whole && last.1);
        Self {
            unsigned: if torn { Span::<W>::FULL } else { Span::new(first.0, last.0) },
            signed: unless_left(
                self.signed.min.difference(other.signed.max),
                self.signed.max.difference(other.signed.min),
            ),
        }
    }

    /// Products of any numbers.
    pub(super) fn product(self, other: Self) -> Self {
        let (a, b) = (self.unsigned, other.unsigned);
        let unsigned = [a.min.product(b.min), a.max.product(b.max)];
        let (a, b) = (self.signed, other.signed);
        let signed = [(a.min, b.min), (a.min, b.max), (a.max, b.min), (a.max, b.max)];
        let unsigned = match unsigned {
            [Some(first), Some(last)] => Span::new(first, last),
            _ => Span::<W>::FULL,
        };
        Self { unsigned, signed: extent(signed.map(|(a, b)| a.product(b))) }
    }

    /// Products of numbers that aren't negative and fill half of the width at most; all numbers if one may be another.
    pub(super) fn product_of_small(self, other: Self) -> Self {
        let is_small = |factor: &Self| {
            !factor.signed.min.is_negative() && factor.unsigned.max >> (W::BITS / 2) == W::SMALLEST
        };
        if !is_small(&self) || !is_small(&other) {
            return Self::FULL;
        }
        let product = |a: W, b: W| W::of(a.into().wrapping_mul(b.into()));
        let (a, b) = (self.unsigned, other.unsigned);
        let unsigned = Span::new(product(a.min, b.min), product(a.max, b.max));
        let signed: Span<W::Signed> = unsigned.map(Reading::at);
        Self { unsigned, signed: if signed.max.is_negative() { Span::<W::Signed>::FULL } else { signed } }
    }

    /// What a bitwise operation gives, of which the bits are known.
    pub(super) fn bitwise(self, op: Binary, other: Self, result: Tnum) -> Self {
        let allowed = Span::<W>::of_bits(result);
        let (a, b) = (self.unsigned, other.unsigned);
        let unsigned = match op {
            // No more than either has, no less than either has; an exclusive disjunction says nothing but by its bits.
            Binary::And => Span::new(allowed.min, a.max.min(b.max)),
            Binary::Or => Span::new(a.min.max(b.min), allowed.max),
            _ => allowed,
        };
        Self { unsigned, signed: unsigned.read_as().unwrap_or(Span::<W::Signed>::FULL) }
    }

    /// What a shift by a known count gives; more than the width only to the left.
    pub(super) fn shifted(self, op: Binary, count: u32) -> Self {
        match op {
            Binary::Lsh => {
                let fits = count < W::BITS && self.unsigned.max <= W::ONE << (W::BITS - 1 - count);
                let unsigned = if fits { self.unsigned.map(|end| end << count) } else { Span::<W>::FULL };
                Self { unsigned, ..Self::FULL }
            }
            Binary::Rsh => Self { unsigned: self.unsigned.map(|end| end >> count), ..Self::FULL },
            _ => Self { signed: self.signed.map(|end| end >> count), ..Self::FULL },
        }
    }
}

/// From one end to the other, unless one has left the reading: then every number.
fn unless_left<T: Reading>(first: (T, bool), last: (T, bool)) -> Span<T> {
    if first.1 || last.1 { Span::FULL } else { Span::new(first.0, last.0) }
}

/// From the smallest to the largest product, unless one isn't a number of the reading: then every number.
fn extent<T: Reading>(products: [Option<T>; 4]) -> Span<T> {
    let [Some(a), Some(b), Some(c), Some(d)] = products else {
        return Span::FULL;
    };
    Span::new(a.min(b).min(c.min(d)), a.max(b).max(c.max(d)))
}
