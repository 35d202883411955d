//! Random streams of packets, held against the reference model.

use super::*;

/// What happens to a source in a random stream.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A datagram to the next right port, to the one before it, or to another.
    Next,
    Repeat,
    Datagram(u16),
    Segment(u16),
    /// Its last knock, or its session, gets another time, that many nanoseconds from now.
    Knocked(i64, When),
    Opened(i64, When),
}

/// Times around all borders, with what they mean for [`short`].
fn times() -> impl Strategy<Value = (i64, When)> {
    const SLACK: i64 = CLOCK_SLACK_NS as i64;
    const SECOND: i64 = 1_000_000_000;
    prop_oneof![
        Just((0, When::InTime)),
        Just((1, When::InTime)),
        (1..SLACK - SECOND / 10).prop_map(|ahead| (ahead, When::InTime)),
        (-20 * SECOND..0).prop_map(|ago| (ago, When::InTime)),
        (-50 * SECOND..-30 * SECOND).prop_map(|ago| (ago, When::TooLate)),
        // The tests take their time after they set one.
        (SLACK + 20 * SECOND..i64::MAX / 512).prop_map(|ahead| (ahead, When::TooLate)),
    ]
}

/// A stream of packets of a few sources: often the next right knock, sometimes a repeat, a segment, or anything.
fn streams() -> impl Strategy<Value = Vec<(u8, Step)>> {
    let port = || prop_oneof![Just(TARGET), Just(9999), 7000u16..7003, any::<u16>()];
    let step = prop_oneof![
        6 => Just(Step::Next),
        1 => Just(Step::Repeat),
        1 => port().prop_map(Step::Datagram),
        1 => Just(Step::Segment(TARGET)),
        1 => port().prop_map(Step::Segment),
        1 => times().prop_map(|(time, when)| Step::Knocked(time, when)),
        1 => times().prop_map(|(time, when)| Step::Opened(time, when)),
    ];
    prop::collection::vec((0u8..3, step), 1..60)
}

/// A configuration whose times end 30 seconds after a knock: the machine has run longer.
fn short(sequence: &[u16]) -> KnockConfig {
    let mut config = config(sequence);
    config.seq.timeout_ms = 30_000;
    KnockConfig { session_timeout: 30_000, ..config }
}

#[test]
fn random_streams_fare_as_in_the_model() {
    if !support::may_load("random_streams_fare_as_in_the_model") {
        return;
    }
    let sequences: [&[u16]; 4] =
        [&SEQUENCE, &[7001], &[7001, 7002, 7001, 7001, 7002], &[5, 4, 3, 2, 1, 6, 7, 8, 9, 10]];
    for firewall in [Firewall::load(), Firewall::without_ethernet()] {
        for sequence in sequences {
            firewall.configure(&short(sequence));
            let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(200));
            runner.run(&streams(), |stream| as_in_the_model(&firewall, sequence, &stream)).unwrap();
        }
    }
}

fn as_in_the_model(
    firewall: &Firewall,
    sequence: &[u16],
    stream: &[(u8, Step)],
) -> Result<(), TestCaseError> {
    firewall.forget();
    let mut events = firewall.events();
    let mut model = Model::new(TARGET, sequence);
    for &(source, step) in stream {
        let address = [10, 0, 0, source];
        let key = u32::from_be_bytes(address);
        let at = model.sources.get(&key).map_or(0, |source| source.step);
        let datagram_to = |port| (Packet::Datagram { source: key, port }, datagram(address, port));
        let (packet, frame) = match step {
            Step::Next => datagram_to(sequence[at]),
            Step::Repeat => datagram_to(sequence[at.saturating_sub(1)]),
            Step::Datagram(port) => datagram_to(port),
            Step::Segment(port) => (Packet::Segment { source: key, port }, frame::syn(address, port)),
            Step::Knocked(time, when) => {
                if let Some(state) = firewall.state(address).filter(|state| state.step() > 0) {
                    let time = now().wrapping_add_signed(time) >> 8;
                    let progress = u64::from(state.step()) << 56 | time;
                    firewall.set_state(address, IpState { progress, ..state });
                }
                model.knocked(key, when);
                continue;
            }
            Step::Opened(time, when) => {
                if let Some(state) = firewall.state(address).filter(|state| state.opened_at != 0) {
                    let opened_at = now().wrapping_add_signed(time);
                    firewall.set_state(address, IpState { opened_at, ..state });
                }
                model.opened(key, when);
                continue;
            }
        };
        let (verdict, event) = model.verdict(packet);
        prop_assert_eq!(firewall.run(&frame), verdict, "{:?}", packet);
        prop_assert_eq!(told(&mut events), event.into_iter().collect::<Vec<_>>(), "{:?}", packet);
        let state = firewall.state(address).map(|state| (usize::from(state.step()), state.opened_at != 0));
        let expected = model.sources.get(&key);
        prop_assert_eq!(
            state,
            expected.map(|source| (source.step, source.session != Session::None)),
            "{:?}",
            packet
        );
    }
    Ok(())
}
