//! The firewall between real network stacks: who knocks gets in, who doesn't never does.

mod support;

use std::net::IpAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use knockwright_loader::interface::{Interface, XdpMode};
use knockwright_loader::netns::NetnsPair;
use knockwright_loader::xdp::ModeChoice;
use knockwright_programs::knock::EventKind::{Expired, Knock, Opened, Reset};
use support::frame::{
    ETHERNET_LEN, Fragment, Ipv4, MORE_FRAGMENTS, TARGET, ether_type, fragment, ipv6_between, options,
    protocol, tagged, whole_syn,
};
use support::packet_socket::{PacketSocket, syn_ack};
use support::scene::Port::{Filtered, Open};
use support::scene::{SEQUENCE, SESSION, Scene};
use support::{has, may_load, skip};

const MODES: [ModeChoice; 2] = [ModeChoice::Only(XdpMode::Native), ModeChoice::Only(XdpMode::Generic)];

#[test]
fn knocking_opens_the_port_for_a_session() {
    if !may_load("knocking_opens_the_port_for_a_session") {
        return;
    }
    let scene = Scene::new();
    assert_eq!(scene.connect(), Open, "without the firewall");
    for mode in MODES {
        let mut guard = scene.guard(mode);
        assert_eq!(scene.connect(), Filtered);
        assert_eq!(guard.events(), [], "a client that never knocked is no event");

        scene.knock(&SEQUENCE);
        assert_eq!(scene.connect(), Open);
        let [first, second, third] = SEQUENCE;
        assert_eq!(guard.events(), [(Knock, first), (Knock, second), (Opened, third)]);

        std::thread::sleep(SESSION);
        assert_eq!(scene.connect(), Filtered, "the session is over");
        assert_eq!(guard.events(), [(Expired, TARGET)]);

        scene.knock(&SEQUENCE);
        assert_eq!(scene.connect(), Open, "knocking again opens it again");
        drop(guard);
        assert_eq!(scene.connect(), Open, "without the firewall again");
    }
}

#[test]
fn wrong_knocks_open_nothing() {
    if !may_load("wrong_knocks_open_nothing") {
        return;
    }
    let scene = Scene::new();
    let mut guard = scene.guard(ModeChoice::Auto);
    let [first, second, third] = SEQUENCE;
    for ports in [&[third, second, first][..], &[first, second], &[first, second, 1, third], &[second, third]]
    {
        scene.knock(ports);
        assert_eq!(scene.connect(), Filtered, "{ports:?}");
        scene.knock(&[1]); // back to the start
    }
    assert!(guard.events().contains(&(Reset, 1)));
    // A sweep over all ports resets itself at every step.
    let sweep: Vec<u16> = (6990..9010).collect();
    let socket = scene.pair.client.run(|| std::net::UdpSocket::bind("0.0.0.0:0").unwrap()).unwrap();
    for _ in 0..SEQUENCE.len() {
        for port in &sweep {
            let _ = socket.send_to(b"", (NetnsPair::SERVER_V4, *port));
        }
    }
    assert_eq!(scene.connect(), Filtered);
}

#[test]
fn the_client_of_knockd_opens_the_port() {
    const TEST: &str = "the_client_of_knockd_opens_the_port";
    if !may_load(TEST) || !has(TEST, "knock", "knockd") {
        return;
    }
    let scene = Scene::new();
    let _guard = scene.guard(ModeChoice::Auto);
    assert_eq!(scene.connect(), Filtered);
    let mut knock = Command::new("knock");
    knock
        .args(["-u", "-d", "20", &NetnsPair::SERVER_V4.to_string()])
        .args(SEQUENCE.map(|port| port.to_string()));
    let output = scene.pair.client.run(|| knock.output()).unwrap().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(scene.connect(), Open);
}

/// A way to send a SYN past a careless filter.
struct Bypass {
    name: &'static str,
    /// Makes the frames of a SYN from a port.
    frames: Box<dyn Fn(u16) -> Vec<Vec<u8>>>,
    /// What the server does where nothing is in front of it.
    unguarded: Server,
}

/// What a server does with a SYN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    Answers,
    KeepsSilent,
}

fn v4(address: IpAddr) -> [u8; 4] {
    let IpAddr::V4(address) = address else { panic!("{address}") };
    address.octets()
}

fn v6(address: IpAddr) -> [u8; 16] {
    let IpAddr::V6(address) = address else { panic!("{address}") };
    address.octets()
}

/// An IPv4 packet with a SYN from a port; the port is its number too, which fragments share.
fn syn_v4(from: u16) -> Ipv4 {
    let (source, destination) = (v4(NetnsPair::CLIENT_V4), v4(NetnsPair::SERVER_V4));
    let segment = whole_syn(&source, &destination, from, TARGET, b"");
    Ipv4 { destination, id: from, ..Ipv4::new(source, protocol::TCP, segment) }
}

/// The fragments of a packet: where each begins, where it ends, and what it says of those after it.
fn fragments_v4(from: u16, parts: &[(usize, usize, Fragment)]) -> Vec<Vec<u8>> {
    let whole = syn_v4(from);
    let part = |&(start, end, which): &(usize, usize, Fragment)| {
        let flag = if which == Fragment::More { MORE_FRAGMENTS } else { 0 };
        let fragment = (start / 8) as u16 | flag;
        Ipv4 { fragment, payload: whole.payload[start..end].to_vec(), ..whole.clone() }.frame()
    };
    parts.iter().map(part).collect()
}

/// An IPv6 packet with extension headers and a SYN, or a part of one.
fn frame_v6(from: u16, extensions: &[(u8, Vec<u8>)], part: std::ops::Range<usize>) -> Vec<u8> {
    let (source, destination) = (v6(NetnsPair::CLIENT_V6), v6(NetnsPair::SERVER_V6));
    let segment = whole_syn(&source, &destination, from, TARGET, &[0; 12]);
    let packet = ipv6_between(source, destination, extensions, protocol::TCP, &segment[part]);
    tagged(0, &[], ether_type::IPV6, &packet)
}

const WHOLE: std::ops::Range<usize> = 0..32;

/// A fragment header of the packet from a port, at a byte of its payload.
fn fragment_v6(from: u16, at: usize, which: Fragment) -> (u8, Vec<u8>) {
    let mut header = fragment(0, (at / 8) as u16, which);
    let id = header.len() - 2..;
    header[id].copy_from_slice(&from.to_be_bytes());
    (protocol::FRAGMENT, header)
}

fn attempt(name: &'static str, unguarded: Server, frames: impl Fn(u16) -> Vec<Vec<u8>> + 'static) -> Bypass {
    Bypass { name, frames: Box::new(frames), unguarded }
}

fn with_options(options: Vec<u8>) -> impl Fn(u16) -> Vec<Vec<u8>> {
    move |from| vec![Ipv4 { options: options.clone(), ..syn_v4(from) }.frame()]
}

fn with_tags(tags: &'static [u16]) -> impl Fn(u16) -> Vec<Vec<u8>> {
    move |from| vec![tagged(0, tags, ether_type::IPV4, &syn_v4(from).packet())]
}

fn with_headers(extensions: Vec<(u8, Vec<u8>)>) -> impl Fn(u16) -> Vec<Vec<u8>> {
    move |from| vec![frame_v6(from, &extensions, WHOLE)]
}

/// Everything that went past the filters of others, and then some.
fn attempts_v4() -> Vec<Bypass> {
    use Fragment::{Last, More};
    use Server::{Answers, KeepsSilent};
    let record_route = [vec![7, 11, 4], vec![0; 8], vec![0]].concat();
    vec![
        attempt("as it is", Answers, |from| vec![syn_v4(from).frame()]),
        attempt("one IP option", Answers, with_options(vec![1; 4])),
        attempt("40 bytes of IP options", Answers, with_options(vec![1; 40])),
        attempt("record route", Answers, with_options(record_route)),
        attempt("fragments of 8 bytes", Answers, |from| {
            fragments_v4(from, &[(0, 8, More), (8, 16, More), (16, 20, Last)])
        }),
        attempt("fragments of 16 bytes", Answers, |from| {
            fragments_v4(from, &[(0, 16, More), (16, 20, Last)])
        }),
        attempt("the last fragment first", Answers, |from| {
            fragments_v4(from, &[(16, 20, Last), (0, 16, More)])
        }),
        attempt("an only fragment", Answers, |from| fragments_v4(from, &[(0, 20, Last)])),
        attempt("a fragment twice", Answers, |from| {
            fragments_v4(from, &[(0, 16, More), (0, 16, More), (16, 20, Last)])
        }),
        attempt("a fragment inside another", Answers, |from| {
            fragments_v4(from, &[(0, 16, More), (8, 16, More), (16, 20, Last)])
        }),
        attempt("fragments that overlap", KeepsSilent, |from| {
            fragments_v4(from, &[(0, 16, More), (8, 20, Last)])
        }),
        attempt("the overlapping one first", KeepsSilent, |from| {
            fragments_v4(from, &[(8, 20, Last), (0, 16, More)])
        }),
        attempt("fragments and an option", Answers, |from| {
            let whole = Ipv4 { options: vec![1; 4], ..syn_v4(from) };
            let first =
                Ipv4 { fragment: MORE_FRAGMENTS, payload: whole.payload[..8].to_vec(), ..whole.clone() };
            let rest = Ipv4 { fragment: 1, payload: whole.payload[8..].to_vec(), ..whole };
            vec![first.frame(), rest.frame()]
        }),
        attempt("a tag", Answers, with_tags(&[ether_type::VLAN])),
        attempt("an outer tag", Answers, with_tags(&[ether_type::VLAN_OUTER])),
        attempt("two tags", Answers, with_tags(&[ether_type::VLAN_OUTER, ether_type::VLAN])),
        attempt("two inner tags", Answers, with_tags(&[ether_type::VLAN, ether_type::VLAN])),
        attempt(
            "three tags",
            Answers,
            with_tags(&[ether_type::VLAN_OUTER, ether_type::VLAN, ether_type::VLAN]),
        ),
        attempt("an old tag", KeepsSilent, with_tags(&[ether_type::VLAN_OLD])),
        attempt("a tag and fragments", Answers, |from| {
            let frames = fragments_v4(from, &[(0, 8, More), (8, 20, Last)]);
            frames
                .iter()
                .map(|frame| tagged(0, &[ether_type::VLAN], ether_type::IPV4, &frame[ETHERNET_LEN..]))
                .collect()
        }),
    ]
}

/// The same over IPv6.
fn attempts_v6() -> Vec<Bypass> {
    use Fragment::{Last, More};
    use Server::{Answers, KeepsSilent};
    vec![
        attempt("IPv6", Answers, with_headers(vec![])),
        attempt("IPv6, a tag", Answers, |from| {
            vec![tagged(
                0,
                &[ether_type::VLAN],
                ether_type::IPV6,
                &frame_v6(from, &[], WHOLE)[ETHERNET_LEN..],
            )]
        }),
        attempt("IPv6, hop-by-hop options", Answers, with_headers(vec![(protocol::HOP_BY_HOP, options(0))])),
        attempt(
            "IPv6, long destination options",
            Answers,
            with_headers(vec![(protocol::DESTINATION, options(30))]),
        ),
        attempt(
            "IPv6, both kinds of options",
            Answers,
            with_headers(vec![
                (protocol::HOP_BY_HOP, options(0)),
                (protocol::DESTINATION, options(1)),
                (protocol::DESTINATION, options(0)),
            ]),
        ),
        attempt("IPv6, an only fragment", Answers, |from| {
            vec![frame_v6(from, &[fragment_v6(from, 0, Last)], WHOLE)]
        }),
        attempt("IPv6, fragments", Answers, |from| {
            vec![
                frame_v6(from, &[fragment_v6(from, 0, More)], 0..24),
                frame_v6(from, &[fragment_v6(from, 24, Last)], 24..32),
            ]
        }),
        attempt("IPv6, options and fragments", Answers, |from| {
            let part = |part: std::ops::Range<usize>, which| {
                frame_v6(
                    from,
                    &[(protocol::HOP_BY_HOP, options(0)), fragment_v6(from, part.start, which)],
                    part,
                )
            };
            vec![part(24..32, Last), part(0..24, More)]
        }),
        attempt("IPv6, fragments of 8 bytes", KeepsSilent, |from| {
            let part = |at: usize, which| frame_v6(from, &[fragment_v6(from, at, which)], at..at + 8);
            vec![part(0, More), part(8, More), part(16, More), part(24, Last)]
        }),
    ]
}

/// The ports that attempts come from, in their order.
const FIRST_PORT: u16 = 41_000;

/// A socket for frames on the client's side.
fn client_socket(scene: &Scene) -> PacketSocket {
    let open = || PacketSocket::open(Interface::named(NetnsPair::CLIENT_INTERFACE).unwrap().index);
    scene.pair.client.run(open).unwrap().unwrap()
}

/// The names of the attempts that the server answers with a SYN-ACK.
fn answered(scene: &Scene, attempts: &[Bypass], patience: Duration) -> Vec<&'static str> {
    let socket = client_socket(scene);
    for (attempt, from) in attempts.iter().zip(FIRST_PORT..) {
        for frame in (attempt.frames)(from) {
            socket.send(&frame).unwrap();
        }
    }
    let mut ports = Vec::new();
    let end = Instant::now() + patience;
    while let Some(frame) = socket.receive(end).unwrap() {
        ports.extend(syn_ack(&frame, TARGET));
        if Instant::now() > end {
            break;
        }
    }
    attempts
        .iter()
        .zip(FIRST_PORT..)
        .filter(|(_, from)| ports.contains(from))
        .map(|(attempt, _)| attempt.name)
        .collect()
}

#[test]
fn nobody_gets_an_answer_without_a_knock() {
    if !may_load("nobody_gets_an_answer_without_a_knock") {
        return;
    }
    let scene = Scene::new();
    let mut attempts = attempts_v4();
    if scene.pair.has_ipv6() {
        attempts.extend(attempts_v6());
    } else {
        skip("nobody_gets_an_answer_without_a_knock", "its part with IPv6: the kernel has none");
    }
    assert!(attempts.len() > 15, "{}", attempts.len());
    for mode in MODES {
        let mut guard = scene.guard(mode);
        let none: [&str; 0] = [];
        assert_eq!(answered(&scene, &attempts, Duration::from_millis(700)), none, "{mode:?}");
        assert_eq!(guard.events(), [], "and nothing of it is a knock");
    }
    // The same frames without the firewall: they are as good as they should be. In a network of its own, where no fragments
    // wait for their first one.
    let scene = Scene::new();
    let expected: Vec<&str> = attempts
        .iter()
        .filter(|attempt| attempt.unguarded == Server::Answers)
        .map(|attempt| attempt.name)
        .collect();
    assert_eq!(answered(&scene, &attempts, Duration::from_millis(700)), expected);
}

#[test]
fn who_knocked_may_use_options_tags_and_fragments() {
    if !may_load("who_knocked_may_use_options_tags_and_fragments") {
        return;
    }
    let scene = Scene::new();
    let _guard = scene.guard(ModeChoice::Auto);
    scene.knock(&SEQUENCE);
    let attempts: Vec<Bypass> = attempts_v4()
        .into_iter()
        .filter(|attempt| {
            ["as it is", "one IP option", "two tags", "an only fragment"].contains(&attempt.name)
        })
        .collect();
    assert_eq!(answered(&scene, &attempts, Duration::from_millis(400)).len(), 4);
}
