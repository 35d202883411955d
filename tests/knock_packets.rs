//! The firewall's verdict and state, packet by packet, through the running kernel's `BPF_PROG_TEST_RUN`.

#[path = "knock_packets/events.rs"]
mod events;
#[path = "knock_packets/model.rs"]
mod model;
mod support;

use std::sync::atomic::{AtomicUsize, Ordering};

use knockwright_asm::{BpfType, Program};
use knockwright_loader::load::{Load, Loaded, Loader, LogLevel};
use knockwright_loader::map::Hash;
use knockwright_loader::ring_buffer::RingBuffer;
use knockwright_loader::sys::{TestRun, Update};
use knockwright_loader::value::{from_bytes, to_bytes};
use knockwright_programs::knock::{
    self, ALLOW_IPV6, CLOCK_SLACK_NS, EventKind, IpState, KnockConfig, KnockEvent, LostEvents, PortSequence,
};
use knockwright_programs::net::XdpAction;
use proptest::prelude::*;
use support::frame::{
    self, DONT_FRAGMENT, ETHERNET_LEN, Fragment, Ipv4, MORE_FRAGMENTS, TARGET, datagram, ether_type,
    ethernet, fragment, ipv6, options, protocol, syn, tcp, udp,
};
use support::model::{Action, Model, Packet, Session, Told, When};

const CLIENT: [u8; 4] = [10, 0, 0, 2];
const SEQUENCE: [u16; 4] = [7001, 9003, 8002, 7001];
const HOUR_MS: u64 = 3_600_000;

/// What a program expects before the IP header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LinkLayer {
    Ethernet,
    /// Nothing: frames are given to it without their Ethernet header.
    None,
}

/// The firewall in the kernel, not attached.
struct Firewall {
    loaded: Loaded,
    sources: Hash<u32, IpState>,
    link_layer: LinkLayer,
}

impl Firewall {
    fn load() -> Self {
        Self::of(&knock::program(), LinkLayer::Ethernet)
    }

    fn without_ethernet() -> Self {
        Self::of(&knock::program_without_ethernet(), LinkLayer::None)
    }

    fn of(program: &Program, link_layer: LinkLayer) -> Self {
        let load = Load::new(program).at_level(LogLevel::FailingPath);
        let (answer, loaded) = Loader::new().load(&load).unwrap();
        let loaded = loaded.unwrap_or_else(|| panic!("the kernel rejects the program:\n{}", answer.log));
        let sources = loaded.map("ip_tracking_map").unwrap().try_clone().unwrap().into_hash().unwrap();
        let firewall = Self { loaded, sources, link_layer };
        firewall.configure(&config(&SEQUENCE));
        firewall
    }

    fn configure(&self, config: &KnockConfig) {
        self.write("config_map", &0u32, config);
    }

    fn write<K: BpfType, V: BpfType>(&self, map: &str, key: &K, value: &V) {
        let map = self.loaded.map(map).unwrap();
        map.update(&to_bytes(key).unwrap(), &to_bytes(value).unwrap(), Update::Any).unwrap();
    }

    fn run(&self, frame: &[u8]) -> Action {
        let frame = match self.link_layer {
            LinkLayer::Ethernet => frame,
            LinkLayer::None => &frame[ETHERNET_LEN..],
        };
        let verdict = self.loaded.test_run(&TestRun::packet(frame)).unwrap().return_value;
        match XdpAction::from_number(verdict) {
            Some(XdpAction::Drop) => Action::Drop,
            Some(XdpAction::Pass) => Action::Pass,
            _ => panic!("verdict {verdict}"),
        }
    }

    fn state(&self, source: [u8; 4]) -> Option<IpState> {
        self.sources.get(&u32::from_ne_bytes(source)).unwrap()
    }

    fn set_state(&self, source: [u8; 4], state: IpState) {
        self.sources.set(&u32::from_ne_bytes(source), &state, Update::Any).unwrap();
    }

    fn events(&self) -> RingBuffer {
        RingBuffer::open(self.loaded.map("events").unwrap()).unwrap()
    }

    /// How many events of a kind were lost.
    fn lost(&self, kind: EventKind) -> u64 {
        let lost = self.loaded.map("lost_events").unwrap().try_clone().unwrap();
        lost.into_array::<LostEvents>().unwrap().get(kind as u32).unwrap().unwrap().count
    }

    fn forget(&self) {
        for (source, _) in self.sources.entries().unwrap() {
            self.sources.delete(&source).unwrap();
        }
    }

    fn knock(&self, source: [u8; 4], ports: &[u16]) {
        for port in ports {
            assert_eq!(self.run(&datagram(source, *port)), Action::Pass, "a knock passes");
        }
    }

    fn is_open(&self, source: [u8; 4]) -> bool {
        self.run(&syn(source, TARGET)) == Action::Pass
    }
}

fn config(sequence: &[u16]) -> KnockConfig {
    let mut ports = [0; knock::MAX_SEQUENCE_LENGTH];
    ports[..sequence.len()].copy_from_slice(sequence);
    KnockConfig {
        target_port: TARGET,
        flags: 0,
        seq: PortSequence { ports, length: sequence.len() as u8, timeout_ms: HOUR_MS },
        session_timeout: HOUR_MS,
    }
}

/// The events that wait, as the model tells them.
fn told(events: &mut RingBuffer) -> Vec<Told> {
    let mut told = Vec::new();
    events.drain(usize::MAX, |bytes| {
        let event: KnockEvent = from_bytes(bytes).unwrap();
        let step = usize::from(event.step());
        told.push(match event.kind().unwrap() {
            EventKind::Knock => Told::Knock(step),
            EventKind::Opened => Told::Opened(step),
            EventKind::Reset => Told::Reset,
            EventKind::Expired => Told::Expired,
        });
    });
    told
}

/// The coarse monotonic clock that the program reads.
fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec of our own, which the call fills.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_COARSE, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Frames that a source without a session sends, and what must become of them.
fn unknown_source() -> Vec<(&'static str, Vec<u8>, Action)> {
    use Action::{Drop, Pass};
    use Fragment::{Last, More};
    let v4 = |protocol, payload| Ipv4::new(CLIENT, protocol, payload);
    let with = |change: &dyn Fn(&mut Ipv4)| {
        let mut packet = v4(protocol::TCP, tcp(TARGET));
        change(&mut packet);
        packet.frame()
    };
    let v6 = |extensions: &[(u8, Vec<u8>)], payload: &[u8]| {
        ethernet(&[], ether_type::IPV6, &ipv6(extensions, protocol::TCP, payload))
    };
    let cut = |mut frame: Vec<u8>, bytes: usize| {
        frame.truncate(frame.len() - bytes);
        frame
    };
    let tagged =
        |tags: &[u16], port| ethernet(tags, ether_type::IPV4, &v4(protocol::TCP, tcp(port)).packet());
    vec![
        ("TCP to the port", syn(CLIENT, TARGET), Drop),
        ("TCP to another port", syn(CLIENT, TARGET + 1), Pass),
        ("UDP to the same number", datagram(CLIENT, TARGET), Pass),
        ("ICMP", v4(protocol::ICMP, vec![8, 0, 0, 0, 0, 0, 0, 0]).frame(), Pass),
        ("ARP", ethernet(&[], ether_type::ARP, &[0; 28]), Pass),
        ("an Ethernet header alone", ethernet(&[], ether_type::IPV4, &[]), Pass),
        (
            "an IPv4 header cut off: the kernel drops it",
            ethernet(&[], ether_type::IPV4, &v4(protocol::TCP, vec![]).packet()[..19]),
            Pass,
        ),
        // IP options
        ("a no-operation option", with(&|p| p.options = vec![1; 4]), Drop),
        ("40 bytes of options", with(&|p| p.options = vec![1; 40]), Drop),
        (
            "options, another port",
            {
                let mut p = v4(protocol::TCP, tcp(TARGET + 1));
                p.options = vec![1; 8];
                p.frame()
            },
            Pass,
        ),
        (
            "options cut off",
            cut(
                with(&|p| {
                    p.options = vec![1; 40];
                    p.payload = vec![];
                }),
                4,
            ),
            Drop,
        ),
        ("a header shorter than 20 bytes: the kernel drops it", with(&|p| p.first_byte = Some(0x44)), Pass),
        ("not version 4: the kernel drops it", with(&|p| p.first_byte = Some(0x65)), Pass),
        // Fragments
        ("a first fragment with the ports", with(&|p| p.fragment = MORE_FRAGMENTS), Drop),
        (
            "a first fragment of 8 bytes",
            with(&|p| {
                p.fragment = MORE_FRAGMENTS;
                p.payload.truncate(8);
            }),
            Drop,
        ),
        (
            "a first fragment without the ports",
            with(&|p| {
                p.fragment = MORE_FRAGMENTS;
                p.payload.truncate(2);
            }),
            Drop,
        ),
        (
            "a first fragment to another port",
            {
                let mut p = v4(protocol::TCP, tcp(80));
                p.fragment = MORE_FRAGMENTS;
                p.frame()
            },
            Pass,
        ),
        ("a fragment over the flags", with(&|p| p.fragment = 1), Drop),
        ("a later fragment", with(&|p| p.fragment = 3), Pass),
        ("a later fragment, more to come", with(&|p| p.fragment = MORE_FRAGMENTS | 3), Pass),
        ("don't fragment", with(&|p| p.fragment = DONT_FRAGMENT), Drop),
        // Truncated
        ("TCP cut off before the port", cut(syn(CLIENT, TARGET), 17), Drop),
        ("TCP cut off after the ports", cut(syn(CLIENT, TARGET), 16), Drop),
        ("TCP to another port cut off after the ports", cut(syn(CLIENT, 80), 16), Pass),
        // VLAN tags
        ("a tag", tagged(&[ether_type::VLAN], TARGET), Drop),
        ("a tag, another port", tagged(&[ether_type::VLAN], 80), Pass),
        ("two tags", tagged(&[ether_type::VLAN_OUTER, ether_type::VLAN], TARGET), Drop),
        ("two old tags", tagged(&[ether_type::VLAN_OLD, ether_type::VLAN_OLD], TARGET), Drop),
        ("two tags, another port", tagged(&[ether_type::VLAN_OUTER, ether_type::VLAN], 80), Pass),
        ("three tags", tagged(&[ether_type::VLAN_OUTER, ether_type::VLAN, ether_type::VLAN], 80), Drop),
        ("a tag cut off", ethernet(&[], ether_type::VLAN, &[0, 7]), Pass),
        (
            "a tag before IPv6",
            ethernet(&[ether_type::VLAN], ether_type::IPV6, &ipv6(&[], protocol::TCP, &tcp(TARGET))),
            Drop,
        ),
        // IPv6
        ("IPv6 to the port", v6(&[], &tcp(TARGET)), Drop),
        ("IPv6 to another port", v6(&[], &tcp(80)), Pass),
        ("IPv6 UDP", ethernet(&[], ether_type::IPV6, &ipv6(&[], protocol::UDP, &udp(TARGET))), Pass),
        ("IPv6 hop-by-hop", v6(&[(protocol::HOP_BY_HOP, options(0))], &tcp(TARGET)), Drop),
        ("IPv6 long destination options", v6(&[(protocol::DESTINATION, options(3))], &tcp(TARGET)), Drop),
        ("IPv6 long options, another port", v6(&[(protocol::DESTINATION, options(3))], &tcp(80)), Pass),
        ("IPv6 routing", v6(&[(protocol::ROUTING, options(2))], &tcp(TARGET)), Drop),
        (
            "IPv6 authentication of 16 bytes",
            v6(&[(protocol::AUTHENTICATION, [vec![2], vec![0; 14]].concat())], &tcp(TARGET)),
            Drop,
        ),
        (
            "IPv6 authentication of 16 bytes, another port",
            v6(&[(protocol::AUTHENTICATION, [vec![2], vec![0; 14]].concat())], &tcp(80)),
            Pass,
        ),
        (
            "IPv6 authentication of 12 bytes, not allowed",
            v6(&[(protocol::AUTHENTICATION, [vec![1], vec![0; 10]].concat())], &tcp(80)),
            Drop,
        ),
        ("IPv6 first fragment", v6(&[(protocol::FRAGMENT, fragment(0, 0, More))], &tcp(TARGET)), Drop),
        (
            "IPv6 first fragment, another port",
            v6(&[(protocol::FRAGMENT, fragment(0, 0, More))], &tcp(80)),
            Pass,
        ),
        (
            "IPv6 first fragment, reserved byte set",
            v6(&[(protocol::FRAGMENT, fragment(3, 0, More))], &tcp(80)),
            Drop,
        ),
        ("IPv6 later fragment", v6(&[(protocol::FRAGMENT, fragment(0, 5, Last))], &tcp(TARGET)), Pass),
        (
            "IPv6 fragment and options",
            v6(
                &[(protocol::FRAGMENT, fragment(0, 0, More)), (protocol::DESTINATION, options(0))],
                &tcp(TARGET),
            ),
            Drop,
        ),
        ("IPv6 eight headers", v6(&vec![(protocol::DESTINATION, options(0)); 8], &tcp(TARGET)), Drop),
        (
            "IPv6 eight headers, another port",
            v6(&vec![(protocol::DESTINATION, options(0)); 8], &tcp(80)),
            Pass,
        ),
        ("IPv6 too many headers", v6(&vec![(protocol::DESTINATION, options(0)); 9], &tcp(80)), Drop),
        ("IPv6 chain cut off", cut(v6(&[(protocol::DESTINATION, options(1))], &[]), 12), Drop),
        ("IPv6 options beyond the frame", v6(&[(60, vec![200, 0, 0, 0, 0, 0, 0])], &tcp(80)), Drop),
        ("IPv6 TCP cut off before the port", cut(v6(&[], &tcp(TARGET)), 17), Drop),
        ("IPv6 header cut off: the kernel drops it", cut(v6(&[], &[]), 1), Pass),
        ("IPv6 no next header", ethernet(&[], ether_type::IPV6, &ipv6(&[], protocol::NO_NEXT, &[])), Pass),
    ]
}

#[test]
fn every_parsing_rule_gives_its_verdict() {
    if !support::may_load("every_parsing_rule_gives_its_verdict") {
        return;
    }
    let firewall = Firewall::load();
    let mut wrong = Vec::new();
    for (rule, frame, wanted) in unknown_source() {
        let verdict = firewall.run(&frame);
        if verdict != wanted {
            wrong.push(format!("{rule}: {verdict:?} instead of {wanted:?}"));
        }
        assert_eq!(firewall.state(CLIENT), None, "{rule} leaves a state");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// With a session, what was dropped only for want of one passes, and the rest stays as it was.
#[test]
fn a_session_opens_the_port_and_nothing_else() {
    if !support::may_load("a_session_opens_the_port_and_nothing_else") {
        return;
    }
    let firewall = Firewall::load();
    firewall.set_state(CLIENT, IpState { progress: 0, opened_at: now() });
    let opens = [
        "TCP to the port",
        "a no-operation option",
        "40 bytes of options",
        "a first fragment with the ports",
        "a first fragment of 8 bytes",
        "don't fragment",
        "TCP cut off after the ports",
        "a tag",
        "two tags",
        "two old tags",
    ];
    for (rule, frame, without) in unknown_source() {
        let wanted = if opens.contains(&rule) { Action::Pass } else { without };
        assert_eq!(firewall.run(&frame), wanted, "{rule}");
    }
    assert!(!firewall.is_open([10, 0, 0, 3]), "another source stays out");
}

#[test]
fn ipv6_passes_where_the_configuration_says_so() {
    if !support::may_load("ipv6_passes_where_the_configuration_says_so") {
        return;
    }
    let firewall = Firewall::load();
    firewall.configure(&KnockConfig { flags: ALLOW_IPV6, ..config(&SEQUENCE) });
    assert_eq!(
        firewall.run(&ethernet(&[], ether_type::IPV6, &ipv6(&[], protocol::TCP, &tcp(TARGET)))),
        Action::Pass
    );
    assert_eq!(firewall.run(&syn(CLIENT, TARGET)), Action::Drop);
}

#[test]
fn only_whole_datagrams_are_knocks() {
    if !support::may_load("only_whole_datagrams_are_knocks") {
        return;
    }
    let firewall = Firewall::load();
    let first = SEQUENCE[0];
    let knock = Ipv4::new(CLIENT, protocol::UDP, udp(first));
    let no_knocks = [
        ("a first fragment", Ipv4 { fragment: MORE_FRAGMENTS, ..knock.clone() }.frame()),
        ("a later fragment", Ipv4 { fragment: 2, ..knock.clone() }.frame()),
        ("a header cut off", Ipv4 { payload: udp(first)[..7].to_vec(), ..knock.clone() }.frame()),
        ("TCP", syn(CLIENT, first)),
        ("IPv6", ethernet(&[], ether_type::IPV6, &ipv6(&[], protocol::UDP, &udp(first)))),
    ];
    for (what, frame) in no_knocks {
        assert_eq!(firewall.run(&frame), Action::Pass, "{what}");
        assert_eq!(firewall.state(CLIENT), None, "{what} counts as a knock");
    }
    let knocks = [
        ("options", Ipv4 { options: vec![1; 12], ..knock.clone() }.frame()),
        (
            "two tags",
            ethernet(&[ether_type::VLAN_OUTER, ether_type::VLAN], ether_type::IPV4, &knock.packet()),
        ),
    ];
    for (what, frame) in knocks {
        assert_eq!(firewall.run(&frame), Action::Pass, "{what}");
        assert_eq!(firewall.state(CLIENT).map(|state| state.step()), Some(1), "{what}");
        firewall.forget();
    }
}

#[test]
fn every_transition_of_a_source() {
    if !support::may_load("every_transition_of_a_source") {
        return;
    }
    let firewall = Firewall::load();
    let step = |source| firewall.state(source).map(|state| state.step());
    let rows: &[(&str, &[u16], Option<u8>, bool)] = &[
        ("nothing", &[], None, false),
        ("a wrong port first", &[9999], None, false),
        ("the second port first", &[9003], None, false),
        ("the first port", &[7001], Some(1), false),
        ("the first port twice", &[7001, 7001], Some(1), false),
        ("two right", &[7001, 9003], Some(2), false),
        ("a repeated second", &[7001, 9003, 9003], Some(2), false),
        ("a wrong third", &[7001, 9003, 9999], Some(0), false),
        ("the right one after a wrong one", &[7001, 9003, 9999, 8002], Some(0), false),
        ("the first one after two: starts over", &[7001, 9003, 7001], Some(1), false),
        ("all but the last", &[7001, 9003, 8002], Some(3), false),
        ("all", &SEQUENCE, Some(0), true),
        ("all, with repeats", &[7001, 7001, 9003, 9003, 8002, 8002, 7001], Some(0), true),
        ("all, after a false start", &[7001, 9003, 7001, 9003, 8002, 7001], Some(0), true),
        ("a wrong port does not close", &[7001, 9003, 8002, 7001, 9999], Some(0), true),
        ("knocking again keeps it open", &[7001, 9003, 8002, 7001, 7001, 9003], Some(2), true),
    ];
    for (what, ports, wanted, open) in rows {
        firewall.forget();
        firewall.knock(CLIENT, ports);
        assert_eq!(step(CLIENT), *wanted, "{what}");
        assert_eq!(firewall.is_open(CLIENT), *open, "{what}");
    }
}

#[test]
fn a_long_pause_starts_over() {
    if !support::may_load("a_long_pause_starts_over") {
        return;
    }
    let firewall = Firewall::load();
    let mut short = config(&SEQUENCE);
    short.seq.timeout_ms = 1000;
    firewall.configure(&short);
    let age = |ms: u64| IpState { progress: 2 << 56 | (now() - ms * 1_000_000) >> 8, opened_at: 0 };
    firewall.set_state(CLIENT, age(500));
    firewall.knock(CLIENT, &[8002]);
    assert_eq!(firewall.state(CLIENT).unwrap().step(), 3, "in time");
    firewall.set_state(CLIENT, age(1100));
    firewall.knock(CLIENT, &[8002]);
    assert_eq!(
        firewall.state(CLIENT).unwrap().step(),
        2,
        "too late: it doesn't count, and a next knock is a first one"
    );
    firewall.set_state(CLIENT, age(1100));
    firewall.knock(CLIENT, &[7001]);
    assert_eq!(firewall.state(CLIENT).unwrap().step(), 1, "too late, but a first knock");
}

#[test]
fn a_session_ends() {
    if !support::may_load("a_session_ends") {
        return;
    }
    let firewall = Firewall::load();
    firewall.configure(&KnockConfig { session_timeout: 1000, ..config(&SEQUENCE) });
    firewall.set_state(CLIENT, IpState { progress: 0, opened_at: now() - 500_000_000 });
    assert!(firewall.is_open(CLIENT));
    firewall.set_state(CLIENT, IpState { progress: 0, opened_at: now() - 1_100_000_000 });
    assert!(!firewall.is_open(CLIENT));
    assert_eq!(firewall.state(CLIENT).unwrap().opened_at, 0, "and is forgotten");
    firewall.knock(CLIENT, &SEQUENCE);
    assert!(firewall.is_open(CLIENT), "the source may knock again at once");
}

#[test]
fn without_a_configuration_nothing_opens() {
    if !support::may_load("without_a_configuration_nothing_opens") {
        return;
    }
    let firewall = Firewall::load();
    firewall.configure(&config(&[]));
    firewall.knock(CLIENT, &[0, 7001]);
    assert_eq!(firewall.state(CLIENT), None);
    assert!(!firewall.is_open(CLIENT));
}

#[test]
fn the_shortest_and_the_longest_sequence_open() {
    if !support::may_load("the_shortest_and_the_longest_sequence_open") {
        return;
    }
    let firewall = Firewall::load();
    for length in [1, 2, knock::MAX_SEQUENCE_LENGTH] {
        let sequence: Vec<u16> = (0..length as u16).map(|n| 1000 + n * 7).collect();
        firewall.configure(&config(&sequence));
        firewall.forget();
        let (last, rest) = sequence.split_last().unwrap();
        firewall.knock(CLIENT, rest);
        assert!(!firewall.is_open(CLIENT), "{length} knocks, one missing");
        firewall.knock(CLIENT, &[*last]);
        assert!(firewall.is_open(CLIENT), "{length} knocks");
    }
}

#[test]
fn the_least_recently_seen_source_makes_room() {
    if !support::may_load("the_least_recently_seen_source_makes_room") {
        return;
    }
    let firewall = Firewall::load();
    for n in 0..knock::MAX_SOURCES + 2_000 {
        firewall.knock((0x0b00_0000 + n).to_be_bytes(), &[SEQUENCE[0]]);
    }
    firewall.knock(CLIENT, &SEQUENCE);
    assert!(firewall.is_open(CLIENT), "a full map keeps nobody out");
}

/// Two processors may read the clock in one order and come to the map in the other.
#[test]
fn a_time_just_ahead_of_the_clock_is_now() {
    if !support::may_load("a_time_just_ahead_of_the_clock_is_now") {
        return;
    }
    let firewall = Firewall::load();
    let mut events = firewall.events();
    let mut limits = config(&SEQUENCE);
    limits.seq.timeout_ms = 1000;
    let slack = u64::from(CLOCK_SLACK_NS);
    for limit in [1, 1000, knockwright_firewall::door::MAX_TIMEOUT.as_millis() as u64] {
        limits.session_timeout = limit;
        limits.seq.timeout_ms = limit;
        firewall.configure(&limits);
        for ahead in [1, 255, 4_000_000, 10_000_000, slack * 9 / 10] {
            firewall.set_state(CLIENT, IpState { progress: 0, opened_at: now() + ahead });
            assert!(firewall.is_open(CLIENT), "opened in {ahead} ns");
            firewall.set_state(CLIENT, IpState { progress: 2 << 56 | (now() + ahead) >> 8, opened_at: 0 });
            firewall.knock(CLIENT, &[8002]);
            assert_eq!(firewall.state(CLIENT).unwrap().step(), 3, "knocked in {ahead} ns");
        }
    }
    limits.session_timeout = HOUR_MS;
    limits.seq.timeout_ms = HOUR_MS;
    firewall.configure(&limits);
    told(&mut events);
    // No clock has shown these times: what has them was not opened by a knock.
    for ahead in [slack * 20, 3_600_000_000_000, 1 << 54] {
        firewall.set_state(
            CLIENT,
            IpState { progress: 2 << 56 | (now() + ahead) >> 8, opened_at: now() + ahead },
        );
        assert!(!firewall.is_open(CLIENT), "opened in {ahead} ns");
        assert_eq!(firewall.state(CLIENT).unwrap().opened_at, 0);
        assert_eq!(told(&mut events), [Told::Expired]);
        firewall.knock(CLIENT, &[8002]);
        assert_eq!(firewall.state(CLIENT).unwrap().step(), 2, "too late");
    }
}

/// The kernel drops an IPv4 packet whose header says that it's shorter than itself. What such a header would make of other
/// bytes as ports is no segment to the port and no knock.
#[test]
fn a_header_length_below_five_words_shows_no_ports() {
    if !support::may_load("a_header_length_below_five_words_shows_no_ports") {
        return;
    }
    for firewall in [Firewall::load(), Firewall::without_ethernet()] {
        for (words, bytes) in (0u8..=5).map(|words| (words, usize::from(words) * 4)) {
            for (protocol, port, payload) in
                [(protocol::TCP, TARGET, tcp(80)), (protocol::UDP, SEQUENCE[0], udp(53))]
            {
                let packet = Ipv4 { first_byte: Some(0x40 | words), ..Ipv4::new(CLIENT, protocol, payload) };
                let mut frame = packet.frame();
                let at = ETHERNET_LEN + bytes + 2;
                frame[at..at + 2].copy_from_slice(&port.to_be_bytes());
                let is_whole = words == 5;
                let wanted = if is_whole && protocol == protocol::TCP { Action::Drop } else { Action::Pass };
                assert_eq!(firewall.run(&frame), wanted, "{words} words, protocol {protocol}");
                let knocks = firewall.sources.entries().unwrap().len();
                assert_eq!(
                    knocks,
                    usize::from(is_whole && protocol == protocol::UDP),
                    "{words} words, protocol {protocol}"
                );
                firewall.forget();
            }
        }
    }
}

/// The same packets without their Ethernet header, for the program that expects none.
#[test]
fn every_parsing_rule_holds_without_ethernet() {
    if !support::may_load("every_parsing_rule_holds_without_ethernet") {
        return;
    }
    let firewall = Firewall::without_ethernet();
    let ip = |frame: &Vec<u8>| matches!(frame[12..14], [0x08, 0x00] | [0x86, 0xdd]) && frame.len() >= 28;
    let rows: Vec<_> = unknown_source().into_iter().filter(|(_, frame, _)| ip(frame)).collect();
    assert!(rows.len() > 35, "{}", rows.len());
    for (rule, frame, wanted) in &rows {
        // A packet is what its own first bits say: there's no type beside it to be at odds with.
        let wanted = if frame[ETHERNET_LEN] >> 4 == 4 || frame[ETHERNET_LEN] >> 4 == 6 {
            *wanted
        } else {
            Action::Drop
        };
        if *rule != "not version 4: the kernel drops it" {
            assert_eq!(firewall.run(frame), wanted, "{rule}");
        }
        assert_eq!(firewall.state(CLIENT), None, "{rule} leaves a state");
    }
    for version in (0..=15).filter(|version| ![4, 6].contains(version)) {
        let mut frame = syn(CLIENT, 80);
        frame[ETHERNET_LEN] = version << 4 | 5;
        assert_eq!(firewall.run(&frame), Action::Drop, "version {version}");
    }
    firewall.knock(CLIENT, &SEQUENCE);
    assert!(firewall.is_open(CLIENT));
    assert_eq!(firewall.run(&syn([10, 0, 0, 3], TARGET)), Action::Drop);
    let v6 = ethernet(&[], ether_type::IPV6, &ipv6(&[], protocol::TCP, &tcp(TARGET)));
    assert_eq!(firewall.run(&v6), Action::Drop);
    firewall.configure(&KnockConfig { flags: ALLOW_IPV6, ..config(&SEQUENCE) });
    assert_eq!(firewall.run(&v6), Action::Pass);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No frame at all lets a segment through: whatever bytes come, the verdict is one of the two.
    #[test]
    fn any_bytes_get_a_verdict(
        frames in prop::collection::vec((0usize..56, prop::collection::vec((0usize..120, any::<u8>()), 0..6), 0usize..60), 20)
    ) {
        if !support::may_load("any_bytes_get_a_verdict") {
            return Ok(());
        }
        thread_local! { static FIREWALLS: [Firewall; 2] = [Firewall::load(), Firewall::without_ethernet()]; }
        let rows = unknown_source();
        FIREWALLS.with(|firewalls| {
            for (row, changes, cut) in frames {
                let mut frame = rows[row % rows.len()].1.clone();
                for (at, byte) in changes {
                    let at = at % frame.len();
                    frame[at] = byte;
                }
                frame.truncate((frame.len() - cut.min(frame.len())).max(ETHERNET_LEN));
                for firewall in firewalls.iter().filter(|firewall| firewall.link_layer == LinkLayer::Ethernet || frame.len() >= 28) {
                    firewall.run(&frame);
                }
            }
        });
    }
}
