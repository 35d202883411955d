//! What is known of the result of arithmetic.
//!
//! The rules are those of `docs/verifier-rules.md`.

use knockwright_asm::Width;

use super::spans::{Spans, Wrapping};
use super::{Scalar, Span, Tnum, Word};
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

impl Binary {
    /// Every operation.
    pub const ALL: [Self; 9] =
        [Self::Add, Self::Sub, Self::Mul, Self::And, Self::Or, Self::Xor, Self::Lsh, Self::Rsh, Self::Arsh];
}

impl Scalar {
    /// The result of `self op source`, both being numbers, at a width.
    pub fn binary(&mut self, op: Binary, width: Width, source: &Self, rules: &Rules) {
        match op {
            Binary::Add => self.add(source, rules),
            Binary::Sub => self.subtract(source, rules),
            Binary::Mul => self.multiply(source, rules),
            Binary::And | Binary::Or | Binary::Xor => self.combine_bits(op, source, rules),
            Binary::Lsh | Binary::Rsh | Binary::Arsh => {
                let Some(count) = source.shift_count(width) else {
                    *self = Self::UNKNOWN;
                    return;
                };
                match width {
                    Width::W32 => self.shift_32(op, count),
                    Width::W64 => self.shift_64(op, count, rules),
                }
            }
        }
        if width == Width::W32 {
            self.zero_extend(rules);
        }
        self.sync(rules);
    }

    /// A sum whose parts don't learn from each other.
    pub(crate) fn add(&mut self, source: &Self, rules: &Rules) {
        self.set_half(self.half().sum(source.half(), Wrapping::of(rules)));
        self.set_whole(self.whole().sum(source.whole(), Wrapping::of(rules)));
        self.bits = self.bits.sum(source.bits);
    }

    fn subtract(&mut self, source: &Self, rules: &Rules) {
        self.set_half(self.half().difference(source.half(), Wrapping::of(rules)));
        self.set_whole(self.whole().difference(source.whole(), Wrapping::of(rules)));
        self.bits = self.bits.difference(source.bits);
    }

    /// The 64-bit ranges of a pointer's sum with a number. No kernel keeps one that wraps.
    pub fn add_whole(&mut self, other: &Self) {
        self.set_whole(self.whole().sum(other.whole(), Wrapping::Never));
    }

    /// The 64-bit ranges of a pointer's difference with a number, likewise.
    pub fn subtract_whole(&mut self, other: &Self) {
        self.set_whole(self.whole().difference(other.whole(), Wrapping::Never));
    }

    /// The result of negation.
    pub fn negate(&mut self, width: Width, rules: &Rules) {
        let number = std::mem::replace(self, Self::known(0));
        self.binary(Binary::Sub, width, &number, rules);
    }

    fn multiply(&mut self, source: &Self, rules: &Rules) {
        self.bits = if rules.precise_tnum_mul {
            self.bits.product(source.bits)
        } else {
            self.bits.product_before_6_18(source.bits)
        };
        let (half, whole) = if rules.corner_products {
            (self.half().product(source.half()), self.whole().product(source.whole()))
        } else {
            (self.half().product_of_small(source.half()), self.whole().product_of_small(source.whole()))
        };
        self.set_half(half);
        self.set_whole(whole);
    }

    fn combine_bits(&mut self, op: Binary, source: &Self, rules: &Rules) {
        self.bits = match op {
            Binary::And => self.bits.and(source.bits),
            Binary::Or => self.bits.or(source.bits),
            _ => self.bits.xor(source.bits),
        };
        self.set_half(combined(op, self.half(), source.half(), source.bits, self.bits));
        self.set_whole(combined(op, self.whole(), source.whole(), source.bits, self.bits));
        self.bits_bound_ranges(rules);
    }

    /// The count by which a shift of a width moves, if it's one number below the width, whatever is asked.
    fn shift_count(&self, width: Width) -> Option<u32> {
        let (count, limit) = match width {
            Width::W32 => (self.half().number(self.bits)?.into(), 32),
            Width::W64 => (self.whole().number(self.bits)?, 64),
        };
        // Even the half's count must be all of the number.
        (count.max(self.u64.max) < limit).then_some(count as u32)
    }

    /// Shifts the lower half; zero extension is still to come.
    fn shift_32(&mut self, op: Binary, count: u32) {
        let bits = self.bits.lower();
        let bits = match op {
            Binary::Lsh => bits.lsh(count).lower(),
            Binary::Rsh => bits.rsh(count),
            _ => bits.arsh32(count),
        };
        let half = self.half().shifted(op, count);
        *self = Self { bits, ..Self::UNKNOWN };
        self.set_half(half);
        self.bits_bound_half();
    }

    fn shift_64(&mut self, op: Binary, count: u32, rules: &Rules) {
        let (half, whole) = (self.half(), self.whole());
        self.set_whole(whole.shifted(op, count));
        self.set_half(Spans::FULL);
        self.bits = match op {
            Binary::Lsh => {
                self.set_half(half.shifted(op, count));
                if count == 32 {
                    self.s64 = first_half_of_extension(half.signed, rules);
                }
                self.bits.lsh(count)
            }
            Binary::Rsh => self.bits.rsh(count),
            _ => self.bits.arsh64(count),
        };
        self.bits_bound_ranges(rules);
    }

    /// Reverses the order of the lower `bytes` bytes: only the known bits follow.
    pub fn swap_bytes(&mut self, bytes: u32, rules: &Rules) {
        let bits = self.bits.swap_bytes(bytes);
        *self = Self { bits, ..Self::UNKNOWN };
        self.sync(rules);
    }
}

/// What a bitwise operation gives in one width: one word where the bits of the source and of the result leave nothing open.
fn combined<W: Word>(op: Binary, a: Spans<W>, b: Spans<W>, source: Tnum, result: Tnum) -> Spans<W> {
    match (source.known_word::<W>(), result.known_word()) {
        (Some(_), Some(word)) => Spans::only(word),
        _ => a.bitwise(op, b, result),
    }
}

/// The signed range after a shift left by 32, which is the first half of a sign extension: the half's sign becomes the sign.
fn first_half_of_extension(half: Span<i32>, rules: &Rules) -> Span<i64> {
    let shifted = half.map(|end| i64::from(end) << 32);
    if rules.signed_lsh_32 {
        return shifted;
    }
    let or_end = |end: i64, limit| if end < 0 { limit } else { end };
    Span::new(or_end(shifted.min, i64::MIN), or_end(shifted.max, i64::MAX))
}
