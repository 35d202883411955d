//! What is taken is given back on every way: sockets and records. Each mistake names where it was taken.

use knockwright_asm::typed::{Context, FullSocket};
use knockwright_asm::typed::{
    FlowError, Ipv4Tuple, Kept, ProbeAction, R1, R2, R6, R7, RingBuffer, Socket, SpinLock, Tc, TcAction,
    TraceEvent, Tracepoint, Typed, TypedError, TypedErrors, bpf_sock,
};
use knockwright_asm::{Code, Insn, Label, MapDef, MapType, Program, Size, bpf_struct, field};

bpf_struct! {
    /// A record.
    struct Note as "note" {
        /// A number.
        number: u64,
    }
    /// A record of an event, with the bytes that every event has.
    struct Event as "event" {
        /// What every event has.
        common: u64,
        /// A number.
        id: u64,
    }
}

bpf_struct! {
    /// A number with its lock.
    struct Guarded as "guarded" {
        /// The lock.
        lock: SpinLock,
        /// The number.
        number: u64,
    }
}

impl TraceEvent for Event {
    const EVENT: &'static str = "some/event";
}

fn flow_errors(result: Result<Program, TypedErrors>) -> Vec<FlowError> {
    let errors = result.expect_err("an error");
    let flow = |error: &TypedError| match error {
        TypedError::Flow(error) => error.clone(),
        other => panic!("{other}"),
    };
    errors.errors().iter().map(flow).collect()
}

/// A program that has a socket, and the label where there is none.
fn with_socket(
    write: impl FnOnce(&mut Typed<Tc>, Socket<Kept, FullSocket>, Label),
) -> Result<Program, TypedErrors> {
    let (mut p, context): (Typed<Tc>, Context<Tc>) = Typed::new("p");
    let out = p.label("out");
    let tuple = p.fill::<Ipv4Tuple>().zeroed().done();
    let found = p.lookup_tcp(&context, &tuple);
    let socket = p.not_null_socket(found, out);
    let socket = p.keep_socket(R6, socket);
    write(&mut p, socket, out);
    p.finish()
}

#[test]
fn a_socket_that_is_given_back_on_every_way() {
    let program = with_socket(|p, socket, out| {
        let mark = p.read_socket(R2, &socket, bpf_sock::MARK);
        let back = p.label("back");
        p.goto_if(mark.eq(0), back);
        p.bind(back);
        p.release(socket);
        p.bind(out);
        p.exit(TcAction::Ok);
    });
    assert!(program.is_ok(), "{:?}", program.err());
}

#[test]
fn a_socket_that_is_kept() {
    let mut line = 0;
    let errors = flow_errors(with_socket(|p, _socket, out| {
        line = line!() + 1;
        p.exit(TcAction::Ok);
        p.bind(out);
        p.exit(TcAction::Ok);
    }));
    match errors.as_slice() {
        [FlowError::NotGivenBack { at, what: "socket", taken }] => {
            assert_eq!(at.line, line);
            assert!(taken.line < line);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_socket_that_is_given_back_on_some_ways() {
    let errors = flow_errors(with_socket(|p, socket, out| {
        let mark = p.read_socket(R2, &socket, bpf_sock::MARK);
        p.goto_if(mark.eq(0), out);
        p.release(socket);
        p.bind(out);
        p.exit(TcAction::Ok);
    }));
    assert!(matches!(errors[0], FlowError::GivenBackOnSome { what: "socket", .. }), "{errors:?}");
}

#[test]
fn a_socket_that_is_held_over_a_tail_call() {
    let (mut p, context): (Typed<Tc>, Context<Tc>) = Typed::new("p");
    let out = p.label("out");
    let programs = p.programs("next", 1);
    let context = p.keep_context(R7, context);
    let tuple = p.fill::<Ipv4Tuple>().zeroed().done();
    let found = p.lookup_tcp(&context, &tuple);
    let socket = p.not_null_socket(found, out);
    let socket = p.keep_socket(R6, socket);
    p.tail_call(&context, programs, 0);
    p.release(socket);
    p.bind(out);
    p.exit(TcAction::Ok);
    assert!(matches!(flow_errors(p.finish()).as_slice(), [FlowError::NotGivenBack { .. }, ..]));
}

#[test]
fn a_record_that_is_left_behind() {
    let (mut p, _context) = Typed::xdp("p");
    let ring: RingBuffer = p.ring_buffer(MapDef::ring_buffer("ring", 4096));
    let full = p.label("full");
    p.reserve::<Note>(ring, full, |p, note| {
        let number = p.load(R1, &note, field!(Note, number));
        p.goto_if(number.eq(0), full);
        p.submit(note)
    });
    p.bind(full);
    p.exit(knockwright_asm::typed::XdpAction::Pass);
    let errors = flow_errors(p.finish());
    assert!(matches!(errors[0], FlowError::GivenBackOnSome { what: "record", .. }), "{errors:?}");
}

#[test]
fn a_jump_out_of_a_lock() {
    let (mut p, _context) = Typed::<Tc>::new("p");
    let numbers = p.map::<u32, Guarded>("numbers", MapType::Array, 1);
    let out = p.label("out");
    let key = p.spill::<u32>(0);
    let value = p.lookup(numbers, &key);
    let value = p.not_null(value, out);
    let value = p.keep(R6, value);
    p.locked(&value, field!(Guarded, lock), |p| {
        let number = p.load(R1, &value, field!(Guarded, number));
        p.goto_if(number.eq(0), out);
    });
    p.bind(out);
    p.exit(TcAction::Ok);
    let errors = flow_errors(p.finish());
    assert!(matches!(errors[0], FlowError::GivenBackOnSome { what: "lock", .. }), "{errors:?}");
}

#[test]
fn a_socket_is_no_longer_in_its_register() {
    let (mut p, context) = Typed::<Tc>::new("p");
    let out = p.label("out");
    let tuple = p.fill::<Ipv4Tuple>().zeroed().done();
    let found = p.lookup_tcp(&context, &tuple);
    let socket = p.not_null_socket(found, out);
    let socket = p.keep_socket(R6, socket);
    let _over = p.word(R6, 1);
    p.release(socket);
    p.bind(out);
    p.exit(TcAction::Ok);
    assert!(matches!(flow_errors(p.finish())[0], FlowError::Lost { .. }));
}

#[test]
fn what_every_event_has_is_not_read() {
    let (p, context) = Typed::<Tracepoint<Event>>::new("p");
    let _id = p.recorded(R2, &context, field!(Event, id));
    let line = line!() + 1;
    let _common = p.recorded(R2, &context, field!(Event, common));
    p.exit(ProbeAction::Done);
    match flow_errors(p.finish()).as_slice() {
        [FlowError::NotRecorded { at, offset: 0 }] => assert_eq!(at.line, line),
        other => panic!("{other:?}"),
    }
}

#[test]
fn zeros_are_written_where_they_are_aligned() {
    let (p, _context) = Typed::xdp("p");
    let _first = p.spill::<u32>(1);
    let _tuple = p.fill::<Ipv4Tuple>().zeroed().done(); // 12 bytes from -16 on
    p.exit(knockwright_asm::typed::XdpAction::Pass);
    let program = p.finish().expect("a program");
    let stores = program.items.iter().filter_map(|item| match item.code {
        Code::Insn(Insn::StoreImm { size, off, .. }) => Some((size, off)),
        _ => None,
    });
    assert_eq!(stores.skip(1).collect::<Vec<_>>(), [(Size::U64, -16), (Size::U32, -8)]);
}
