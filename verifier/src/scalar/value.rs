//! A number of which bits and ranges are known, and how these bound one another.
//!
//! The rules are those of `docs/verifier-rules.md`, by their letters.

use super::spans::{Crossing, Spans};
use super::{Reading, Span, Tnum, Word};
use crate::profile::Rules;

/// What is known of a 64-bit number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scalar {
    /// The known bits (`var_off`).
    pub bits: Tnum,
    /// As a signed 64-bit number.
    pub s64: Span<i64>,
    /// As an unsigned 64-bit number.
    pub u64: Span<u64>,
    /// The lower half as a signed number.
    pub s32: Span<i32>,
    /// The lower half as an unsigned number.
    pub u32: Span<u32>,
}

impl Scalar {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        bits: Tnum::UNKNOWN,
        s64: Span::<i64>::FULL,
        u64: Span::<u64>::FULL,
        s32: Span::<i32>::FULL,
        u32: Span::<u32>::FULL,
    };

    /// One number.
    pub const fn known(value: u64) -> Self {
        Self {
            bits: Tnum::known(value),
            s64: Span::only(value as i64),
            u64: Span::only(value),
            s32: Span::only(value as i32),
            u32: Span::only(value as u32),
        }
    }

    /// Whether it is one number.
    pub const fn is_const(&self) -> bool {
        self.bits.is_const()
    }

    /// The number, if it is one.
    pub const fn as_const(&self) -> Option<u64> {
        if self.bits.is_const() { Some(self.bits.value) } else { None }
    }

    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::UNKNOWN
    }

    /// The ranges of all 64 bits.
    pub(super) fn whole(&self) -> Spans<u64> {
        Spans { unsigned: self.u64, signed: self.s64 }
    }

    /// The ranges of the lower half.
    pub(super) fn half(&self) -> Spans<u32> {
        Spans { unsigned: self.u32, signed: self.s32 }
    }

    pub(super) fn set_whole(&mut self, Spans { unsigned, signed }: Spans<u64>) {
        (self.u64, self.s64) = (unsigned, signed);
    }

    pub(super) fn set_half(&mut self, Spans { unsigned, signed }: Spans<u32>) {
        (self.u32, self.s32) = (unsigned, signed);
    }

    /// Forgets all ranges.
    pub fn forget_ranges(&mut self) {
        *self = Self { bits: self.bits, ..Self::UNKNOWN };
    }

    /// Sets the lower half to one number and forgets nothing of the upper half's bits.
    pub(crate) fn set_lower(&mut self, value: u64) {
        self.bits = self.bits.with_lower(Tnum::known(value & 0xffff_ffff));
        self.set_half(Spans::only(value as u32));
    }

    /// Rule B, for the lower half.
    pub(super) fn bits_bound_half(&mut self) {
        let mut half = self.half();
        half.narrow_by_bits(self.bits);
        self.set_half(half);
    }

    /// Rules B and O.
    pub(super) fn bits_bound_ranges(&mut self, rules: &Rules) {
        self.bits_bound_half();
        let mut whole = self.whole();
        whole.narrow_by_bits(self.bits);
        self.set_whole(whole);
        if rules.single_overlap
            && let Some(only) = self.bits.only_one_in(self.u64)
        {
            *self = Self::known(only);
        }
    }

    /// Rule L: where the whole number goes, its half goes along.
    fn whole_bounds_half(&mut self) {
        let mut half = self.half();
        let Span { min, max } = self.u64;
        if self.u64.is_empty() && min >> 32 == max >> 32 {
            half.unsigned.narrow(Span::new(min as u32, max as u32));
        }
        for arc in [self.u64.half(), self.s64.half()].into_iter().flatten() {
            half.narrow_by_arc(arc);
        }
        self.set_half(half);
    }

    /// Rule R, for both widths.
    fn readings_bound_each_other(&mut self, rules: &Rules) {
        let (mut half, mut whole) = (self.half(), self.whole());
        half.narrow_each_other(Crossing::looked_at(rules.sign_crossing_32));
        whole.narrow_each_other(Crossing::looked_at(rules.sign_crossing));
        self.set_half(half);
        self.set_whole(whole);
    }

    /// Rules H and X.
    fn half_bounds_whole(&mut self) {
        self.u64.narrow_half(self.u32);
        self.s64.narrow_half(self.u32);
        let extended = Span::new(i32::MIN, i32::MAX).map(i64::from);
        if extended.includes(self.s64) && !self.s32.min.is_negative() {
            self.set_whole(Spans::of_one_sign(self.s32.map(i64::from)));
            self.bits = self.bits.intersect(Tnum::range(self.u64.min, self.u64.max));
        }
    }

    /// Rule T: what the ends of a range have in common from the top, all of its numbers have.
    fn ranges_bound_bits(&mut self) {
        let Span { min, max } = self.u32.map(u64::from);
        let bits = self.bits.intersect(Tnum::range(self.u64.min, self.u64.max));
        self.bits = bits.with_lower(bits.lower().intersect(Tnum::range(min, max)));
    }

    /// Lets every part learn from the others, in the order and as often as the kernel's logs show.
    pub fn sync(&mut self, rules: &Rules) {
        if self.as_const().is_some_and(|value| *self == Self::known(value)) {
            return;
        }
        self.bits_bound_ranges(rules);
        for _ in 0..rules.deduction_rounds {
            self.whole_bounds_half();
            self.readings_bound_each_other(rules);
            self.half_bounds_whole();
        }
        self.ranges_bound_bits();
        self.bits_bound_ranges(rules);
    }

    /// What the parts contradict each other in, if they do: then no number is left.
    pub fn contradiction(&self) -> Option<&'static str> {
        if self.s64.is_empty() || self.u64.is_empty() || self.s32.is_empty() || self.u32.is_empty() {
            return Some("range bounds violation");
        }
        let differs = self.bits.known_word().is_some_and(|value| self.whole() != Spans::<u64>::only(value));
        if differs {
            return Some("const tnum out of sync with range bounds");
        }
        let differs = self.bits.known_word().is_some_and(|value| self.half() != Spans::<u32>::only(value));
        differs.then_some("const subreg tnum out of sync with range bounds")
    }

    /// Clears the upper half: what a 32-bit operation does.
    pub fn zero_extend(&mut self, rules: &Rules) {
        self.bits = self.bits.lower();
        self.u64 = self.u32.map(u64::from);
        self.s64 = if self.s32.min.is_negative() {
            Span::<u32>::FULL.map(i64::from)
        } else {
            self.s32.map(i64::from)
        };
        self.sync(rules);
    }

    /// Cuts to the lower `bytes` bytes and zero-extends: what a narrow load or store does.
    pub fn truncate(&mut self, bytes: u32, rules: &Rules) {
        if bytes >= 8 {
            return;
        }
        self.bits = self.bits.truncate(bytes);
        self.u64 = self.u64.lowest(bytes * 8);
        self.s64 = self.u64.map(Reading::at);
        if bytes < 4 {
            self.set_half(Spans::FULL);
        }
        self.sync(rules);
    }

    /// The lower `bytes` bytes with their sign extended to a width, of which `range` is the signed range, if their range is
    /// known.
    fn sign_extended<T: Reading>(&self, range: Span<T>, bytes: u32) -> Option<Span<T>> {
        let range = self.bits.known_word::<u64>().map_or(range, |value| Span::only(T::at(Word::of(value))));
        range.sign_extended(bytes * 8)
    }

    /// Sign-extends the lower `bytes` bytes to 64 bits.
    pub fn sign_extend_64(&mut self, bytes: u32) {
        let narrow = self.sign_extended(self.s64, bytes);
        *self = Self::UNKNOWN;
        if let Some(signed) = narrow {
            self.set_whole(Spans::of_one_sign(signed));
            self.set_half(Spans::of_one_sign(signed.map(|end| end as i32)));
            self.bits = Tnum::range(self.u64.min, self.u64.max);
        } else {
            self.s64 = Span::of_signed_part(bytes * 8);
            self.s32 = Span::of_signed_part(bytes * 8);
        }
    }

    /// Sign-extends the lower `bytes` bytes to 32 bits: the lower half and all bits are those of the result, which zero
    /// extension completes.
    pub fn sign_extend_32(&mut self, bytes: u32) {
        let narrow = self.sign_extended(self.s32, bytes);
        self.set_half(match narrow {
            Some(signed) => Spans::of_one_sign(signed),
            None => Spans { signed: Span::of_signed_part(bytes * 8), ..Spans::FULL },
        });
        let Span { min, max } = self.u32.map(u64::from);
        self.bits = Tnum::range(min, max).lower();
    }
}
