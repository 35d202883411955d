//! What the program tells, when it tells it, and what it had no room for.

use super::*;

#[test]
fn events_tell_what_happened() {
    if !support::may_load("events_tell_what_happened") {
        return;
    }
    let firewall = Firewall::load();
    let mut events = firewall.events();
    firewall.knock(CLIENT, &[7001, 9999, 7001, 9003, 9003, 8002, 7001]);
    firewall.configure(&KnockConfig { session_timeout: 1, ..config(&SEQUENCE) });
    firewall.set_state(CLIENT, IpState { progress: 0, opened_at: 1 });
    assert!(!firewall.is_open(CLIENT));
    assert!(!firewall.is_open(CLIENT), "and no second event");
    let mut told = Vec::new();
    events.drain(usize::MAX, |bytes| {
        let event: KnockEvent = from_bytes(bytes).unwrap();
        assert_eq!(event.source, u32::from_ne_bytes(CLIENT));
        assert!(event.at <= now() && event.at > now() - 60_000_000_000);
        told.push((event.kind().unwrap(), event.step(), event.port));
    });
    use EventKind::{Expired, Knock, Opened, Reset};
    assert_eq!(
        told,
        [
            (Knock, 1, 7001),
            (Reset, 0, 9999),
            (Knock, 1, 7001),
            (Knock, 2, 9003),
            (Knock, 3, 8002),
            (Opened, 4, 7001),
            (Expired, 0, TARGET),
        ]
    );
}

/// Whoever closes a session tells of it, and nobody else: two processors have packets of the source all the time, while its
/// sessions end one after the other.
#[test]
fn the_end_of_a_session_is_told_once() {
    if !support::may_load("the_end_of_a_session_is_told_once") {
        return;
    }
    let firewall = Firewall::load();
    firewall.configure(&KnockConfig { session_timeout: 1, ..config(&SEQUENCE) });
    let mut events = firewall.events();
    let segments = TestRun::packet(&syn(CLIENT, TARGET)[..]).repeated(15_000_000);
    let running = AtomicUsize::new(2);
    let mut sessions = 0;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                firewall.loaded.test_run(&segments).unwrap();
                running.fetch_sub(1, Ordering::Relaxed);
            });
        }
        while running.load(Ordering::Relaxed) > 0 {
            if firewall.state(CLIENT).is_none_or(|state| state.opened_at == 0) {
                firewall.set_state(CLIENT, IpState { progress: 0, opened_at: now() });
                sessions += 1;
            }
            std::thread::sleep(std::time::Duration::from_micros(200));
        }
    });
    while firewall.is_open(CLIENT) {}
    let told = told(&mut events);
    assert!(told.iter().all(|told| *told == Told::Expired));
    assert_eq!(told.len(), sessions);
}

/// Where one knock opens, every packet to that port is one.
#[test]
fn a_door_of_one_knock_tells_of_an_opening_once() {
    if !support::may_load("a_door_of_one_knock_tells_of_an_opening_once") {
        return;
    }
    let firewall = Firewall::load();
    firewall.configure(&config(&[7001]));
    let mut events = firewall.events();
    firewall.knock(CLIENT, &[7001; 50]);
    assert_eq!(told(&mut events), [Told::Opened(1)]);
    let earlier = now() - 5_000_000_000;
    firewall.set_state(CLIENT, IpState { progress: 0, opened_at: earlier });
    firewall.knock(CLIENT, &[7001]);
    assert!(firewall.state(CLIENT).unwrap().opened_at > earlier, "the session goes on from here");
    assert_eq!(told(&mut events), [], "and that is no event");
    firewall.set_state(CLIENT, IpState { progress: 0, opened_at: 1 });
    firewall.configure(&KnockConfig { session_timeout: 1000, ..config(&[7001]) });
    firewall.knock(CLIENT, &[7001]);
    assert_eq!(told(&mut events), [Told::Opened(1)], "the one before was over");
    // Where more knocks open, each opening is told.
    firewall.configure(&config(&SEQUENCE));
    firewall.knock(CLIENT, &SEQUENCE);
    firewall.knock(CLIENT, &SEQUENCE);
    let openings = told(&mut events).iter().filter(|told| **told == Told::Opened(4)).count();
    assert_eq!(openings, 2);
}

#[test]
fn events_without_room_are_counted_by_kind() {
    if !support::may_load("events_without_room_are_counted_by_kind") {
        return;
    }
    let firewall = Firewall::load();
    let mut events = firewall.events();
    let rounds = 6000;
    for _ in 0..rounds {
        firewall.knock(CLIENT, &[7001, 9999]);
    }
    firewall.knock(CLIENT, &SEQUENCE);
    assert!(firewall.is_open(CLIENT), "nothing but the event is lost");
    firewall.set_state(CLIENT, IpState { progress: 0, opened_at: 1 });
    firewall.configure(&KnockConfig { session_timeout: 1, ..config(&SEQUENCE) });
    assert!(!firewall.is_open(CLIENT), "a full buffer changes no verdict");
    let told = told(&mut events);
    let kept = |wanted: fn(&Told) -> bool| told.iter().filter(|told| wanted(told)).count() as u64;
    use EventKind::{Expired, Knock, Opened, Reset};
    assert!(kept(|_| true) > 10_000, "the buffer holds {}", told.len());
    assert_eq!(firewall.lost(Knock) + kept(|told| matches!(told, Told::Knock(_))), rounds + 3);
    assert_eq!(firewall.lost(Reset) + kept(|told| matches!(told, Told::Reset)), rounds);
    assert_eq!((firewall.lost(Opened), firewall.lost(Expired)), (1, 1));
    assert!(firewall.lost(Knock) > 0 && firewall.lost(Reset) > 0);
}
