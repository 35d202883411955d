//! What is known of the result of arithmetic.

use knockwright_asm::Width;

use super::{Scalar, Span};
use crate::profile::Rules;

/// An operation that the domain follows; division and remainder give an unknown number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the names are the operators'
pub enum Binary {
    Add,
    Sub,
    Mul,
    And,
    Or,
    Xor,
    Lsh,
    Rsh,
    Arsh,
}

impl Scalar {
    /// The result of `self op source`, both being numbers, at a width.
    pub fn binary(&mut self, op: Binary, width: Width, source: &Self, rules: &Rules) {
        let is_shift = matches!(op, Binary::Lsh | Binary::Rsh | Binary::Arsh);
        if is_shift && !source.is_usable_count(width) {
            *self = Self::UNKNOWN;
            return;
        } else {
            match op {
                Binary::Add => {
                    self.add_32(source, rules);
                    self.add_64(source, rules);
                    self.bits = self.bits.sum(source.bits);
                }
                Binary::Sub => {
                    self.sub_32(source, rules);
                    self.sub_64(source, rules);
                    self.bits = self.bits.difference(source.bits);
                }
                Binary::Mul => {
                    self.bits = if rules.precise_tnum_mul {
                        self.bits.product(source.bits)
                    } else {
                        self.bits.product_before_6_18(source.bits)
                    };
                    if rules.corner_products {
                        self.mul_32(source);
                        self.mul_64(source);
                    } else {
                        self.mul_32_of_positives(source);
                        self.mul_64_of_positives(source);
                    }
                }
                Binary::And => {
                    self.bits = self.bits.and(source.bits);
                    self.and_32(source);
                    self.and_64(source, rules);
                }
                Binary::Or => {
                    self.bits = self.bits.or(source.bits);
                    self.or_32(source);
                    self.or_64(source, rules);
                }
                Binary::Xor => {
                    self.bits = self.bits.xor(source.bits);
                    self.xor_32(source);
                    self.xor_64(source, rules);
                }
                Binary::Lsh if width == Width::W32 => self.lsh_32(source.u32.min),
                Binary::Lsh => self.lsh_64(source.u64.min as u32, rules),
                Binary::Rsh if width == Width::W32 => self.rsh_32(source.u32.min),
                Binary::Rsh => self.rsh_64(source.u64.min as u32, rules),
                Binary::Arsh if width == Width::W32 => self.arsh_32(source.u32.min),
                Binary::Arsh => self.arsh_64(source.u64.min as u32, rules),
            }
        }
        if width == Width::W32 {
            self.zero_extend(rules);
        }
        self.sync(rules);
    }

    /// A sum whose parts don't learn from each other.
    pub(crate) fn add_without_settling(&mut self, source: &Self, rules: &Rules) {
        self.add_32(source, rules);
        self.add_64(source, rules);
        self.bits = self.bits.sum(source.bits);
    }

    /// The result of negation.
    pub fn negate(&mut self, width: Width, rules: &Rules) {
        let was = *self;
        *self = Self::known(0);
        self.binary_without_sync(&was, rules);
        if width == Width::W32 {
            self.zero_extend(rules);
        }
        self.sync(rules);
    }

    fn binary_without_sync(&mut self, source: &Self, rules: &Rules) {
        self.sub_32(source, rules);
        self.sub_64(source, rules);
        self.bits = self.bits.difference(source.bits);
    }

    /// Whether it's a known shift count below the width.
    fn is_usable_count(&self, width: Width) -> bool {
        match width {
            Width::W32 => {
                self.bits.lower().is_const() && self.s32.is_only() && self.u32.is_only() && self.u64.max < 32
            }
            Width::W64 => {
                self.bits.is_const() && self.s64.is_only() && self.u64.is_only() && self.u64.max < 64
            }
        }
    }

    /// The 64-bit ranges of a sum, for pointers and numbers alike.
    pub fn add_64(&mut self, other: &Self, rules: &Rules) {
        self.s64 = match (self.s64.min.checked_add(other.s64.min), self.s64.max.checked_add(other.s64.max)) {
            (Some(min), Some(max)) => Span::new(min, max),
            _ => Span::<i64>::FULL,
        };
        let (min, min_wraps) = self.u64.min.overflowing_add(other.u64.min);
        let (max, max_wraps) = self.u64.max.overflowing_add(other.u64.max);
        let keep = if rules.whole_wraps { min_wraps || !max_wraps } else { !min_wraps && !max_wraps };
        self.u64 = if keep { Span::new(min, max) } else { Span::<u64>::FULL };
    }

    fn add_32(&mut self, other: &Self, rules: &Rules) {
        self.s32 = match (self.s32.min.checked_add(other.s32.min), self.s32.max.checked_add(other.s32.max)) {
            (Some(min), Some(max)) => Span::new(min, max),
            _ => Span::<i32>::FULL,
        };
        let (min, min_wraps) = self.u32.min.overflowing_add(other.u32.min);
        let (max, max_wraps) = self.u32.max.overflowing_add(other.u32.max);
        let keep = if rules.whole_wraps { min_wraps || !max_wraps } else { !min_wraps && !max_wraps };
        self.u32 = if keep { Span::new(min, max) } else { Span::<u32>::FULL };
    }

    /// The 64-bit ranges of a difference, for pointers and numbers alike.
    pub fn sub_64(&mut self, other: &Self, rules: &Rules) {
        self.s64 = match (self.s64.min.checked_sub(other.s64.max), self.s64.max.checked_sub(other.s64.min)) {
            (Some(min), Some(max)) => Span::new(min, max),
            _ => Span::<i64>::FULL,
        };
        let (min, min_wraps) = self.u64.min.overflowing_sub(other.u64.max);
        let (max, max_wraps) = self.u64.max.overflowing_sub(other.u64.min);
        let keep = if rules.whole_wraps { !min_wraps || max_wraps } else { !min_wraps };
        self.u64 = if keep { Span::new(min, max) } else { Span::<u64>::FULL };
    }

    fn sub_32(&mut self, other: &Self, rules: &Rules) {
        self.s32 = match (self.s32.min.checked_sub(other.s32.max), self.s32.max.checked_sub(other.s32.min)) {
            (Some(min), Some(max)) => Span::new(min, max),
            _ => Span::<i32>::FULL,
        };
        let (min, min_wraps) = self.u32.min.overflowing_sub(other.u32.max);
        let (max, max_wraps) = self.u32.max.overflowing_sub(other.u32.min);
        let keep = if rules.whole_wraps { !min_wraps || max_wraps } else { !min_wraps };
        self.u32 = if keep { Span::new(min, max) } else { Span::<u32>::FULL };
    }

    fn mul_64(&mut self, other: &Self) {
        self.u64 = match (self.u64.min.checked_mul(other.u64.min), self.u64.max.checked_mul(other.u64.max)) {
            (Some(min), Some(max)) => Span::new(min, max),
            _ => Span::<u64>::FULL,
        };
        let (a, b) = (self.s64, other.s64);
        let corners = [(a.min, b.min), (a.min, b.max), (a.max, b.min), (a.max, b.max)];
        let products: Option<Vec4<i64>> = all4(corners.map(|(a, b)| a.checked_mul(b)));
        self.s64 = products.map_or(Span::<i64>::FULL, extent);
    }

    fn mul_32(&mut self, other: &Self) {
        self.u32 = match (self.u32.min.checked_mul(other.u32.min), self.u32.max.checked_mul(other.u32.max)) {
            (Some(min), Some(max)) => Span::new(min, max),
            _ => Span::<u32>::FULL,
        };
        let (a, b) = (self.s32, other.s32);
        let corners = [(a.min, b.min), (a.min, b.max), (a.max, b.min), (a.max, b.max)];
        let products: Option<Vec4<i32>> = all4(corners.map(|(a, b)| a.checked_mul(b)));
        self.s32 = products.map_or(Span::<i32>::FULL, extent);
    }

    /// Ranges of products before 6.14: only of small numbers that aren't negative.
    fn mul_64_of_positives(&mut self, other: &Self) {
        let small = u64::from(u32::MAX);
        if self.s64.min < 0 || other.s64.min < 0 || self.u64.max > small || other.u64.max > small {
            self.forget_64();
            return;
        }
        self.u64 =
            Span::new(self.u64.min.wrapping_mul(other.u64.min), self.u64.max.wrapping_mul(other.u64.max));
        self.s64 = if self.u64.max > i64::MAX as u64 {
            Span::<i64>::FULL
        } else {
            Span::new(self.u64.min as i64, self.u64.max as i64)
        };
    }

    fn mul_32_of_positives(&mut self, other: &Self) {
        let small = u32::from(u16::MAX);
        if self.s32.min < 0 || other.s32.min < 0 || self.u32.max > small || other.u32.max > small {
            self.forget_32();
            return;
        }
        self.u32 =
            Span::new(self.u32.min.wrapping_mul(other.u32.min), self.u32.max.wrapping_mul(other.u32.max));
        self.s32 = if self.u32.max > i32::MAX as u32 {
            Span::<i32>::FULL
        } else {
            Span::new(self.u32.min as i32, self.u32.max as i32)
        };
    }

    /// After a bitwise operation on the lower halves: whether both were known; then the result is.
    fn lower_is_settled(&mut self, other: &Self) -> bool {
        let low = self.bits.lower();
        let settled = other.bits.lower().is_const() && low.is_const();
        if settled {
            self.set_lower(low.value);
        }
        settled
    }

    /// As [`Self::lower_is_settled`], for all 64 bits.
    fn is_settled(&mut self, other: &Self) -> bool {
        let settled = other.bits.is_const() && self.bits.is_const();
        if settled {
            *self = Self::known(self.bits.value);
        }
        settled
    }

    fn and_32(&mut self, other: &Self) {
        if !self.lower_is_settled(other) {
            self.u32 = Span::new(self.bits.value as u32, self.u32.max.min(other.u32.max));
            self.s32 = self.u32.as_signed().unwrap_or(Span::<i32>::FULL);
        }
    }

    fn and_64(&mut self, other: &Self, rules: &Rules) {
        if !self.is_settled(other) {
            self.u64 = Span::new(self.bits.value, self.u64.max.min(other.u64.max));
            self.s64 = self.u64.as_signed().unwrap_or(Span::<i64>::FULL);
            self.learn_from_bits(rules);
        }
    }

    fn or_32(&mut self, other: &Self) {
        if !self.lower_is_settled(other) {
            let low = self.bits.lower();
            self.u32 = Span::new(self.u32.min.max(other.u32.min), (low.value | low.mask) as u32);
            self.s32 = self.u32.as_signed().unwrap_or(Span::<i32>::FULL);
        }
    }

    fn or_64(&mut self, other: &Self, rules: &Rules) {
        if !self.is_settled(other) {
            self.u64 = Span::new(self.u64.min.max(other.u64.min), self.bits.value | self.bits.mask);
            self.s64 = self.u64.as_signed().unwrap_or(Span::<i64>::FULL);
            self.learn_from_bits(rules);
        }
    }

    fn xor_32(&mut self, other: &Self) {
        if !self.lower_is_settled(other) {
            let low = self.bits.lower();
            self.u32 = Span::new(low.value as u32, (low.value | low.mask) as u32);
            self.s32 = self.u32.as_signed().unwrap_or(Span::<i32>::FULL);
        }
    }

    fn xor_64(&mut self, other: &Self, rules: &Rules) {
        if !self.is_settled(other) {
            self.u64 = Span::new(self.bits.value, self.bits.value | self.bits.mask);
            self.s64 = self.u64.as_signed().unwrap_or(Span::<i64>::FULL);
            self.learn_from_bits(rules);
        }
    }

    fn lsh_ranges_32(&mut self, count: u32) {
        self.s32 = Span::<i32>::FULL;
        self.u32 = if count > 31 || u64::from(self.u32.max) > 1_u64 << (31 - count) {
            Span::<u32>::FULL
        } else {
            Span::new(self.u32.min << count, self.u32.max << count)
        };
    }

    fn lsh_32(&mut self, count: u32) {
        self.lsh_ranges_32(count);
        self.bits = self.bits.lower().lsh(count).lower();
        self.forget_64();
        self.learn_32_from_bits();
    }

    fn lsh_64(&mut self, count: u32, rules: &Rules) {
        // A shift by 32 is the first half of a sign extension; the lower half's sign becomes the sign.
        let low = self.s32;
        self.s64 = match count {
            32 if rules.signed_lsh_32 => Span::new(i64::from(low.min) << 32, i64::from(low.max) << 32),
            32 => Span::new(
                if low.min >= 0 { i64::from(low.min) << 32 } else { i64::MIN },
                if low.max >= 0 { i64::from(low.max) << 32 } else { i64::MAX },
            ),
            _ => Span::<i64>::FULL,
        };
        self.u64 = if self.u64.max > 1_u64 << (63 - count) {
            Span::<u64>::FULL
        } else {
            Span::new(self.u64.min << count, self.u64.max << count)
        };
        self.lsh_ranges_32(count);
        self.bits = self.bits.lsh(count);
        self.learn_from_bits(rules);
    }

    fn rsh_32(&mut self, count: u32) {
        self.s32 = Span::<i32>::FULL;
        self.bits = self.bits.lower().rsh(count);
        self.u32 = Span::new(self.u32.min >> count, self.u32.max >> count);
        self.forget_64();
        self.learn_32_from_bits();
    }

    fn rsh_64(&mut self, count: u32, rules: &Rules) {
        self.s64 = Span::<i64>::FULL;
        self.bits = self.bits.rsh(count);
        self.u64 = Span::new(self.u64.min >> count, self.u64.max >> count);
        self.forget_32();
        self.learn_from_bits(rules);
    }

    fn arsh_32(&mut self, count: u32) {
        self.s32 = Span::new(self.s32.min >> count, self.s32.max >> count);
        self.bits = self.bits.lower().arsh32(count);
        self.u32 = Span::<u32>::FULL;
        self.forget_64();
        self.learn_32_from_bits();
    }

    fn arsh_64(&mut self, count: u32, rules: &Rules) {
        self.s64 = Span::new(self.s64.min >> count, self.s64.max >> count);
        self.bits = self.bits.arsh64(count);
        self.u64 = Span::<u64>::FULL;
        self.forget_32();
        self.learn_from_bits(rules);
    }

    /// Reverses the order of the lower `bytes` bytes: only the known bits follow.
    pub fn swap_bytes(&mut self, bytes: u32, rules: &Rules) {
        let bits = self.bits.swap_bytes(bytes);
        *self = Self { bits, ..Self::UNKNOWN };
        self.sync(rules);
    }
}

type Vec4<T> = [T; 4];

fn all4<T: Copy>(values: [Option<T>; 4]) -> Option<Vec4<T>> {
    match values {
        [Some(a), Some(b), Some(c), Some(d)] => Some([a, b, c, d]),
        _ => None,
    }
}

fn extent<T: Copy + Ord>(values: Vec4<T>) -> Span<T> {
    let [a, b, c, d] = values;
    Span::new(a.min(b).min(c).min(d), a.max(b).max(c).max(d))
}
