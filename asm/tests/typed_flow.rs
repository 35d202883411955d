//! What types can't see: values along the jumps of a program. Each mistake names both places.

use knockwright_asm::text::Listing;
use knockwright_asm::typed::{
    Clock, Ended, FlowError, Kept, R1, R2, R3, R5, R6, R7, R8, R9, Scalar, Scratch, Typed, TypedError, Word,
    XdpAction,
};
use knockwright_asm::{MapType, bpf_struct, field};

bpf_struct! {
    struct Pair as "pair" {
        /// A byte.
        kind: u8,
        /// After a gap of seven bytes.
        number: u64,
    }
}

fn flow_errors(p: Typed) -> Vec<FlowError> {
    let errors = p.finish().unwrap_err();
    let flow = |error: &TypedError| match error {
        TypedError::Flow(error) => error.clone(),
        other => panic!("{other}"),
    };
    errors.errors().iter().map(flow).collect()
}

#[track_caller]
fn lost(p: Typed, wanted: Ended) -> (u32, u32) {
    match flow_errors(p).as_slice() {
        [FlowError::Lost { used, ended, by, .. }] if *ended == wanted => (used.line, by.line),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_register_that_was_overwritten() {
    let (p, _) = Typed::xdp("p");
    let old = p.word(R6, 1);
    let by = line!() + 1;
    let _new = p.word(R6, 2);
    let used = line!() + 1;
    p.exit(old.and::<3>(&p));
    assert_eq!(lost(p, Ended::Overwritten), (used, by));
}

#[test]
fn arithmetic_leaves_only_its_result() {
    let (p, _) = Typed::xdp("p");
    let old = p.word(R6, 1);
    let _sum = p.add(old, 1);
    p.exit(old.and::<3>(&p));
    lost(p, Ended::Overwritten);
}

#[test]
fn a_value_that_only_one_way_brings() {
    let (p, _) = Typed::xdp("p");
    let number = p.word(R6, 1);
    let joined = p.label("joined");
    p.goto_if(number.eq(1), joined);
    let inside = p.word(R7, 2);
    let by = line!() + 1;
    p.bind(joined);
    let used = line!() + 1;
    p.exit(inside.and::<3>(&p));
    assert_eq!(lost(p, Ended::Joined), (used, by));
}

#[test]
fn a_bound_that_only_one_way_proves() {
    let (p, _) = Typed::xdp("p");
    let number = p.word(R6, 1);
    let joined = p.label("joined");
    let out = p.label("out");
    p.goto_if(number.eq(1), joined);
    let small = number.at_most::<9>(&p, out);
    p.bind(joined);
    p.goto_if(number.eq(2), out); // the number itself is there on both ways
    p.goto_if(small.eq(3), out);
    p.bind(out);
    p.exit(XdpAction::Aborted);
    lost(p, Ended::Joined);
}

#[test]
fn a_lookup_that_another_call_came_after() {
    let (mut p, _) = Typed::xdp("p");
    let map = p.map::<u32, Pair>("pairs", MapType::Hash, 1);
    let out = p.label("out");
    let key = p.spill::<u32>(0);
    let found = p.lookup(map, &key);
    let by = line!() + 1;
    let _now = p.now(R8, Clock::Coarse);
    let used = line!() + 1;
    let _value = p.not_null(found, out);
    p.bind(out);
    p.exit(XdpAction::Aborted);
    assert_eq!(lost(p, Ended::Overwritten), (used, by));
}

#[test]
fn instructions_that_nothing_leads_to() {
    let (p, _) = Typed::xdp("p");
    p.exit(XdpAction::Aborted);
    let line = line!() + 1;
    p.exit(XdpAction::Drop);
    let errors = flow_errors(p);
    assert!(matches!(errors.as_slice(), [FlowError::Unreachable { at }] if at.line == line), "{errors:?}");
}

#[test]
fn jumps_back_belong_to_loops() {
    let (p, _) = Typed::xdp("p");
    let number = p.word(R6, 1);
    let top = p.label("top");
    p.bind(top);
    p.goto_if(number.eq(1), top);
    p.exit(XdpAction::Aborted);
    assert!(matches!(flow_errors(p).as_slice(), [FlowError::Backward { .. }]));
}

#[test]
fn a_loop_may_not_change_what_it_counts_on() {
    let (p, _) = Typed::xdp("p");
    let kept = p.word(R9, 1);
    let carried = p.word(R1, 1);
    let out = p.label("out");
    p.repeat::<4, _>(R5, carried, out, |p, carried| {
        p.goto_if(kept.eq(7), out);
        let _ = p.word(R9, 2);
        carried
    });
    p.bind(out);
    p.exit(XdpAction::Aborted);
    assert!(matches!(flow_errors(p).as_slice(), [FlowError::LoopChanges { holder, .. }] if holder == "r9"));
}

#[test]
fn a_bound_proved_before_a_loop_says_nothing_of_its_rounds() {
    let (p, _) = Typed::xdp("p");
    let out = p.label("out");
    let number = p.word(R6, 1);
    let small = number.at_most::<9>(&p, out);
    p.repeat::<4, _>(R5, number, out, |p, number| {
        p.goto_if(small.eq(3), out); // true of the first round only
        p.add(number, 1)
    });
    p.bind(out);
    p.exit(XdpAction::Aborted);
    lost(p, Ended::Overwritten);
}

#[test]
fn a_loop_gives_back_what_it_got() {
    let (p, _) = Typed::xdp("p");
    let carried = p.word(R1, 1);
    let out = p.label("out");
    p.repeat::<4, _>(R5, carried, out, |p, carried| p.copy(R2, carried));
    p.bind(out);
    p.exit(XdpAction::Aborted);
    assert!(matches!(flow_errors(p).as_slice(), [FlowError::JoinElsewhere { .. }]));
}

#[test]
fn what_a_loop_comes_to_takes_the_place_of_what_it_began_with() {
    let write = |uses_first: bool| {
        let (p, _) = Typed::xdp("p");
        let first = p.word(R1, 1);
        let last = p.repeat_to_end::<4, _>(R5, first, |p, number| p.add(number, 2));
        let out = p.label("out");
        p.goto_if(if uses_first { first.eq(1) } else { last.eq(9) }, out);
        p.bind(out);
        p.exit(XdpAction::Aborted);
        p
    };
    let program = write(false).finish().unwrap();
    let listing = Listing::new(&program).to_string();
    let wanted = "    r1 = 1\n    r5 = 4\nL2:\n    r1 += 2\n    r5 -= 1\n    if r5 != 0x0 goto L2\n    if r1 == 0x9 goto L6\n";
    assert!(listing.contains(wanted), "{listing}");
    lost(write(true), Ended::Overwritten);
}

#[test]
fn the_jumps_of_a_join_use_the_same_registers() {
    let (p, _) = Typed::xdp("p");
    let one = p.word(R6, 1);
    let other = p.word(R7, 2);
    let mut join = p.join::<Word<Kept>>("join");
    p.goto_if_with(one.eq(1), &mut join, one);
    let _met = p.meet(join, other);
    p.exit(XdpAction::Aborted);
    assert!(matches!(flow_errors(p).as_slice(), [FlowError::JoinElsewhere { .. }]));
}

#[test]
fn a_join_renames_what_comes_to_it() {
    let (p, _) = Typed::xdp("p");
    let bit = p.constant::<1, _>(R3);
    let mut join = p.join::<Scalar<Scratch<'_>, 4>>("join");
    p.goto_if_with(bit.eq(1), &mut join, bit.weaken());
    let four = p.constant::<4, _>(R3);
    let met = p.meet(join, four);
    p.exit(met);
    let program = p.finish().unwrap();
    let text: Vec<String> = program.items.iter().map(|item| item.code.to_string()).collect();
    assert_eq!(text, ["r3 = 1", "if r3 == 0x1 goto pc+1", "r3 = 4", "r0 = r3", "exit"]);
}

#[test]
fn padding_counts_as_not_written() {
    let (p, _) = Typed::xdp("p");
    let _pair = p.fill::<Pair>().set(field!(Pair, kind), 1).set(field!(Pair, number), 2).done();
    p.exit(XdpAction::Aborted);
    assert!(matches!(flow_errors(p).as_slice(), [FlowError::NotFilled { first: 1, last: 7, .. }]));
    let (p, _) = Typed::xdp("p");
    let _pair = p.fill::<Pair>().zeroed().set(field!(Pair, kind), 1).done();
    p.exit(XdpAction::Aborted);
    assert_eq!(p.finish().unwrap().items.len(), 5);
}

#[test]
fn the_stack_frame_has_an_end() {
    let (p, _) = Typed::xdp("p");
    for _ in 0..33 {
        let _pair = p.fill::<Pair>().zeroed().done();
    }
    p.exit(XdpAction::Aborted);
    assert!(matches!(flow_errors(p).as_slice(), [FlowError::StackFull { bytes: 528, .. }]));
}

#[test]
fn nothing_is_known_after_the_way_out() {
    let (mut p, _) = Typed::xdp("p");
    let number = p.word(R6, 1);
    p.raw(|a| a.mov(knockwright_asm::Reg::R6, 7));
    p.exit(number.and::<3>(&p));
    lost(p, Ended::Overwritten);
}
