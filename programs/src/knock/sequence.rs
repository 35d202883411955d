//! Knocks, the gate, and the events that tell of them.

use knockwright_asm::field;
use knockwright_asm::typed::{
    Answer, Clock, Init, Join, Kept, R1, R2, R3, R4, R5, R6, R8, R9, Scalar, Scratch, Typed, Update, Word,
};

use super::{
    CLOCK_SLACK_NS, Config, EventKind, IpState, Knock, KnockConfig, KnockEvent, LostEvents,
    MAX_SEQUENCE_LENGTH, Port,
};
use crate::NS_PER_MS;
use crate::net::XdpAction;

pub(super) const FILE: &str = file!();

const SLACK: i32 = CLOCK_SLACK_NS as i32;

/// What `tell` wants: the event's [`KnockEvent::told`], the verdict that follows, the time and the port.
pub(super) type Told = (Word<Kept>, Answer<Kept>, Word<Kept>, Port);

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
    let opened = p.load(R1, &state, field!(IpState, opened_at));
    p.goto_if(opened.eq(0), k.drop); // not open: no need to know the time
    let now = p.now(R8, Clock::Coarse);
    // Once more: another CPU may have closed the session meanwhile, and told of it.
    let opened = p.load(R1, &state, field!(IpState, opened_at));
    p.goto_if(opened.eq(0), k.drop);
    let age = p.copy(R2, now);
    let age = p.sub(age, opened);
    let limit = p.load(R3, &config, field!(KnockConfig, session_timeout));
    let limit = p.mul(limit, NS_PER_MS);
    p.goto_if(age.le(limit), k.pass);
    p.goto_if(age.ge(-SLACK), k.pass); // opened just now, by the clock of another CPU
    // The session is over. Whoever closes it tells of it; others only drop.
    let closed = p.word(R2, 0);
    p.compare_exchange(&state, field!(IpState, opened_at), opened, closed, k.drop);
    let verdict = p.action(R6, XdpAction::Drop);
    let expired = p.word(R9, told(EventKind::Expired, 0));
    p.goto_with(tell, (expired, verdict, now, port));
}

/// Takes a UDP packet as a knock: the next one, the same one again, the first one, or a wrong one.
#[expect(clippy::too_many_lines, reason = "the instructions of one decision, in their order")]
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
    let state = p.lookup(k.ip_tracking_map, &source);
    let known = p.label("known");
    let state = p.goto_if_found(state, known);
    first_knock(p, k, config, source, port, tell);

    let state = p.bind_found(state);
    let state = p.keep(R9, state);
    let begun = p.label("begun");
    let old = p.load(R1, &state, field!(IpState, progress));
    p.goto_if(old.ne(0), begun);
    let first = p.load(R1, &config, field!(KnockConfig, seq.ports[0]));
    p.goto_if(first.ne(port), k.pass); // nothing begun, nothing to lose: no need to know the time
    p.bind(begun);
    let now = p.now(R8, Clock::Coarse);
    let old = p.load(R1, &state, field!(IpState, progress));
    let step = p.copy(R2, old).rsh::<56, 0xff>(p);
    let last = p.copy(R3, old).lsh::<8, { u64::MAX }>(p); // the time of the last knock in ns
    let pause = p.copy(R4, now);
    let pause = p.sub(pause, last);
    let pause = p.add(pause, SLACK); // the last knock may be ahead by the clock of another CPU
    let limit = p.load(R3, &config, field!(KnockConfig, seq.timeout_ms));
    let limit = p.mul(limit, NS_PER_MS);
    let limit = p.add(limit, SLACK);
    // Too late: this is a first knock or none.
    let step = step.keep_if::<0>(p, pause.le(limit));
    let index = step.below::<MAX_SEQUENCE_LENGTH>(p, k.pass);
    let element = p.element(R4, &config, field!(KnockConfig, seq.ports), index);
    let wanted = p.load_element(R5, &element);
    let mut right = p.join::<Scalar<Scratch<'_>, 9>>("right");
    p.goto_if_with(wanted.eq(port), &mut right, index.scalar::<9>());

    // Not the next knock. The one just counted may come again, as networks repeat packets.
    p.goto_if(step.eq(0), k.pass); // nothing to lose
    let repeated = p.load_before(R5, &element);
    p.goto_if(repeated.eq(port), k.pass);
    let restart = p.constant::<0, _>(R2);
    let first = p.load(R5, &config, field!(KnockConfig, seq.ports[0]));
    p.goto_if_with(first.eq(port), &mut right, restart.weaken::<9>());
    let none = p.word(R3, 0);
    p.compare_exchange(&state, field!(IpState, progress), old, none, k.pass);
    let verdict = p.action(R6, XdpAction::Pass);
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
    let before = p.load(R3, &state, field!(IpState, opened_at));
    p.store(&state, field!(IpState, opened_at), now);
    // Where one knock opens, each further packet is one: the session goes on, and that is no event.
    let opens = p.label("opens");
    p.goto_if(step.ne(1), opens);
    p.goto_if(before.eq(0), opens);
    let age = p.copy(R4, now);
    let age = p.sub(age, before);
    let limit = p.load(R5, &config, field!(KnockConfig, session_timeout));
    let limit = p.mul(limit, NS_PER_MS);
    p.goto_if(age.le(limit), k.pass);
    p.goto_if(age.ge(-SLACK), k.pass);
    p.bind(opens);
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
    let verdict = p.action(R6, XdpAction::Pass);
    p.goto_with(tell, (told, verdict, now, port));
}

/// A packet of a source without a state. Only the first port of the sequence makes one.
fn first_knock(
    p: &mut Typed,
    k: &Knock,
    config: Config,
    source: Init<u32>,
    port: Port,
    tell: &mut Join<Told>,
) {
    let first = p.load(R1, &config, field!(KnockConfig, seq.ports[0]));
    p.goto_if(first.ne(port), k.pass);
    let now = p.now(R8, Clock::Coarse);
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
    let inserted = p.update(k.ip_tracking_map, &source, &state, Update::Create);
    p.succeeded(inserted, k.pass); // another CPU was first
    let verdict = p.action(R6, XdpAction::Pass);
    p.goto_with(tell, (event, verdict, now, port));
}

/// Puts an event into the ring buffer, or counts it as lost if there is no room, and leaves with the verdict.
pub(super) fn tell(p: &mut Typed, k: &Knock, source: Init<u32>, told: Join<Told>) {
    let (told, verdict, now, port) = p.bind_with(told);
    let full = p.label("full");
    let leave = p.label("leave");
    p.reserve::<KnockEvent>(k.events, full, |p, event| {
        p.store(&event, field!(KnockEvent, at), now);
        let address = p.reload(R1, &source);
        p.store(&event, field!(KnockEvent, source), address);
        p.store(&event, field!(KnockEvent, port), port);
        p.store(&event, field!(KnockEvent, told), told);
        p.submit(event)
    });
    p.goto(leave);

    p.bind(full);
    let kind = p.copy(R1, told).and::<0xff>(p);
    let kind = p.spill::<u32>(kind);
    let lost = p.lookup(k.lost_events, &kind);
    let lost = p.not_null(lost, leave);
    let one = p.constant::<1, _>(R1);
    p.atomic_add(&lost, field!(LostEvents, count), one);
    p.bind(leave);
    p.exit(verdict);
}
