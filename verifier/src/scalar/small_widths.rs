//! The rules of `docs/verifier-rules.md` on words of eight bits, against what sets of numbers say: where a rule is exact, the
//! result is the set's; where it isn't, it's what the page says.

use super::spans::{Crossing, Spans, Wrapping};
use super::{Binary, Reading, Span, Tnum};

/// Ends of ranges: all of them near the points where a reading begins anew, and some between.
fn ends() -> impl Iterator<Item = u8> + Clone {
    [0, 1, 2, 3, 7, 15, 16, 63, 64, 65, 126, 127, 128, 129, 130, 192, 200, 253, 254, 255].into_iter()
}

/// All ranges between these ends.
fn ranges<T: Reading<Point = u8>>() -> Vec<Span<T>> {
    let ranges = ends().flat_map(|min| ends().map(move |max| Span::new(T::at(min), T::at(max))));
    ranges.filter(|range| !range.is_empty()).collect()
}

fn words() -> impl Iterator<Item = u8> {
    0..=255
}

fn is_in<T: Reading<Point = u8>>(range: Span<T>, word: u8) -> bool {
    range.includes(Span::only(T::at(word)))
}

fn tnums(bits: u32) -> impl Iterator<Item = Tnum> {
    let all = (1_u64 << bits) - 1;
    (0..=all).flat_map(move |mask| {
        (0..=all).filter(move |value| value & mask == 0).map(move |value| Tnum { value, mask })
    })
}

#[test]
fn bits_bound_each_reading_exactly() {
    fn check<T: Reading<Point = u8>>(bits: Tnum) {
        let numbers = || words().filter(|&word| bits.contains(word.into())).map(T::at);
        let exact = Span::new(numbers().min().unwrap(), numbers().max().unwrap());
        assert_eq!(Span::<T>::of_bits(bits), exact, "{bits:?}");
    }
    for bits in tnums(8) {
        check::<u8>(bits);
        check::<i8>(bits);
    }
}

#[test]
fn the_next_number_of_known_bits_is_found() {
    for bits in tnums(6) {
        for number in 0..80 {
            let next = (number + 1..64).find(|&next| bits.contains(next));
            assert_eq!(bits.above(number), next, "{bits:?} {number}");
        }
    }
}

#[test]
fn a_number_that_alone_fits_is_found() {
    for bits in tnums(5) {
        for min in 0..32_u64 {
            for max in min..32 {
                let mut fitting = (min..=max).filter(|&number| bits.contains(number));
                let found = bits.only_one_in(Span::new(min, max));
                match (fitting.next(), fitting.next()) {
                    (Some(only), None) if only == bits.max() && only == min => assert_eq!(found, None),
                    (Some(only), None) => assert_eq!(found, Some(only), "{bits:?} {min} {max}"),
                    (Some(_), Some(_)) => assert_eq!(found, None, "{bits:?} {min} {max}"),
                    (None, _) => assert!(found.is_none_or(|found| found == bits.max())),
                }
            }
        }
    }
}

#[test]
fn readings_bound_each_other_exactly() {
    for unsigned in ranges::<u8>() {
        for signed in ranges::<i8>() {
            let common = || words().filter(|&word| is_in(unsigned, word) && is_in(signed, word));
            let before = Spans { unsigned, signed };
            let (mut cautious, mut exact) = (before, before);
            cautious.narrow_each_other(Crossing::Ignored);
            exact.narrow_each_other(Crossing::Bounds);
            // What one reading has learned the other may not have been told yet.
            exact.narrow_each_other(Crossing::Bounds);
            for word in common() {
                for spans in [cautious, exact] {
                    assert!(is_in(spans.unsigned, word) && is_in(spans.signed, word), "{before:?} {word}");
                }
            }
            if common().next().is_some() {
                let signed = || common().map(|word| word as i8);
                let hull = Spans {
                    unsigned: Span::new(common().min().unwrap(), common().max().unwrap()),
                    signed: Span::new(signed().min().unwrap(), signed().max().unwrap()),
                };
                assert_eq!(exact, hull, "{before:?}");
            }
        }
    }
}

/// A range of integers as a reading has it, if all of them are numbers of the reading.
fn exactly<T: Reading + TryFrom<i32>>(low: i32, high: i32) -> Span<T> {
    match (T::try_from(low), T::try_from(high)) {
        (Ok(min), Ok(max)) => Span::new(min, max),
        _ => Span::FULL,
    }
}

/// The same for unsigned numbers that may have passed the end of the circle all together.
fn wrapped(low: i32, high: i32) -> Span<u8> {
    if low >> 8 == high >> 8 { Span::new(low as u8, high as u8) } else { Span::FULL }
}

#[test]
fn the_half_goes_along_with_the_whole() {
    let borders = [0, 1 << 31, 1 << 32, 3 << 31, 1 << 63, 0_u64.wrapping_sub(1 << 31)];
    for first in borders
        .into_iter()
        .flat_map(|border| (0..6).map(move |step| border.wrapping_add(step).wrapping_sub(3)))
    {
        for length in (0..10).chain((1 << 32) - 4..(1 << 32) + 4) {
            let last = first.wrapping_add(length);
            // All points that are met, if they are few, and the last ones of a turn.
            let met = (0..=length.min(10))
                .chain(length.saturating_sub(10)..=length)
                .map(|step| first.wrapping_add(step) as u32);
            for half in [Span::new(first, last).half(), Span::new(first as i64, last as i64).half()] {
                assert_eq!(half.is_some(), length < 1 << 32, "{first:#x} {length:#x}");
                let Some(half) = half else { continue };
                let (unsigned, signed) = (half.read::<u32>(), half.read::<i32>());
                for point in met.clone() {
                    assert!(
                        unsigned.is_none_or(|range| range.includes(Span::only(point))),
                        "{first:#x} {length:#x}"
                    );
                    assert!(
                        signed.is_none_or(|range| range.includes(Span::only(point as i32))),
                        "{first:#x} {length:#x}"
                    );
                }
                // A short way is no range only where it leaves a reading.
                let (low, high) = (first as u32, last as u32);
                assert_eq!(unsigned.is_some(), low <= high);
                assert_eq!(signed.is_some(), low as i32 <= high as i32);
            }
        }
    }
}

#[test]
fn sums_and_differences_are_those_of_the_ends() {
    for a in ranges::<u8>() {
        for b in ranges::<u8>() {
            let of = |unsigned| Spans { unsigned, ..Spans::<u8>::FULL };
            let [a_min, a_max, b_min, b_max] = [a.min, a.max, b.min, b.max].map(i32::from);
            let (low, high) = (a_min + b_min, a_max + b_max);
            assert_eq!(of(a).sum(of(b), Wrapping::Whole).unsigned, wrapped(low, high));
            assert_eq!(of(a).sum(of(b), Wrapping::Never).unsigned, exactly(low, high));
            let (low, high) = (a_min - b_max, a_max - b_min);
            assert_eq!(of(a).difference(of(b), Wrapping::Whole).unsigned, wrapped(low, high));
            assert_eq!(of(a).difference(of(b), Wrapping::Never).unsigned, exactly(low, high));
        }
    }
    for a in ranges::<i8>() {
        for b in ranges::<i8>() {
            let of = |signed| Spans { signed, ..Spans::<u8>::FULL };
            let [a_min, a_max, b_min, b_max] = [a.min, a.max, b.min, b.max].map(i32::from);
            assert_eq!(of(a).sum(of(b), Wrapping::Whole).signed, exactly(a_min + b_min, a_max + b_max));
            assert_eq!(
                of(a).difference(of(b), Wrapping::Whole).signed,
                exactly(a_min - b_max, a_max - b_min)
            );
        }
    }
}

#[test]
fn products_are_those_of_the_ends() {
    for a in ranges::<u8>() {
        for b in ranges::<u8>() {
            let of = |unsigned: Span<u8>| Spans { unsigned, signed: Span::new(0, i8::MAX) };
            let exact = exactly(i32::from(a.min) * i32::from(b.min), i32::from(a.max) * i32::from(b.max));
            assert_eq!(of(a).product(of(b)).unsigned, exact);
            let small = of(a).product_of_small(of(b));
            let is_small = a.max < 16 && b.max < 16;
            assert_eq!(small.unsigned, if is_small { exact } else { Span::FULL });
            let positive = is_small && exact.max <= 127;
            assert_eq!(small.signed, if positive { exact.map(|end| end as i8) } else { Span::FULL });
        }
    }
    for a in ranges::<i8>() {
        for b in ranges::<i8>() {
            let of = |signed| Spans { signed, ..Spans::<u8>::FULL };
            let corners =
                [a.min, a.max].into_iter().flat_map(|a| [b.min, b.max].map(|b| i32::from(a) * i32::from(b)));
            let (low, high) = (corners.clone().min().unwrap(), corners.max().unwrap());
            assert_eq!(of(a).product(of(b)).signed, exactly(low, high));
            assert!(of(a).product_of_small(of(b)).signed == Span::FULL || a.min >= 0 && b.min >= 0);
        }
    }
}

#[test]
fn bitwise_operations_and_shifts_hold_every_result() {
    // What bits of both are known is what their ranges have in common.
    let bits = |range: Span<u8>| Tnum::range(range.min.into(), range.max.into());
    for a in ranges::<u8>().into_iter().step_by(3) {
        for b in ranges::<u8>().into_iter().step_by(7) {
            let of = |unsigned| Spans { unsigned, ..Spans::<u8>::FULL };
            for (op, known, result) in [
                (Binary::And, bits(a).and(bits(b)), (|x, y| x & y) as fn(u8, u8) -> u8),
                (Binary::Or, bits(a).or(bits(b)), |x, y| x | y),
                (Binary::Xor, bits(a).xor(bits(b)), |x, y| x ^ y),
            ] {
                let spans = of(a).bitwise(op, of(b), known);
                for x in words().filter(|&word| is_in(a, word)) {
                    for y in [b.min, b.min / 2 + b.max / 2, b.max].into_iter().filter(|&word| is_in(b, word))
                    {
                        let word = result(x, y);
                        assert!(is_in(spans.unsigned, word) && is_in(spans.signed, word), "{op:?} {x} {y}");
                    }
                }
            }
        }
    }
    for unsigned in ranges::<u8>() {
        for count in 0..8 {
            let spans = Spans { unsigned, ..Spans::<u8>::FULL };
            let left = spans.shifted(Binary::Lsh, count).unsigned;
            let fits = u32::from(unsigned.max) << count <= 128;
            assert_eq!(left, if fits { unsigned.map(|end| end << count) } else { Span::FULL });
            let right = spans.shifted(Binary::Rsh, count);
            assert_eq!(right, Spans { unsigned: unsigned.map(|end| end >> count), ..Spans::<u8>::FULL });
        }
    }
    for signed in ranges::<i8>() {
        for count in 0..8 {
            let spans = Spans { signed, ..Spans::<u8>::FULL }.shifted(Binary::Arsh, count);
            assert_eq!(spans, Spans { signed: signed.map(|end| end >> count), ..Spans::<u8>::FULL });
        }
    }
}

#[test]
fn the_sign_of_a_part_is_extended() {
    for bits in 1..=8 {
        let extend = |word: i8| word << (8 - bits) >> (8 - bits);
        let all = || (i8::MIN..=i8::MAX).map(extend);
        assert_eq!(Span::of_signed_part(bits), Span::new(all().min().unwrap(), all().max().unwrap()));
        for range in ranges::<i8>() {
            let parts = || (range.min..=range.max).map(extend);
            let hull = Span::new(parts().min().unwrap(), parts().max().unwrap());
            // Ranges that leave the numbers of one sign are given up, even if they are narrow.
            let one_sign = range.min as u8 >> (bits - 1) == range.max as u8 >> (bits - 1);
            assert_eq!(range.sign_extended(bits), one_sign.then_some(hull), "{range:?} {bits}");
        }
    }
}
