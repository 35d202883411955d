//! What a conditional jump decides, and what each side of it learns.

use knockwright_asm::{Cond, Width};

use super::spans::Spans;
use super::{Reading, Scalar, Span, Tnum, Word};
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
        Width::W32 => (value.bits.lower(), value.u32.map(u64::from), value.s32.map(i64::from)),
    }
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
    let bits = seen_bits(value.bits, width);
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
                || u_a.is_apart_from(u_b)
                || s_a.is_apart_from(s_b)
                || (width == Width::W64 && (a.u32.is_apart_from(b.u32) || a.s32.is_apart_from(b.s32)))
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
    /// The left operand.
    pub a: Scalar,
    /// The right operand.
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
            (Comparison::Holds(Cond::Lt | Cond::Gt), Width::W64) => shave_both(&mut number.u64),
            (Comparison::Holds(Cond::Lt | Cond::Gt), Width::W32) => shave_both(&mut number.u32),
            (Comparison::Holds(Cond::Slt | Cond::Sgt), Width::W64) => shave_both(&mut number.s64),
            (Comparison::Holds(Cond::Slt | Cond::Sgt), Width::W32) => shave_both(&mut number.s32),
            _ => {}
        }
        number.sync(rules);
        number.sync(rules);
        number
    };
    (side(Comparison::Holds(cond)), side(opposite(cond)))
}

fn shave_both<T: Reading>(span: &mut Span<T>) {
    span.narrow(Span::new(span.min.next(), span.max.previous()));
}

/// The lowest bits, as many as a width has.
fn seen_bits(bits: Tnum, width: Width) -> Tnum {
    match width {
        Width::W64 => bits,
        Width::W32 => bits.lower(),
    }
}

/// The same bits, but of a width's as `change` makes them.
fn with_seen_bits(bits: Tnum, width: Width, change: impl Fn(Tnum) -> Tnum) -> Tnum {
    match width {
        Width::W64 => change(bits),
        Width::W32 => bits.with_lower(change(bits.lower())),
    }
}

fn learn(comparison: Comparison, width: Width, a: &mut Scalar, b: &mut Scalar) {
    let known = (constant(a, width), constant(b, width));
    match (comparison, known) {
        // Only of one bit is it known which of them is set.
        (Comparison::Holds(Cond::Set), (Some(value), None) | (_, Some(value))) => {
            let number = if known.1.is_some() { a } else { b };
            if value.is_power_of_two() {
                number.bits = with_seen_bits(number.bits, width, |bits| bits.or(Tnum::known(value)));
            }
        }
        (Comparison::NoCommonBit, (Some(value), None) | (_, Some(value))) => {
            let number = if known.1.is_some() { a } else { b };
            // The ranges are forgotten, since on a dead branch they could contradict the bits.
            number.forget_ranges();
            number.bits = with_seen_bits(number.bits, width, |bits| bits.and(Tnum::known(!value)));
        }
        (Comparison::Holds(Cond::Set) | Comparison::NoCommonBit, (None, None)) => {}
        (Comparison::Holds(cond), _) => {
            match width {
                Width::W64 => {
                    let (whole_a, whole_b) = learn_ranges(cond, a.whole(), b.whole(), known);
                    a.set_whole(whole_a);
                    b.set_whole(whole_b);
                }
                Width::W32 => {
                    let (half_a, half_b) = learn_ranges(cond, a.half(), b.half(), known);
                    a.set_half(half_a);
                    b.set_half(half_b);
                }
            }
            if cond == Cond::Eq {
                let common = seen_bits(a.bits, width).intersect(seen_bits(b.bits, width));
                for number in [a, b] {
                    number.bits = with_seen_bits(number.bits, width, |_| common);
                }
            }
        }
    }
}

/// What the ranges of a width learn from a comparison that holds, of which a side may be known.
fn learn_ranges<W: Word>(
    cond: Cond,
    mut a: Spans<W>,
    mut b: Spans<W>,
    known: (Option<u64>, Option<u64>),
) -> (Spans<W>, Spans<W>) {
    match cond {
        Cond::Eq => {
            a.unsigned.narrow(b.unsigned);
            a.signed.narrow(b.signed);
            b = a;
        }
        Cond::Ne => match known {
            (_, Some(value)) => exclude(&mut a, W::of(value)),
            (Some(value), None) => exclude(&mut b, W::of(value)),
            (None, None) => {}
        },
        Cond::Lt => below(&mut a.unsigned, &mut b.unsigned),
        Cond::Gt => below(&mut b.unsigned, &mut a.unsigned),
        Cond::Slt => below(&mut a.signed, &mut b.signed),
        Cond::Sgt => below(&mut b.signed, &mut a.signed),
        Cond::Le => at_most(&mut a.unsigned, &mut b.unsigned),
        Cond::Ge => at_most(&mut b.unsigned, &mut a.unsigned),
        Cond::Sle => at_most(&mut a.signed, &mut b.signed),
        Cond::Sge => at_most(&mut b.signed, &mut a.signed),
        Cond::Set => {}
    }
    (a, b)
}

/// Takes a word off the edges of the ranges.
fn exclude<W: Word>(spans: &mut Spans<W>, word: W) {
    fn shave<T: Reading>(span: &mut Span<T>, number: T) {
        if span.min == number {
            span.min = number.next();
        }
        if span.max == number {
            span.max = number.previous();
        }
    }
    shave(&mut spans.unsigned, word);
    shave(&mut spans.signed, Reading::at(word));
}

/// `a < b`. The neighbours are those on the circle: nothing is kept out at its ends.
fn below<T: Reading>(a: &mut Span<T>, b: &mut Span<T>) {
    let (last, first) = (b.max.previous(), a.min.next());
    a.max = a.max.min(last);
    b.min = b.min.max(first);
}

/// `a <= b`.
fn at_most<T: Reading>(a: &mut Span<T>, b: &mut Span<T>) {
    a.max = a.max.min(b.max);
    b.min = b.min.max(a.min);
}
