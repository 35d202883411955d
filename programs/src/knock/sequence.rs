//! Knocks, the gate, and the events that tell of them.

use knockwright_asm::field;
use knockwright_asm::typed::{
    Clock, Init, Join, Kept, R1, R2, R3, R4, R5, R6, R8, R9, Scalar, Scratch, Typed, Word,
};

use super::{Config, EventKind, IpState, Knock, KnockConfig, KnockEvent, MAX_SEQUENCE_LENGTH, Port};
use crate::net::XdpAction;

pub(super) const FILE: &str = file!();

const NS_PER_MS: i32 = 1_000_000;
const BPF_NOEXIST: i32 = 1;

/// What `tell` wants: the event's [`KnockEvent::told`], the verdict behind it, the time and the port.
pub(super) type Told = (Word<Kept>, Word<Kept>, Word<Kept>, Port);

/// The first number of [`KnockEvent::told`].
const fn told(kind: EventKind, step: u8) -> i32 {
    u16::from_le_bytes([kind as u8, step]) as i32
}

/// Lets a segment to the guarded port pass if its source has a session.
pub(super) fn gate(
    p: &mut Typed,
    k: &Knock,
    config: Config,
    source: Init<u32>,
    port: Port,
    tell: &mut Join<Told>,
) {
    let state = p.lookup(k.ip_tracking_map, &source);
    let state = p.not_null(state, k.drop); // never knocked
    let state = p.keep(R9, state);
    let now = p.now(R8, Clock::Coarse);
    let opened = p.load(R1, &state, field!(IpState, opened_at));
    p.goto_if(opened.eq(0), k.drop); // not open
    let age = p.copy(R2, now);
    let age = p.sub(age, opened);
    let limit = p.load(R3, &config, field!(KnockConfig, session_timeout));
    let limit = p.mul(limit, NS_PER_MS);
    p.goto_if(age.le(limit), k.pass);
    // The session is over. Whoever closes it tells of it; others only drop.
    let closed = p.word(R2, 0);
    p.compare_exchange(&state, field!(IpState, opened_at), opened, closed, k.drop);
    let verdict = p.word(R6, XdpAction::Drop as i32);
    let expired = p.word(R9, told(EventKind::Expired, 0));
    p.goto_with(tell, (expired, verdict, now, port));
}

/// Takes a UDP packet as a knock: the next one, the same one again, the first one, or a wrong one.
pub(super) fn knock(
    p: &mut Typed,
    k: &Knock,
    config: Config,
    source: Init<u32>,
    port: Port,
    tell: &mut Join<Told>,
) {
    let length = p.load(R1, &config, field!(KnockConfig, seq.length));
    p.goto_if(length.eq(0), k.pass); // no sequence: opens for nobody
    let now = p.now(R8, Clock::Coarse);
    let state = p.lookup(k.ip_tracking_map, &source);
    let known = p.label("known");
    let state = p.goto_if_found(state, known);
    first_knock(p, k, config, source, port, now, tell);

    let state = p.bind_found(state);
    let state = p.keep(R9, state);
    let old = p.load(R1, &state, field!(IpState, progress));
    let step = p.copy(R2, old).rsh::<56, 0xff>(p);
    let last = p.copy(R3, old).lsh::<8, { u64::MAX }>(p); // the time of the last knock in ns
    let pause = p.copy(R4, now);
    let pause = p.sub(pause, last);
    let limit = p.load(R3, &config, field!(KnockConfig, seq.timeout_ms));
    let limit = p.mul(limit, NS_PER_MS);
    // Too late: this is a first knock or none.
    let step = step.keep_if::<0>(p, pause.le(limit));
    let index = step.below::<MAX_SEQUENCE_LENGTH>(p, k.pass);
    let element = p.element(R4, &config, field!(KnockConfig, seq.ports), index);
    let wanted = p.load_element(R5, &element);
    let mut right = p.join::<Scalar<Scratch<'_>, 9>>("right");
    p.goto_if_with(wanted.eq(port), &mut right, index.scalar::<9>());

    // Not the next knock. The one just counted may come again, as networks repeat packets.
    p.goto_if(step.eq(0), k.pass); // nothing begun, nothing to lose
    let repeated = p.load_before(R5, &element);
    p.goto_if(repeated.eq(port), k.pass);
    let restart = p.constant::<0, _>(R2);
    let first = p.load(R5, &config, field!(KnockConfig, seq.ports[0]));
    p.goto_if_with(first.eq(port), &mut right, restart.weaken::<9>());
    let none = p.word(R3, 0);
    p.compare_exchange(&state, field!(IpState, progress), old, none, k.pass);
    let verdict = p.word(R6, XdpAction::Pass as i32);
    let reset = p.word(R9, told(EventKind::Reset, 0));
    p.goto_with(tell, (reset, verdict, now, port));

    let step = p.bind_with(right).plus::<1, 10>(p);
    let length = p.load(R4, &config, field!(KnockConfig, seq.length));
    let complete = p.label("complete");
    p.goto_if(step.ge(length), complete);
    let next = p.copy(R3, step).lsh::<56, { u64::MAX }>(p);
    let ticks = p.copy(R4, now).rsh::<8, { u64::MAX >> 8 }>(p);
    let next = p.or(next, ticks);
    // Another CPU had a packet of this source: that one counts, this one doesn't.
    p.compare_exchange(&state, field!(IpState, progress), old, next, k.pass);
    counted(p, EventKind::Knock, step, now, port, tell);

    p.bind(complete);
    let none = p.word(R3, 0);
    p.compare_exchange(&state, field!(IpState, progress), old, none, k.pass);
    p.store(&state, field!(IpState, opened_at), now);
    counted(p, EventKind::Opened, step, now, port, tell);
}

/// Goes to tell of a right knock.
fn counted<H>(
    p: &Typed,
    kind: EventKind,
    step: Scalar<H, 10>,
    now: Word<Kept>,
    port: Port,
    tell: &mut Join<Told>,
) {
    let told = p.copy(R9, step).lsh::<8, 2560>(p);
    let told = p.or(told, kind as i32);
    let verdict = p.word(R6, XdpAction::Pass as i32);
    p.goto_with(tell, (told, verdict, now, port));
}

/// A packet of a source without a state. Only the first port of the sequence makes one.
fn first_knock(
    p: &mut Typed,
    k: &Knock,
    config: Config,
    source: Init<u32>,
    port: Port,
    now: Word<Kept>,
    tell: &mut Join<Told>,
) {
    let first = p.load(R1, &config, field!(KnockConfig, seq.ports[0]));
    p.goto_if(first.ne(port), k.pass);
    let length = p.load(R1, &config, field!(KnockConfig, seq.length));
    let mut insert = p.join("insert");
    let opened = p.word(R9, told(EventKind::Opened, 1));
    let progress = p.word(R2, 0);
    let opened_at = p.copy(R3, now);
    p.goto_if_with(length.eq(1), &mut insert, (opened, progress, opened_at)); // one port opens at once
    let knocked = p.word(R9, told(EventKind::Knock, 1));
    let ticks = p.copy(R2, now).rsh::<8, { u64::MAX >> 8 }>(p);
    let one = p.wide(R3, 1 << 56);
    let progress = p.or(ticks, one);
    let opened_at = p.word(R3, 0);
    let (event, progress, opened_at) = p.meet(insert, (knocked, progress, opened_at));
    let state = p
        .fill::<IpState>()
        .set(field!(IpState, progress), progress)
        .set(field!(IpState, opened_at), opened_at)
        .done();
    let inserted = p.update(k.ip_tracking_map, &source, &state, BPF_NOEXIST);
    p.succeeded(inserted, k.pass); // another CPU was first
    let verdict = p.word(R6, XdpAction::Pass as i32);
    p.goto_with(tell, (event, verdict, now, port));
}

/// Puts an event into the ring buffer, if there is room, and leaves with the verdict.
pub(super) fn tell(p: &mut Typed, k: &Knock, source: Init<u32>, told: Join<Told>) {
    let (told, verdict, now, port) = p.bind_with(told);
    let leave = p.label("leave");
    p.reserve::<KnockEvent>(k.events, leave, |p, event| {
        p.store(&event, field!(KnockEvent, at), now);
        let address = p.reload(R1, &source);
        p.store(&event, field!(KnockEvent, source), address);
        p.store(&event, field!(KnockEvent, port), port);
        p.store(&event, field!(KnockEvent, told), told);
        p.submit(event)
    });
    p.bind(leave);
    p.exit(verdict);
}
