//! Knocks, the gate, and the events that tell of them.

use std::mem::offset_of;

use knockwright_asm::Size::{U8, U16, U32, U64};
use knockwright_asm::{Asm, AtomicSize, Helper, Label, Reg, Reg::*};

use super::{
    CONFIG, EventKind, IpState, Knock, KnockConfig, KnockEvent, MAX_SEQUENCE_LENGTH, NOW, PORT, PortSequence,
    SOURCE,
};
use crate::net::XdpAction;

pub(super) const FILE: &str = file!();

/// The state of the source, from its lookup on.
const STATE: Reg = R9;
/// What the event tells, once the state is done with: the kind in the lower byte, the step above it.
const TELL: Reg = R9;
/// The verdict behind the event, once the configuration is done with.
const VERDICT: Reg = R6;

const SEQ: usize = offset_of!(KnockConfig, seq);
const PORTS: i32 = (SEQ + offset_of!(PortSequence, ports)) as i32;
const LENGTH: i32 = (SEQ + offset_of!(PortSequence, length)) as i32;
const TIMEOUT_MS: i32 = (SEQ + offset_of!(PortSequence, timeout_ms)) as i32;
const SESSION_TIMEOUT: i32 = offset_of!(KnockConfig, session_timeout) as i32;
const PROGRESS: i32 = offset_of!(IpState, progress) as i32;
const OPENED_AT: i32 = offset_of!(IpState, opened_at) as i32;

const NS_PER_MS: i32 = 1_000_000;
const BPF_NOEXIST: i32 = 1;
/// Where a new state is put together in the stack frame.
const NEW_STATE: i32 = -24;

/// `r0` = the source's state, or NULL.
fn lookup_state(a: &mut Asm, k: &Knock) {
    a.mov(R2, R10);
    a.add(R2, SOURCE);
    a.load_map(R1, k.ip_tracking_map);
    a.call(Helper::MapLookupElem);
}

/// Lets a segment to the guarded port pass if its source has a session.
pub(super) fn gate(a: &mut Asm, k: &Knock, event: Label) {
    lookup_state(a, k);
    a.goto_if(R0.eq(0), k.drop); // the NULL check: never knocked
    a.mov(STATE, R0);
    a.call(Helper::KtimeGetCoarseNs);
    a.mov(NOW, R0);
    a.load(U64, R0, STATE + OPENED_AT);
    a.goto_if(R0.eq(0), k.drop); // not open
    a.mov(R1, NOW);
    a.sub(R1, R0);
    a.load(U64, R2, CONFIG + SESSION_TIMEOUT);
    a.mul(R2, NS_PER_MS);
    a.goto_if(R1.le(R2), k.pass);
    // The session is over. Whoever closes it tells of it; others only drop.
    a.mov(R1, R0);
    a.mov(R2, 0);
    a.cmpxchg(AtomicSize::U64, STATE + OPENED_AT, R2);
    a.goto_if(R0.ne(R1), k.drop);
    a.mov(VERDICT, XdpAction::Drop as i32);
    a.mov(TELL, EventKind::Expired as i32);
    a.goto(event);
}

/// Takes a UDP packet as a knock: the next one, the same one again, the first one, or a wrong one.
pub(super) fn knock(a: &mut Asm, k: &Knock, event: Label) {
    /// The state's word as it was read, which the exchange compares with.
    const OLD: Reg = R1;
    const STEP: Reg = R2;
    const NEW: Reg = R3;
    let known = a.label("known");
    let in_time = a.label("in_time");
    let in_sequence = a.label("in_sequence");
    let right = a.label("right");
    let complete = a.label("complete");

    a.load(U8, R1, CONFIG + LENGTH);
    a.goto_if(R1.eq(0), k.pass); // no sequence: opens for nobody
    a.call(Helper::KtimeGetCoarseNs);
    a.mov(NOW, R0);
    lookup_state(a, k);
    a.goto_if(R0.ne(0), known); // the NULL check
    first_knock(a, k, event);

    a.bind(known);
    a.mov(STATE, R0);
    a.load(U64, OLD, STATE + PROGRESS);
    a.mov(STEP, OLD);
    a.rsh(STEP, 56);
    a.mov(R3, OLD);
    a.lsh(R3, 8); // the time of the last knock in ns
    a.mov(R4, NOW);
    a.sub(R4, R3);
    a.load(U64, R3, CONFIG + TIMEOUT_MS);
    a.mul(R3, NS_PER_MS);
    a.goto_if(R4.le(R3), in_time);
    a.mov(STEP, 0); // too late: this is a first knock or none
    a.bind(in_time);
    a.goto_if(STEP.lt(MAX_SEQUENCE_LENGTH as i32), in_sequence); // the bounds check: ports[step] exists
    a.mov(STEP, 0);

    a.bind(in_sequence);
    a.mov(R4, STEP);
    a.lsh(R4, 1);
    a.add(R4, CONFIG); // r4 + PORTS = &ports[step]
    a.load(U16, R5, R4 + PORTS);
    a.goto_if(R5.eq(PORT), right);
    wrong_knock(a, k, event, right, OLD, STEP);

    a.bind(right);
    a.add(STEP, 1);
    a.mov(R0, OLD);
    a.load(U8, R4, CONFIG + LENGTH);
    a.goto_if(STEP.ge(R4), complete);
    a.mov(NEW, STEP);
    a.lsh(NEW, 56);
    a.mov(R4, NOW);
    a.rsh(R4, 8);
    a.or(NEW, R4);
    a.cmpxchg(AtomicSize::U64, STATE + PROGRESS, NEW);
    a.goto_if(R0.ne(OLD), k.pass); // another CPU had a packet of this source: it counts, this one doesn't
    tell(a, EventKind::Knock, STEP);
    a.goto(event);

    a.bind(complete);
    a.mov(NEW, 0);
    a.cmpxchg(AtomicSize::U64, STATE + PROGRESS, NEW);
    a.goto_if(R0.ne(OLD), k.pass);
    a.store(U64, STATE + OPENED_AT, NOW);
    tell(a, EventKind::Opened, STEP);
    a.goto(event);
}

/// A packet of a source without a state. Only the first port of the sequence makes one.
fn first_knock(a: &mut Asm, k: &Knock, event: Label) {
    let insert = a.label("insert");

    a.load(U16, R1, CONFIG + PORTS);
    a.goto_if(R1.ne(PORT), k.pass);
    a.load(U8, R1, CONFIG + LENGTH);
    a.mov(TELL, i32::from(u16::from_le_bytes([EventKind::Opened as u8, 1])));
    a.mov(R2, 0);
    a.mov(R3, NOW);
    a.goto_if(R1.eq(1), insert); // a sequence of one port opens at once
    a.mov(TELL, i32::from(u16::from_le_bytes([EventKind::Knock as u8, 1])));
    a.mov(R2, NOW);
    a.rsh(R2, 8);
    a.load_imm64(R3, 1 << 56);
    a.or(R2, R3);
    a.mov(R3, 0);
    a.bind(insert);
    a.store(U64, R10 + (NEW_STATE + PROGRESS), R2);
    a.store(U64, R10 + (NEW_STATE + OPENED_AT), R3);
    a.load_map(R1, k.ip_tracking_map);
    a.mov(R2, R10);
    a.add(R2, SOURCE);
    a.mov(R3, R10);
    a.add(R3, NEW_STATE);
    a.mov(R4, BPF_NOEXIST);
    a.call(Helper::MapUpdateElem);
    a.goto_if(R0.ne(0), k.pass); // another CPU was first
    a.mov(VERDICT, XdpAction::Pass as i32);
    a.goto(event);
}

/// A packet that isn't the next knock. The one just counted may come again, as networks repeat packets; the first one starts
/// over; any other sets the source back.
fn wrong_knock(a: &mut Asm, k: &Knock, event: Label, right: Label, old: Reg, step: Reg) {
    a.goto_if(step.eq(0), k.pass); // nothing begun, nothing to lose
    a.load(U16, R5, R4 + (PORTS - 2)); // ports[step - 1]
    a.goto_if(R5.eq(PORT), k.pass);
    a.mov(step, 0);
    a.load(U16, R5, CONFIG + PORTS);
    a.goto_if(R5.eq(PORT), right);
    a.mov(R0, old);
    a.mov(R3, 0);
    a.cmpxchg(AtomicSize::U64, STATE + PROGRESS, R3);
    a.goto_if(R0.ne(old), k.pass);
    tell(a, EventKind::Reset, step);
    a.goto(event);
}

/// Notes what the event is to tell of a packet that passes.
fn tell(a: &mut Asm, kind: EventKind, step: Reg) {
    a.mov(TELL, step);
    a.lsh(TELL, 8);
    a.or(TELL, kind as i32);
    a.mov(VERDICT, XdpAction::Pass as i32);
}

/// Puts an event into the ring buffer, if there is room, and leaves with the verdict.
pub(super) fn event(a: &mut Asm, k: &Knock, event: Label) {
    const AT: i32 = offset_of!(KnockEvent, at) as i32;
    const EVENT_SOURCE: i32 = offset_of!(KnockEvent, source) as i32;
    const EVENT_PORT: i32 = offset_of!(KnockEvent, port) as i32;
    const KIND_AND_STEP: i32 = offset_of!(KnockEvent, kind) as i32;
    let leave = a.label("leave");

    a.bind(event);
    a.load_map(R1, k.events);
    a.mov(R2, size_of::<KnockEvent>() as i32);
    a.mov(R3, 0);
    a.call(Helper::RingbufReserve);
    a.goto_if(R0.eq(0), leave); // the NULL check: the buffer is full
    a.store(U64, R0 + AT, NOW);
    a.load(U32, R1, R10 + SOURCE);
    a.store(U32, R0 + EVENT_SOURCE, R1);
    a.store(U16, R0 + EVENT_PORT, PORT);
    a.store(U16, R0 + KIND_AND_STEP, TELL);
    a.mov(R1, R0);
    a.mov(R2, 0);
    a.call(Helper::RingbufSubmit);
    a.bind(leave);
    a.mov(R0, VERDICT);
    a.exit();
}
