//! A number of which bits and ranges are known, and the deductions from one part to the others.

use super::{Span, Tnum};
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

    /// Forgets the 64-bit ranges.
    pub(super) fn forget_64(&mut self) {
        self.s64 = Span::<i64>::FULL;
        self.u64 = Span::<u64>::FULL;
    }

    /// Forgets the 32-bit ranges.
    pub(super) fn forget_32(&mut self) {
        self.s32 = Span::<i32>::FULL;
        self.u32 = Span::<u32>::FULL;
    }

    /// Forgets all ranges.
    pub fn forget_ranges(&mut self) {
        self.forget_64();
        self.forget_32();
    }

    /// Sets the lower half to one number and forgets nothing of the upper half's bits.
    pub(crate) fn set_lower(&mut self, value: u64) {
        self.bits = self.bits.with_lower(Tnum::known(value & 0xffff_ffff));
        self.s32 = Span::only(value as i32);
        self.u32 = Span::only(value as u32);
    }

    /// The 32-bit ranges learn from the known bits.
    pub(super) fn learn_32_from_bits(&mut self) {
        let low = self.bits.lower();
        let (value, mask) = (low.value as u32, low.mask as u32);
        let sign = i32::MIN as u32;
        self.s32.narrow(Span::new((value | mask & sign) as i32, (value | mask & !sign) as i32));
        self.u32.narrow(Span::new(value, value | mask));
    }

    /// The 64-bit ranges learn from the known bits.
    pub(super) fn learn_64_from_bits(&mut self, rules: &Rules) {
        let Tnum { value, mask } = self.bits;
        let sign = i64::MIN as u64;
        self.s64.narrow(Span::new((value | mask & sign) as i64, (value | mask & !sign) as i64));
        self.u64.narrow(Span::new(value, value | mask));
        if rules.single_overlap {
            self.settle_single_overlap();
        }
    }

    /// If only one number fits both the unsigned range and the known bits, it's that one.
    fn settle_single_overlap(&mut self) {
        let Span { min, max } = self.u64;
        let next = self.bits.next_above(min);
        let only = if self.bits.contains(min) {
            (next > max).then_some(min)
        } else if next == self.bits.max() {
            Some(next)
        } else {
            (next <= max && self.bits.next_above(next) > max).then_some(next)
        };
        if let Some(only) = only {
            *self = Self::known(only);
        }
    }

    /// All ranges learn from the known bits.
    pub(super) fn learn_from_bits(&mut self, rules: &Rules) {
        self.learn_32_from_bits();
        self.learn_64_from_bits(rules);
    }

    /// The 32-bit ranges learn from the 64-bit ranges and from each other.
    fn deduce_32(&mut self, rules: &Rules) {
        let (min, max) = (self.u64.min, self.u64.max);
        if min >> 32 == max >> 32 {
            self.u32.narrow(Span::new(min as u32, max as u32));
            if min as i32 <= max as i32 {
                self.s32.narrow(Span::new(min as i32, max as i32));
            }
        }
        let (smin, smax) = (self.s64.min as u64, self.s64.max as u64);
        if smin >> 32 == smax >> 32 {
            if smin as u32 <= smax as u32 {
                self.u32.narrow(Span::new(smin as u32, smax as u32));
            }
            if smin as i32 <= smax as i32 {
                self.s32.narrow(Span::new(smin as i32, smax as i32));
            }
        }
        // Neighbouring upper halves: the lower half goes from a negative number up to a positive one.
        for (min, max) in [(min, max), (smin, smax)] {
            let next = ((min >> 32) as u32).wrapping_add(1);
            if next == (max >> 32) as u32 && (min as i32) < 0 && max as i32 >= 0 {
                self.s32.narrow(Span::new(min as i32, max as i32));
            }
        }
        if let Some(signed) = self.u32.as_signed() {
            self.s32.narrow(signed);
        }
        if let Some(unsigned) = self.s32.as_unsigned() {
            self.u32.narrow(unsigned);
        } else if rules.sign_crossing_32 {
            // As for 64 bits below.
            if self.u32.max < self.s32.min as u32 {
                self.s32.min = self.u32.min as i32;
                self.u32.max = self.u32.max.min(self.s32.max as u32);
            } else if (self.s32.max as u32) < self.u32.min {
                self.s32.max = self.u32.max as i32;
                self.u32.min = self.u32.min.max(self.s32.min as u32);
            }
        }
    }

    /// The 64-bit ranges learn from each other.
    fn deduce_64(&mut self, rules: &Rules) {
        if let Some(signed) = self.u64.as_signed() {
            self.s64.narrow(signed);
        }
        if let Some(unsigned) = self.s64.as_unsigned() {
            self.u64.narrow(unsigned);
        } else if rules.sign_crossing {
            // The signed range is two unsigned pieces, from 0 and up to the largest number. If the unsigned range meets only
            // one of them, so does the number.
            if self.u64.max < self.s64.min as u64 {
                self.s64.min = self.u64.min as i64;
                self.u64.max = self.u64.max.min(self.s64.max as u64);
            } else if (self.s64.max as u64) < self.u64.min {
                self.s64.max = self.u64.max as i64;
                self.u64.min = self.u64.min.max(self.s64.min as u64);
            }
        }
    }

    /// The 64-bit ranges learn from the 32-bit ranges.
    fn deduce_mixed(&mut self) {
        const UPPER: u64 = !0xffff_ffff;
        let (low, high) = (u64::from(self.u32.min), u64::from(self.u32.max));
        self.u64.narrow(Span::new(self.u64.min & UPPER | low, self.u64.max & UPPER | high));
        let (smin, smax) = (self.s64.min as u64, self.s64.max as u64);
        self.s64.narrow(Span::new((smin & UPPER | low) as i64, (smax & UPPER | high) as i64));
        // A sign-extended number whose lower half isn't negative: the upper half is zero.
        let fits = self.s64.min >= i64::from(i32::MIN) && self.s64.max <= i64::from(i32::MAX);
        if fits && self.s32.min >= 0 {
            let span = Span::new(self.s32.min as u64, self.s32.max as u64);
            self.u64 = span;
            self.s64 = Span::new(span.min as i64, span.max as i64);
            self.bits = self.bits.intersect(Tnum::range(span.min, span.max));
        }
    }

    /// The known bits learn from the unsigned ranges.
    fn learn_bits(&mut self) {
        let all = self.bits.intersect(Tnum::range(self.u64.min, self.u64.max));
        let low = all.lower().intersect(Tnum::range(u64::from(self.u32.min), u64::from(self.u32.max)));
        self.bits = all.clear_lower().or(low);
    }

    /// Lets every part learn from the others, in the kernel's order and as often as it does (`reg_bounds_sync`).
    pub fn sync(&mut self, rules: &Rules) {
        self.learn_from_bits(rules);
        for _ in 0..rules.deduction_rounds {
            self.deduce_32(rules);
            self.deduce_64(rules);
            self.deduce_mixed();
        }
        self.learn_bits();
        self.learn_from_bits(rules);
    }

    /// What the parts contradict each other in, if they do: then no number is left.
    pub fn contradiction(&self) -> Option<&'static str> {
        let empty = self.s64.min > self.s64.max
            || self.u64.min > self.u64.max
            || self.s32.min > self.s32.max
            || self.u32.min > self.u32.max;
        if empty {
            return Some("range bounds violation");
        }
        if let Some(value) = self.as_const()
            && (self.u64 != Span::only(value) || self.s64 != Span::only(value as i64))
        {
            return Some("const tnum out of sync with range bounds");
        }
        let low = self.bits.lower();
        if low.is_const()
            && (self.u32 != Span::only(low.value as u32) || self.s32 != Span::only(low.value as i32))
        {
            return Some("const subreg tnum out of sync with range bounds");
        }
        None
    }

    /// Clears the upper half: what a 32-bit operation does.
    pub fn zero_extend(&mut self, rules: &Rules) {
        self.bits = self.bits.lower();
        self.u64 = Span::new(u64::from(self.u32.min), u64::from(self.u32.max));
        self.s64 = if self.s32.min >= 0 {
            Span::new(i64::from(self.s32.min), i64::from(self.s32.max))
        } else {
            Span::new(0, i64::from(u32::MAX))
        };
        self.sync(rules);
    }

    /// Cuts to the lower `bytes` bytes and zero-extends: what a narrow load or store does.
    pub fn truncate(&mut self, bytes: u32, rules: &Rules) {
        if bytes >= 8 {
            return;
        }
        self.bits = self.bits.truncate(bytes);
        let mask = (1_u64 << (bytes * 8)) - 1;
        if self.u64.min & !mask == self.u64.max & !mask {
            self.u64 = Span::new(self.u64.min & mask, self.u64.max & mask);
        } else {
            self.u64 = Span::new(0, mask);
        }
        self.s64 = Span::new(self.u64.min as i64, self.u64.max as i64);
        if bytes < 4 {
            self.forget_32();
        }
        self.sync(rules);
    }

    /// Sign-extends the lower `bytes` bytes to 64 bits.
    pub fn sign_extend_64(&mut self, bytes: u32, rules: &Rules) {
        let shift = 64 - bytes * 8;
        let low = (1_u64 << (bytes * 8)) - 1;
        if self.bits.is_const() {
            *self = Self::known(((self.bits.value << shift) as i64 >> shift) as u64);
            return;
        }
        let (top_max, top_min) = (self.s64.max as u64 & !low, self.s64.min as u64 & !low);
        if top_max == top_min {
            let (a, b) = ((self.s64.max as u64) << shift, (self.s64.min as u64) << shift);
            let (a, b) = (a as i64 >> shift, b as i64 >> shift);
            let span = Span::new(a.min(b), a.max(b));
            if (span.min >= 0) == (span.max >= 0) {
                self.s64 = span;
                self.u64 = Span::new(span.min as u64, span.max as u64);
                self.s32 = Span::new(span.min as i32, span.max as i32);
                self.u32 = Span::new(span.min as u32, span.max as u32);
                self.bits = Tnum::range(span.min as u64, span.max as u64);
                return;
            }
        }
        let limit = 1_i64 << (bytes * 8 - 1);
        self.s64 = Span::new(-limit, limit - 1);
        self.u64 = Span::<u64>::FULL;
        if bytes < 4 {
            self.s32 = Span::new(-limit as i32, (limit - 1) as i32);
        } else {
            self.s32 = Span::<i32>::FULL;
        }
        self.u32 = Span::<u32>::FULL;
        self.bits = Tnum::UNKNOWN;
        let _ = rules;
    }

    /// Sign-extends the lower `bytes` bytes to 32 bits and zero-extends the result.
    pub fn sign_extend_32(&mut self, bytes: u32, rules: &Rules) {
        let shift = 32 - bytes * 8;
        let low = (1_u32 << (bytes * 8)) - 1;
        if self.bits.is_const() {
            let value = ((self.bits.value as u32) << shift) as i32 >> shift;
            self.s32 = Span::only(value);
            self.u32 = Span::only(value as u32);
            self.bits = Tnum::known(u64::from(value as u32));
            return;
        }
        let (top_max, top_min) = (self.s32.max as u32 & !low, self.s32.min as u32 & !low);
        if top_max == top_min {
            let (a, b) = ((self.s32.max as u32) << shift, (self.s32.min as u32) << shift);
            let (a, b) = (a as i32 >> shift, b as i32 >> shift);
            let span = Span::new(a.min(b), a.max(b));
            if (span.min >= 0) == (span.max >= 0) {
                self.s32 = span;
                self.u32 = Span::new(span.min as u32, span.max as u32);
                self.bits = Tnum::range(u64::from(span.min as u32), u64::from(span.max as u32)).lower();
                return;
            }
        }
        let limit = 1_i32 << (bytes * 8 - 1);
        self.s32 = Span::new(-limit, limit - 1);
        self.u32 = Span::<u32>::FULL;
        self.bits = Tnum::UNKNOWN.lower();
        let _ = rules;
    }
}
