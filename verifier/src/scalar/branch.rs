//! What a conditional jump decides, and what each side of it learns.

use knockwright_asm::{Cond, Width};

use super::{Scalar, Span, Tnum};
use crate::profile::Rules;

/// A comparison, or the absence of common bits, which no instruction tests but one side of a jump knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// One that an instruction has.
    Holds(Cond),
    /// No bit of the source is set in the destination.
    NoCommonBit,
}

/// The condition that holds where `cond` doesn't.
fn opposite(cond: Cond) -> Comparison {
    Comparison::Holds(match cond {
        Cond::Eq => Cond::Ne,
        Cond::Ne => Cond::Eq,
        Cond::Gt => Cond::Le,
        Cond::Ge => Cond::Lt,
        Cond::Lt => Cond::Ge,
        Cond::Le => Cond::Gt,
        Cond::Sgt => Cond::Sle,
        Cond::Sge => Cond::Slt,
        Cond::Slt => Cond::Sge,
        Cond::Sle => Cond::Sgt,
        Cond::Set => return Comparison::NoCommonBit,
    })
}

/// The condition with its sides exchanged.
pub fn flipped(cond: Cond) -> Cond {
    match cond {
        Cond::Gt => Cond::Lt,
        Cond::Ge => Cond::Le,
        Cond::Lt => Cond::Gt,
        Cond::Le => Cond::Ge,
        Cond::Sgt => Cond::Slt,
        Cond::Sge => Cond::Sle,
        Cond::Slt => Cond::Sgt,
        Cond::Sle => Cond::Sge,
        same => same,
    }
}

/// The unsigned and signed range and the bits that a comparison of a width looks at.
fn seen(value: &Scalar, width: Width) -> (Tnum, Span<u64>, Span<i64>) {
    match width {
        Width::W64 => (value.bits, value.u64, value.s64),
        Width::W32 => (
            value.bits.lower(),
            Span::new(u64::from(value.u32.min), u64::from(value.u32.max)),
            Span::new(i64::from(value.s32.min), i64::from(value.s32.max)),
        ),
    }
}

fn apart<T: Copy + Ord>(a: Span<T>, b: Span<T>) -> bool {
    a.min > b.max || a.max < b.min
}

fn above<T: Copy + Ord>(a: Span<T>, b: Span<T>) -> Option<bool> {
    if a.min > b.max {
        Some(true)
    } else if a.max <= b.min {
        Some(false)
    } else {
        None
    }
}

fn not_below<T: Copy + Ord>(a: Span<T>, b: Span<T>) -> Option<bool> {
    if a.min >= b.max {
        Some(true)
    } else if a.max < b.min {
        Some(false)
    } else {
        None
    }
}

/// The constant that a comparison of a width sees.
pub fn constant(value: &Scalar, width: Width) -> Option<u64> {
    let bits = match width {
        Width::W64 => value.bits,
        Width::W32 => value.bits.lower(),
    };
    bits.is_const().then_some(bits.value)
}

/// Whether a comparison of two numbers always or never holds.
pub fn decide(cond: Cond, width: Width, a: &Scalar, b: &Scalar, rules: &Rules) -> Option<bool> {
    let (bits_a, u_a, s_a) = seen(a, width);
    let (bits_b, u_b, s_b) = seen(b, width);
    match cond {
        Cond::Eq | Cond::Ne => {
            let equal = if bits_a.is_const() && bits_b.is_const() {
                Some(bits_a.value == bits_b.value)
            } else if (rules.bits_decide_equality && !bits_a.overlaps(bits_b))
                || apart(u_a, u_b)
                || apart(s_a, s_b)
                || (width == Width::W64 && (apart(a.u32, b.u32) || apart(a.s32, b.s32)))
            {
                Some(false)
            } else {
                None
            };
            equal.map(|equal| equal == (cond == Cond::Eq))
        }
        Cond::Set => {
            let (bits, value) = match (bits_b.is_const(), bits_a.is_const()) {
                (true, _) => (bits_a, bits_b.value),
                (false, true) => (bits_b, bits_a.value),
                (false, false) => return None,
            };
            if bits.value & value != 0 {
                Some(true)
            } else if (bits.value | bits.mask) & value == 0 {
                Some(false)
            } else {
                None
            }
        }
        Cond::Gt => above(u_a, u_b),
        Cond::Sgt => above(s_a, s_b),
        Cond::Lt => above(u_b, u_a),
        Cond::Slt => above(s_b, s_a),
        Cond::Ge => not_below(u_a, u_b),
        Cond::Sge => not_below(s_a, s_b),
        Cond::Le => not_below(u_b, u_a),
        Cond::Sle => not_below(s_b, s_a),
    }
}

/// Two compared numbers as the side of the jump knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refined {
    /// The first.
    pub a: Scalar,
    /// The second.
    pub b: Scalar,
}

/// What the two sides of a jump learn: first the side where the comparison holds, then the other.
pub fn refine(cond: Cond, width: Width, a: &Scalar, b: &Scalar, rules: &Rules) -> (Refined, Refined) {
    let side = |comparison| {
        let (mut a, mut b) = (*a, *b);
        learn(comparison, width, &mut a, &mut b);
        a.sync(rules);
        b.sync(rules);
        Refined { a, b }
    };
    (side(Comparison::Holds(cond)), side(opposite(cond)))
}

/// What the two sides of a jump that compares a number with itself learn. The kernel treats both as different numbers of
/// one place, so that `<` shaves both edges off.
pub fn refine_same(cond: Cond, width: Width, number: &Scalar, rules: &Rules) -> (Scalar, Scalar) {
    let side = |comparison| {
        let mut number = *number;
        match (comparison, width) {
            (Comparison::Holds(Cond::Lt | Cond::Gt), Width::W64) => {
                shave_both(&mut number.u64, 1, u64::wrapping_add, u64::wrapping_sub)
            }
            (Comparison::Holds(Cond::Lt | Cond::Gt), Width::W32) => {
                shave_both(&mut number.u32, 1, u32::wrapping_add, u32::wrapping_sub)
            }
            (Comparison::Holds(Cond::Slt | Cond::Sgt), Width::W64) => {
                shave_both(&mut number.s64, 1, i64::wrapping_add, i64::wrapping_sub)
            }
            (Comparison::Holds(Cond::Slt | Cond::Sgt), Width::W32) => {
                shave_both(&mut number.s32, 1, i32::wrapping_add, i32::wrapping_sub)
            }
            _ => {}
        }
        number.sync(rules);
        number.sync(rules);
        number
    };
    (side(Comparison::Holds(cond)), side(opposite(cond)))
}

fn shave_both<T: Copy + Ord>(span: &mut Span<T>, one: T, add: fn(T, T) -> T, sub: fn(T, T) -> T) {
    span.max = span.max.min(sub(span.max, one));
    span.min = span.min.max(add(span.min, one));
}

fn learn(comparison: Comparison, width: Width, a: &mut Scalar, b: &mut Scalar) {
    match comparison {
        Comparison::Holds(Cond::Eq) => learn_equal(width, a, b),
        Comparison::Holds(Cond::Ne) => {
            if let Some(value) = constant(b, width) {
                exclude(width, a, value);
            } else if let Some(value) = constant(a, width) {
                exclude(width, b, value);
            }
        }
        Comparison::Holds(Cond::Set) => {
            let (number, value) = match (constant(b, width), constant(a, width)) {
                (Some(value), _) => (a, value),
                (None, Some(value)) => (b, value),
                (None, None) => return,
            };
            // Only of one bit is it known which of them is set.
            if value.is_power_of_two() {
                number.bits = match width {
                    Width::W64 => number.bits.or(Tnum::known(value)),
                    Width::W32 => number.bits.with_lower(number.bits.lower().or(Tnum::known(value))),
                };
            }
        }
        Comparison::NoCommonBit => {
            let (number, value) = match (constant(b, width), constant(a, width)) {
                (Some(value), _) => (a, value),
                (None, Some(value)) => (b, value),
                (None, None) => return,
            };
            // The ranges are forgotten, since on a dead branch they could contradict the bits.
            number.forget_ranges();
            number.bits = match width {
                Width::W64 => number.bits.and(Tnum::known(!value)),
                Width::W32 => number.bits.with_lower(number.bits.lower().and(Tnum::known(!value))),
            };
        }
        Comparison::Holds(Cond::Le) => match width {
            Width::W64 => at_most(&mut a.u64, &mut b.u64),
            Width::W32 => at_most(&mut a.u32, &mut b.u32),
        },
        Comparison::Holds(Cond::Sle) => match width {
            Width::W64 => at_most(&mut a.s64, &mut b.s64),
            Width::W32 => at_most(&mut a.s32, &mut b.s32),
        },
        Comparison::Holds(Cond::Lt) => match width {
            Width::W64 => {
                let (upper, lower) = (b.u64.max.wrapping_sub(1), a.u64.min.wrapping_add(1));
                a.u64.max = a.u64.max.min(upper);
                b.u64.min = b.u64.min.max(lower);
            }
            Width::W32 => {
                let (upper, lower) = (b.u32.max.wrapping_sub(1), a.u32.min.wrapping_add(1));
                a.u32.max = a.u32.max.min(upper);
                b.u32.min = b.u32.min.max(lower);
            }
        },
        Comparison::Holds(Cond::Slt) => match width {
            Width::W64 => {
                let (upper, lower) = (b.s64.max.wrapping_sub(1), a.s64.min.wrapping_add(1));
                a.s64.max = a.s64.max.min(upper);
                b.s64.min = b.s64.min.max(lower);
            }
            Width::W32 => {
                let (upper, lower) = (b.s32.max.wrapping_sub(1), a.s32.min.wrapping_add(1));
                a.s32.max = a.s32.max.min(upper);
                b.s32.min = b.s32.min.max(lower);
            }
        },
        Comparison::Holds(more @ (Cond::Gt | Cond::Ge | Cond::Sgt | Cond::Sge)) => {
            learn(Comparison::Holds(flipped(more)), width, b, a);
        }
    }
}

fn learn_equal(width: Width, a: &mut Scalar, b: &mut Scalar) {
    match width {
        Width::W64 => {
            a.u64.narrow(b.u64);
            a.s64.narrow(b.s64);
            b.u64 = a.u64;
            b.s64 = a.s64;
            a.bits = a.bits.intersect(b.bits);
            b.bits = a.bits;
        }
        Width::W32 => {
            a.u32.narrow(b.u32);
            a.s32.narrow(b.s32);
            b.u32 = a.u32;
            b.s32 = a.s32;
            let low = a.bits.lower().intersect(b.bits.lower());
            a.bits = a.bits.with_lower(low);
            b.bits = b.bits.with_lower(low);
        }
    }
}

/// Takes `value` off the edges of the ranges.
fn exclude(width: Width, number: &mut Scalar, value: u64) {
    fn shave<T: Copy + PartialEq>(span: &mut Span<T>, value: T, next: fn(T) -> T, previous: fn(T) -> T) {
        if span.min == value {
            span.min = next(value);
        }
        if span.max == value {
            span.max = previous(value);
        }
    }
    match width {
        Width::W64 => {
            shave(&mut number.u64, value, |v| v.wrapping_add(1), |v| v.wrapping_sub(1));
            shave(&mut number.s64, value as i64, |v| v.wrapping_add(1), |v| v.wrapping_sub(1));
        }
        Width::W32 => {
            shave(&mut number.u32, value as u32, |v| v.wrapping_add(1), |v| v.wrapping_sub(1));
            shave(&mut number.s32, value as i32, |v| v.wrapping_add(1), |v| v.wrapping_sub(1));
        }
    }
}

/// `a <= b`.
fn at_most<T: Copy + Ord>(a: &mut Span<T>, b: &mut Span<T>) {
    a.max = a.max.min(b.max);
    b.min = b.min.max(a.min);
}
