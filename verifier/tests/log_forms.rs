//! Forms of lines and states, one by one: those of level 4, of global functions, of joined lines, and what older kernels
//! leave out.

use std::num::NonZeroU32;

use knockwright_verifier::log::{
    self, Diagnosis, Dialect, Edge, FunctionNote, InsnTail, Liveness, PointerKind, Precision, RegState,
    StackListing, StateAt, StateText,
};
use knockwright_verifier::log::{Line, Parser};
use knockwright_verifier::scalar::{Span, Tnum};

/// Reads a line that must print as it was.
#[track_caller]
fn read(text: &str) -> Line<'_> {
    let line = log::parse(text);
    assert_eq!(line.to_string(), text);
    line
}

/// Reads a state that must print as it was.
#[track_caller]
fn state<'a>(text: &'a str, dialect: &Dialect) -> log::State<'a> {
    let state = StateText::new(text).parse(dialect);
    assert_eq!(state.display(dialect).to_string(), text);
    assert!(state.unknown.is_empty(), "{:?}", state.unknown);
    state
}

#[test]
fn what_level_4_adds() {
    assert_eq!(read("verification time 92 usec"), Line::VerificationTime(92));
    assert_eq!(read("stack depth 0+8"), Line::StackDepth("0+8"));
}

#[test]
fn words_on_global_functions() {
    let global = |text| match read(text) {
        Line::Function(FunctionNote::Global { number, name, .. }) => (number, name),
        Line::Function(FunctionNote::Validating { number, name }) => (number, Some(name)),
        line => panic!("{line:?}"),
    };
    assert_eq!(global("Validating port_of() func#2..."), (2, Some("port_of")));
    assert_eq!(global("Func#2 ('port_of') is global and assumed valid."), (2, Some("port_of")));
    assert_eq!(
        global("Func#2 ('port_of') is safe for any args that match its prototype"),
        (2, Some("port_of"))
    );
    assert_eq!(global("Func#2 is safe for any args that match its prototype"), (2, None));
    assert_eq!(global("Func#2 is global and valid. Skipping."), (2, None));
}

#[test]
fn a_line_joined_to_a_jump() {
    let Line::Insn(insn) = read("72: (55) if r0 != 0x0 goto pc+37 110: R0=map_value(map=m,ks=4,vs=24) R6=2")
    else {
        panic!()
    };
    assert_eq!((insn.slot, insn.text), (72, "if r0 != 0x0 goto pc+37"));
    assert!(matches!(insn.tail, InsnTail::Next { slot: 110, .. }));
    assert_eq!(insn.state().unwrap().reg(6, &Dialect::V6_8).unwrap().constant(), Some(2));

    let line = read("3: (55) if r3 != 0x0 goto pc-2 infinite loop detected at insn 2");
    assert_eq!(line.message(), Some("infinite loop detected at insn 2"));
}

#[test]
fn a_message_before_the_summary() {
    let line = read(
        "expected prog array map for tail callprocessed 3 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 2 mark_read 4",
    );
    assert_eq!(line.message(), Some("expected prog array map for tail call"));
    let summary = line.summary().expect("a summary");
    assert_eq!((summary.insns, summary.limit, summary.max_states_per_insn), (3, 1_000_000, 0));
    assert_eq!((summary.total_states, summary.peak_states, summary.mark_read), (1, 2, 4));
}

#[test]
fn what_only_looks_like_a_line_is_a_message() {
    for text in [
        "from here to there",
        "R2 is not a known constant'",
        "007: (95) exit",
        "1: (9) exit",
        "18446744073709551616: (95) exit",
        "from 1 to 2 (speculative): safe",
        "processed 3 insns",
        "func#0 @0 ",
        "last insn is not an exit or jmp",
        "math between map_value pointer and register with unbounded min value is not allowed",
    ] {
        assert_eq!(read(text), Line::Message(text));
    }
}

#[test]
fn branches_and_compared_states() {
    let Line::State(line) = read("from 9 to 10 (speculative execution): R10=fp0") else { panic!() };
    assert_eq!(line.at, StateAt::Edge(Edge { from: 9, to: 10, speculative: true }));
    assert!(matches!(read("162: safe"), Line::Safe(StateAt::Insn(162))));
    assert!(matches!(read("old state: R10=fp0"), Line::State(line) if line.at == StateAt::Old));
    assert!(matches!(read("21:"), Line::State(line) if line.at == StateAt::Insn(21)));
}

#[test]
fn registers_that_precision_wants() {
    let wanted = |text| match read(text) {
        Line::Precision(Precision::Before { regs, stack, insn, .. }) => {
            (regs.iter().collect::<Vec<_>>(), stack.iter().collect::<Vec<_>>(), insn.slot)
        }
        line => panic!("{line:?}"),
    };
    assert_eq!(wanted("regs=22 stack=3 before 6: (b7) r5 = 0"), (vec![1, 5], vec![0, 1], 6));
    assert_eq!(
        wanted("mark_precise: frame1: regs=r1,r5 stack=-8,-16 before 6: (b7) r5 = 0"),
        (vec![1, 5], vec![-8, -16], 6)
    );
}

#[test]
fn rows_are_told_by_their_neighbours() {
    let row = "100: (95) exit";
    assert!(matches!(read(row), Line::Insn(_)));
    let mut parser = Parser::new();
    parser.parse("stack use/def subprog#0 knock (d0,cs0):");
    let line = parser.parse(row);
    assert!(matches!(line, Line::StackListing(StackListing::Insn { width: 3, .. })), "{line:?}");
    assert_eq!(line.to_string(), row);
    parser.parse("Live regs before insn:");
    assert!(matches!(parser.parse(row), Line::Insn(_)));

    let prose = "  R0 may be NULL here.";
    assert_eq!(parser.parse(prose), Line::Message(prose));
    parser.parse("Verification failed: Register Type Safety: Invalid dereference");
    assert_eq!(parser.parse(prose), Line::Diagnosis(Diagnosis::Text("R0 may be NULL here.")));
    // An empty source line doesn't end the block.
    assert_eq!(parser.parse("  "), Line::Diagnosis(Diagnosis::Text("")));
    assert_eq!(parser.parse(prose), Line::Diagnosis(Diagnosis::Text("R0 may be NULL here.")));
}

#[test]
fn bounds_that_older_kernels_leave_out() {
    let old = state(" R1_w=inv(id=0,umax_value=255,var_off=(0x0; 0xff))", &Dialect::V5_10);
    let scalar = *old.reg(1).unwrap().scalar().unwrap();
    assert_eq!((scalar.smin(), scalar.smax(), scalar.umin(), scalar.umax()), (0, 255, 0, 255));
    assert_eq!((scalar.smin32(), scalar.smax32(), scalar.umin32(), scalar.umax32()), (0, 255, 0, 255));
    assert_eq!(scalar.var_off(), Tnum { value: 0, mask: 0xff });

    let big = state(
        " R1=scalar(smax=9223372036854775744,umax=18446744073709551552,var_off=(0x0; 0xffffffffffffffc0),s32_max=2147483584,u32_max=-64)",
        &Dialect::V6_1,
    );
    let num = big.reg(1).unwrap().scalar().unwrap().num;
    assert_eq!((num.s64, num.u32), (Span::new(i64::MIN, i64::MAX - 63), Span::new(0, u32::MAX - 63)));

    let folded = state(
        " R1=Pscalar(id=2+4,smin=umin=umin32=1,smax=umax=0xffffffff,smin32=0x80000001)",
        &Dialect::V6_8,
    );
    let scalar = *folded.reg(1).unwrap().scalar().unwrap();
    assert_eq!((scalar.precise, scalar.id, scalar.delta), (true, NonZeroU32::new(2), Some(4)));
    assert_eq!(
        (scalar.smin(), scalar.umin32(), scalar.smin32(), scalar.smax32()),
        (1, 1, i32::MIN + 1, i32::MAX)
    );
}

#[test]
fn constants_in_every_style() {
    for (dialect, text, value) in [
        (&Dialect::V5_10, " R0_rw=invP-5", -5_i64 as u64),
        (&Dialect::V6_1, " R0_rw=P4294967296", 1 << 32),
        (&Dialect::V6_8, " R0_w=0xffffffff", u64::from(u32::MAX)),
        (&Dialect::V6_18, " R0=P-1", u64::MAX),
    ] {
        assert_eq!(state(text, dialect).reg(0).unwrap().constant(), Some(value), "{text}");
    }
}

#[test]
fn slots() {
    let spilled = |text, dialect: &Dialect| {
        let slot = state(text, dialect).slots[0];
        (slot.bytes.as_str().to_owned(), slot.spilled.and_then(|value| value.constant()), slot.brief)
    };
    assert_eq!(spilled(" fp-8=mmmm????", &Dialect::V6_18), ("mmmm????".to_owned(), None, false));
    assert_eq!(spilled(" fp-8=00000000", &Dialect::V6_18), ("00000000".to_owned(), None, false));
    assert_eq!(spilled(" fp-8=0", &Dialect::V6_18), (String::new(), Some(0), false));
    assert_eq!(spilled(" fp-8=00000", &Dialect::V6_18), ("0000".to_owned(), Some(0), false));
    assert_eq!(spilled(" fp-24=pppp0", &Dialect::V6_18), ("pppp".to_owned(), Some(0), false));
    assert_eq!(spilled(" fp-8=????0x10000", &Dialect::V6_18), ("????".to_owned(), Some(0x10000), false));
    assert_eq!(spilled(" fp-8_w=inv4", &Dialect::V5_10), (String::new(), Some(4), true));
    // Half a register, of which 6.1 says nothing.
    assert_eq!(spilled(" fp-16=", &Dialect::V6_1), (String::new(), None, false));

    let text = " fp-8=mmmmscalar(smin=smin32=0,smax=umax=smax32=umax32=7,var_off=(0x0; 0x7)) fp-16_w=map_value(map=m,ks=4,vs=8)";
    let shown = state(text, &Dialect::V6_8);
    assert_eq!(shown.slot(-8).unwrap().spilled.unwrap().scalar().unwrap().umax(), 7);
    assert_eq!(shown.slot(-8).unwrap().bytes.at(7), Some('m'));
    assert_eq!(shown.slot(-8).unwrap().bytes.at(0), None);
    assert_eq!(shown.slot(-16).unwrap().liveness, Liveness::WRITTEN);

    // A spilled pointer of which only the type is written.
    let brief = state(" R10=fp0 fp-8_w=map_value", &Dialect::V6_1);
    let value = brief.slot(-8).unwrap().spilled.unwrap();
    assert_eq!(value.pointer().unwrap().kind, PointerKind::MapValue);
}

#[test]
fn pointers() {
    let pointer = |text, dialect: &Dialect| {
        let state = state(text, dialect);
        let pointer = state.reg(1).unwrap().pointer().unwrap();
        (pointer.kind, pointer.type_name(), pointer.constant_offset())
    };
    let at = |kind, name: &str, off| (kind, name.to_owned(), off);
    assert_eq!(pointer(" R1=fp-8", &Dialect::V6_18), at(PointerKind::Stack, "fp", Some(-8)));
    assert_eq!(pointer(" frame1: R1=fp[0]-16", &Dialect::V6_18), at(PointerKind::Stack, "fp", Some(-16)));
    assert_eq!(
        pointer(
            " R1=fp(off=-8,smin=smin32=0,smax=umax=smax32=umax32=15,var_off=(0x0; 0xf))",
            &Dialect::V6_18
        ),
        at(PointerKind::Stack, "fp", None)
    );
    assert_eq!(pointer(" R1=pkt(r=0,imm=-8)", &Dialect::V6_18), at(PointerKind::Packet, "pkt", Some(-8)));
    assert_eq!(
        pointer(" R1_w=pkt(id=0,off=1,r=-2,imm=1f)", &Dialect::V5_10),
        at(PointerKind::Packet, "pkt", Some(0x20))
    );
    assert_eq!(
        pointer(" R1=ringbuf_mem_or_null(id=2,ref_obj_id=2,sz=8) refs=2", &Dialect::V6_18),
        at(PointerKind::Mem, "ringbuf_mem_or_null", Some(0))
    );
    assert_eq!(
        pointer(" R1=trusted_ptr_task_struct(off=0,imm=0)", &Dialect::V6_1),
        at(PointerKind::Btf, "trusted_ptr_task_struct", Some(0))
    );
    // What no kernel here has ever written stays as it stands.
    let unknown =
        state(" R1=quux(id=1,colour=7) fp-8=iter_num(ref_id=1,state=active,depth=0)", &Dialect::V6_8);
    assert_eq!(unknown.reg(1).unwrap().pointer().unwrap().more, "colour=7");
    assert!(
        matches!(unknown.slots[0].spilled, Some(RegState::Pointer(iter)) if iter.kind == PointerKind::Iter)
    );
}

#[test]
fn the_rest_of_a_state() {
    let shown = state(" frame2: R0_rD=1 R10=fp0 fp-8=mmmmmmmm refs=2,5 cb", &Dialect::V6_8);
    assert_eq!((shown.frame, shown.refs.as_slice(), shown.callback), (2, &[2, 5][..], true));
    let (number, liveness, _) = shown.regs[0];
    assert_eq!((number, liveness), (0, Liveness { read: true, written: false, done: true }));
}

#[test]
fn a_state_shows_its_dialect() {
    let name = |text| Dialect::of_state(text).map(|dialect| dialect.name);
    assert_eq!(name(" R1=ctx(id=0,off=0,imm=0) R10=fp0"), Some("5.10"));
    assert_eq!(name(" R1=ctx(off=0,imm=0) R10=fp0"), Some("6.1"));
    assert_eq!(name(" R0_w=scalar(umax=255,var_off=(0x0; 0xff))"), Some("6.1"));
    assert_eq!(name(" R1=ctx() R2_w=0 R10=fp0"), Some("6.8"));
    assert_eq!(name(" R1=ctx() R2=0 R10=fp0"), Some("6.18"));
    assert_eq!(name(" R10=fp0"), None);
    for (version, name) in [
        ("5.10", "5.10"),
        ("5.15.0-91-generic", "5.10"),
        ("5.18", "6.1"),
        ("6.6.30", "6.1"),
        ("6.12.117+deb12", "6.8"),
        ("7.3.4", "6.18"),
    ] {
        assert_eq!(Dialect::for_version(version).unwrap().name, name, "{version}");
    }
    assert_eq!(Dialect::for_version("six"), None);
}
