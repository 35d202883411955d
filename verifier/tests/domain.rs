//! The domain keeps every number that an operation can give: all tnums of four bits, all short ranges around the borders of
//! signs and halves, and numbers of 64 bits at random.

use knockwright_asm::{Cond, Width};
use knockwright_verifier::scalar::{Binary, Scalar, Span, Tnum, decide, refine};
use knockwright_verifier::{Profile, Rules};
use proptest::prelude::*;

const BITS: u64 = 4;

/// An operation on numbers.
type Operation = fn(u64, u64) -> u64;

fn rules() -> &'static Rules {
    Profile::V6_18.rules()
}

fn tnums() -> impl Iterator<Item = Tnum> {
    (0..1 << BITS).flat_map(|mask| {
        (0..1 << BITS).filter(move |value| value & mask == 0).map(move |value| Tnum { value, mask })
    })
}

fn numbers(tnum: Tnum) -> impl Iterator<Item = u64> {
    (0..1 << BITS).filter(move |&number| tnum.contains(number))
}

#[test]
fn tnum_operations_are_sound() {
    for a in tnums() {
        for b in tnums() {
            let results: [(Tnum, Operation); 7] = [
                (a.sum(b), u64::wrapping_add),
                (a.difference(b), u64::wrapping_sub),
                (a.product(b), u64::wrapping_mul),
                (a.product_before_6_18(b), u64::wrapping_mul),
                (a.and(b), |x, y| x & y),
                (a.or(b), |x, y| x | y),
                (a.xor(b), |x, y| x ^ y),
            ];
            for x in numbers(a) {
                for y in numbers(b) {
                    for (result, operation) in &results {
                        assert!(result.contains(operation(x, y)), "{a:?} {b:?} {x} {y}");
                    }
                }
            }
            assert_eq!(a.overlaps(b), numbers(a).any(|x| b.contains(x)), "{a:?} {b:?}");
            assert_eq!(a.includes(b), numbers(b).all(|y| a.contains(y)), "{a:?} {b:?}");
            assert!(numbers(a).chain(numbers(b)).all(|x| a.union(b).contains(x)));
            if a.overlaps(b) {
                assert!(numbers(a).filter(|&x| b.contains(x)).all(|x| a.intersect(b).contains(x)));
            }
        }
        for number in 0..1 << BITS {
            let next = numbers(a).find(|&x| x > number).unwrap_or(a.max());
            assert_eq!(a.above(number).unwrap_or(a.max()), next, "{a:?} {number}");
        }
    }
    for min in 0..1 << BITS {
        for max in min..1 << BITS {
            assert!((min..=max).all(|number| Tnum::range(min, max).contains(number)));
        }
    }
}

fn holds(scalar: &Scalar, number: u64) -> bool {
    let (signed, low) = (number as i64, number as u32);
    let in64 = scalar.u64.includes(Span::only(number)) && scalar.s64.includes(Span::only(signed));
    let in32 = scalar.u32.includes(Span::only(low)) && scalar.s32.includes(Span::only(low as i32));
    scalar.bits.contains(number) && in64 && in32
}

/// A scalar that holds a number: what is known after some jumps.
fn scalar() -> impl Strategy<Value = (Scalar, u64)> {
    let number = prop_oneof![
        any::<u64>(),
        0_u64..300,
        any::<u32>().prop_map(u64::from),
        (-300_i64..0).prop_map(|n| n as u64)
    ];
    let other = prop_oneof![
        any::<u64>(),
        0_u64..300,
        any::<u32>().prop_map(u64::from),
        (-300_i64..0).prop_map(|n| n as u64)
    ];
    (number, any::<u64>(), proptest::collection::vec((0_usize..Cond::ALL.len(), other, any::<bool>()), 0..4))
        .prop_map(|(number, mask, jumps)| {
            let mut scalar = Scalar { bits: Tnum { value: number & !mask, mask }, ..Scalar::UNKNOWN };
            scalar.sync(rules());
            for (condition, other, narrow) in jumps {
                let width = if narrow { Width::W32 } else { Width::W64 };
                let (taken, fallen) =
                    refine(Cond::ALL[condition], width, &scalar, &Scalar::known(other), rules());
                scalar = if compare(Cond::ALL[condition], width, number, other) { taken.a } else { fallen.a };
            }
            (scalar, number)
        })
}

fn compare(cond: Cond, width: Width, a: u64, b: u64) -> bool {
    let (a, b) = if width == Width::W32 { (u64::from(a as u32), u64::from(b as u32)) } else { (a, b) };
    let signed = |n: u64| if width == Width::W32 { i64::from(n as i32) } else { n as i64 };
    match cond {
        Cond::Eq => a == b,
        Cond::Ne => a != b,
        Cond::Gt => a > b,
        Cond::Ge => a >= b,
        Cond::Lt => a < b,
        Cond::Le => a <= b,
        Cond::Sgt => signed(a) > signed(b),
        Cond::Sge => signed(a) >= signed(b),
        Cond::Slt => signed(a) < signed(b),
        Cond::Sle => signed(a) <= signed(b),
        Cond::Set => a & b != 0,
    }
}

fn run(op: Binary, width: Width, a: u64, b: u64) -> u64 {
    let count = (b & if width == Width::W32 { 31 } else { 63 }) as u32;
    let narrow = width == Width::W32;
    let result = match op {
        Binary::Add => a.wrapping_add(b),
        Binary::Sub => a.wrapping_sub(b),
        Binary::Mul => a.wrapping_mul(b),
        Binary::And => a & b,
        Binary::Or => a | b,
        Binary::Xor => a ^ b,
        Binary::Lsh => a << count,
        Binary::Rsh if narrow => u64::from(a as u32 >> count),
        Binary::Rsh => a >> count,
        Binary::Arsh if narrow => (a as i32 >> count) as u64,
        Binary::Arsh => (a as i64 >> count) as u64,
    };
    if narrow { u64::from(result as u32) } else { result }
}

/// Where ranges behave differently: zero, the sign of the lower half, its end, the sign of the whole.
const BORDERS: [u64; 5] = [3, 1 << 31, 1 << 32, 1 << 63, 0];

/// How many numbers stand around a border.
const WINDOW: u64 = 6;

/// Every range of the numbers around the borders, with its numbers, as comparisons make them.
fn short_ranges(rules: &Rules) -> Vec<(Scalar, Vec<u64>)> {
    let mut found = Vec::new();
    for border in BORDERS {
        let at = |index: u64| border.wrapping_add(index).wrapping_sub(WINDOW / 2);
        for first in 0..WINDOW {
            for last in first..WINDOW {
                let (low, high) = (at(first), at(last));
                // Around zero only signed comparisons bound both ends, around the largest signed number only unsigned ones.
                let (above, below) = if low <= high { (Cond::Ge, Cond::Le) } else { (Cond::Sge, Cond::Sle) };
                let bound = |scalar: &Scalar, cond, limit| {
                    refine(cond, Width::W64, scalar, &Scalar::known(limit), rules).0.a
                };
                let scalar = bound(&bound(&Scalar::UNKNOWN, above, low), below, high);
                found.push((scalar, (first..=last).map(at).collect()));
            }
        }
    }
    found
}

#[test]
fn operations_on_all_short_ranges_are_sound() {
    for &profile in Profile::ALL {
        let rules = profile.rules();
        let ranges = short_ranges(rules);
        for ((a, xs), (b, ys)) in ranges.iter().flat_map(|a| ranges.iter().map(move |b| (a, b))) {
            assert!(xs.iter().all(|x| holds(a, *x)), "{a:?} {xs:x?}");
            for width in [Width::W32, Width::W64] {
                for op in Binary::ALL {
                    let mut result = *a;
                    result.binary(op, width, b, rules);
                    for (x, y) in xs.iter().flat_map(|x| ys.iter().map(move |y| (*x, *y))) {
                        let number = run(op, width, x, y);
                        assert!(
                            holds(&result, number),
                            "{op:?} {width:?} {x:#x} {y:#x}: {a:?} {b:?} {result:?}"
                        );
                    }
                }
                for cond in Cond::ALL {
                    let decided = decide(cond, width, a, b, rules);
                    let (taken, fallen) = refine(cond, width, a, b, rules);
                    for (x, y) in xs.iter().flat_map(|x| ys.iter().map(move |y| (*x, *y))) {
                        let real = compare(cond, width, x, y);
                        assert!(
                            decided.is_none_or(|decided| decided == real),
                            "{cond:?} {width:?} {a:?} {b:?}"
                        );
                        let side = if real { taken } else { fallen };
                        assert!(
                            holds(&side.a, x) && holds(&side.b, y),
                            "{cond:?} {width:?} {x:#x} {y:#x}: {a:?} {b:?} {side:?}"
                        );
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arithmetic_is_sound((a, x) in scalar(), (b, y) in scalar(), narrow in any::<bool>(), op in 0_usize..9) {
        let op = Binary::ALL[op];
        let width = if narrow { Width::W32 } else { Width::W64 };
        prop_assert!(holds(&a, x), "{a:?} {x:#x}");
        let mut result = a;
        result.binary(op, width, &b, rules());
        let number = run(op, width, x, y);
        // A shift by what isn't a known count below the width gives an unknown number.
        prop_assert!(holds(&result, number), "{op:?} {width:?} {a:?} {x:#x} {b:?} {y:#x} {result:?} {number:#x}");
    }

    #[test]
    fn parts_of_words_are_sound((number, x) in scalar(), profile in 0_usize..4, bytes in 0_usize..4) {
        let rules = Profile::ALL[profile].rules();
        let bytes = [1, 2, 4, 8][bytes];
        let unused = 64 - bytes * 8;
        let mut part = number;
        part.truncate(bytes, rules);
        prop_assert!(holds(&part, x << unused >> unused), "{number:?} {x:#x} {part:?}");
        let mut swapped = number;
        swapped.swap_bytes(bytes.max(2), rules);
        prop_assert!(holds(&swapped, x.swap_bytes() >> (64 - bytes.max(2) * 8)), "{number:?} {x:#x} {swapped:?}");
        let mut half = number;
        half.zero_extend(rules);
        prop_assert!(holds(&half, x & 0xffff_ffff), "{number:?} {x:#x} {half:?}");
        if bytes < 8 {
            let mut extended = number;
            extended.sign_extend_64(bytes);
            let whole = ((x << unused) as i64 >> unused) as u64;
            prop_assert!(holds(&extended, whole), "{number:?} {x:#x} {extended:?}");
        }
        if bytes < 4 {
            let mut extended = number;
            extended.sign_extend_32(bytes);
            extended.zero_extend(rules);
            let half = ((x as u32) << (unused - 32)) as i32 >> (unused - 32);
            prop_assert!(holds(&extended, u64::from(half as u32)), "{number:?} {x:#x} {extended:?}");
        }
    }

    #[test]
    fn decisions_are_sound((a, x) in scalar(), (b, y) in scalar(), narrow in any::<bool>(), cond in 0_usize..11) {
        let width = if narrow { Width::W32 } else { Width::W64 };
        let cond = Cond::ALL[cond];
        let real = compare(cond, width, x, y);
        if let Some(decided) = decide(cond, width, &a, &b, rules()) {
            prop_assert_eq!(decided, real);
        }
        let (taken, fallen) = refine(cond, width, &a, &b, rules());
        let side = if real { taken } else { fallen };
        prop_assert!(holds(&side.a, x) && holds(&side.b, y), "{:?} {:?}", a, side);
    }
}
