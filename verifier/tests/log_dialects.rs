//! Numbers and pointers in every dialect: what is printed reads as it was, and bounds that are left out read as ones
//! that hold.

use std::num::NonZeroU32;

use knockwright_verifier::Profile;
use knockwright_verifier::log::{
    Dialect, Liveness, MapText, Names, PointerKind, PointerState, RegState, ScalarState, State, StateText,
};
use knockwright_verifier::scalar::{Scalar, Span, Tnum};
use proptest::prelude::*;

/// Numbers around which bounds lie.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        (0_u32..64, -2_i64..3).prop_map(|(bit, off)| (1_u64 << bit).wrapping_add_signed(off)),
        (-300_i64..300).prop_map(|value| value as u64),
    ]
}

/// A range of which the ends are in order.
fn span<T: Ord + Copy>(a: T, b: T, value: T) -> Span<T> {
    Span::new(a.min(b).min(value), a.max(b).max(value))
}

/// A number that may be `value`, with the bounds in step as the verifier keeps them.
fn scalar() -> impl Strategy<Value = (u64, Scalar)> {
    (number(), [number(), number(), number(), number()], number(), 0_u8..32).prop_map(
        |(value, ends, mask, which)| {
            let mut scalar = Scalar::UNKNOWN;
            let bit = |bit: u8| which >> bit & 1 == 1;
            if bit(0) {
                scalar.u64 = span(ends[0], ends[1], value);
            }
            if bit(1) {
                scalar.s64 = span(ends[2] as i64, ends[3] as i64, value as i64);
            }
            if bit(2) {
                scalar.bits = Tnum { value: value & !mask, mask };
            }
            if bit(3) {
                scalar.u32 = span(ends[1] as u32, ends[2] as u32, value as u32);
            }
            if bit(4) {
                scalar.s32 = span(ends[0] as i32, ends[3] as i32, value as i32);
            }
            scalar.sync(Profile::V6_18.rules());
            (value, scalar)
        },
    )
}

fn holds(num: &Scalar, value: u64) -> bool {
    num.bits.contains(value)
        && num.u64.includes(Span::only(value))
        && num.s64.includes(Span::only(value as i64))
        && num.u32.includes(Span::only(value as u32))
        && num.s32.includes(Span::only(value as i32))
}

fn state(value: RegState<'_>) -> State<'_> {
    let mut state = State::default();
    state.regs.push((3, Liveness::WRITTEN, value));
    state
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_read_as_they_were((value, num) in scalar(), precise: bool, id in 0_u32..3, delta in proptest::option::of(-9_i32..9)) {
        prop_assume!(num.contradiction().is_none());
        prop_assert!(holds(&num, value));
        let delta = delta.filter(|_| id != 0);
        let mut scalar = ScalarState::UNKNOWN;
        (scalar.precise, scalar.id, scalar.delta, scalar.num) = (precise, NonZeroU32::new(id), delta, num);
        for dialect in Dialect::ALL {
            let text = state(RegState::Scalar(scalar)).display(dialect).to_string();
            let read = StateText::new(&text).parse(dialect);
            prop_assert_eq!(read.display(dialect).to_string(), text.as_str(), "{}", dialect.name);
            let Some(RegState::Scalar(read)) = read.reg(3) else { panic!("{text}") };
            prop_assert!(holds(&read.num, value), "{text}: {read:?}");
            prop_assert_eq!(read.precise, precise);
            if dialect.bounds == Names::Folded && num.as_const().is_none() {
                prop_assert_eq!(*read, scalar, "{}", text);
            }
        }
    }

    #[test]
    fn pointers_read_as_they_were(
        (_, num) in scalar(),
        word in prop::sample::select(&[
            ("ctx", PointerKind::Ctx), ("map_value", PointerKind::MapValue), ("pkt", PointerKind::Packet),
            ("mem", PointerKind::Mem), ("ptr_task_struct", PointerKind::Btf), ("fp", PointerKind::Stack),
            ("something_new", PointerKind::Other),
        ]),
        prefix in prop::sample::select(&["", "rdonly_", "ringbuf_", "rdonly_untrusted_", "trusted_"]),
        or_null: bool,
        ids in (0_u32..3, 0_u32..3),
        off in -600_i64..70_000,
        known: bool,
        range in -2_i64..70_000,
        frame in proptest::option::of(0_u32..8),
    ) {
        let stack = word.1 == PointerKind::Stack;
        let mut pointer = PointerState::new(word.1, word.0);
        pointer.prefix = if stack { "" } else { prefix };
        pointer.or_null = or_null && !stack;
        (pointer.id, pointer.ref_obj_id) = (NonZeroU32::new(ids.0), NonZeroU32::new(ids.1));
        pointer.map = (word.1 == PointerKind::MapValue).then_some(MapText { name: Some("config.map"), key_size: 4, value_size: 70_000 });
        pointer.off = off;
        pointer.range = (word.1 == PointerKind::Packet).then_some(range);
        pointer.size = (word.1 == PointerKind::Mem).then_some(range.unsigned_abs());
        pointer.frame = frame.filter(|_| stack);
        pointer.num = if known { Scalar::known(0) } else { num };
        for dialect in Dialect::ALL {
            let text = state(RegState::Pointer(pointer)).display(dialect).to_string();
            let read = StateText::new(&text).parse(dialect);
            prop_assert_eq!(read.display(dialect).to_string(), text.as_str(), "{}", dialect.name);
            let Some(RegState::Pointer(read)) = read.reg(3) else { panic!("{text}") };
            prop_assert_eq!((read.kind, read.prefix, read.or_null), (pointer.kind, pointer.prefix, pointer.or_null));
            // A known offset is read wherever it's written; where it isn't, nothing written means none since 6.8.
            if known || !num.is_unknown() {
                prop_assert_eq!(read.constant_offset(), pointer.constant_offset(), "{}", text);
            }
            // The stack with a known place has neither ids nor separate offsets, and a range of which nothing is known
            // isn't printed.
            let whole = !stack || read.constant_offset().is_none();
            if dialect.bounds == Names::Folded && whole && (known || !num.is_unknown()) {
                prop_assert_eq!(*read, pointer, "{}", text);
            }
        }
    }
}
