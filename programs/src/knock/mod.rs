//! The port-knocking firewall: an XDP program that drops TCP to one port until its source has knocked.
//!
//! A source that sends UDP packets to the ports of a sequence, in order and without long pauses, finds the target port open
//! for the time of a session. Any other UDP packet of that source in between sets it back. The knocks themselves pass.
//!
//! One function writes one header or one step, in the order in which a packet meets them:
//!
//! | function | reads | goes on to |
//! |---|---|---|
//! | `ethernet` | type of frame, up to two VLAN tags | `configuration` for IP, else pass |
//! | `bare_ip` | the version of IP, where packets come without a link layer | `configuration`, else drop |
//! | `configuration` | `config_map` | `ipv4`, `ipv6` |
//! | `ipv4` | options, fragments, protocol | `knock`, `gate`, else pass |
//! | `ipv6` | up to eight extension headers | drop at the target port, else pass |
//! | `knock` | `ip_tracking_map` | `tell` or pass |
//! | `gate` | `ip_tracking_map` | pass, drop, or `tell` and drop |
//! | `tell` | writes to the ring buffer, or to `lost_events` | the verdict |
//!
//! What can't be judged and could reach the port is dropped: a TCP header cut off by the frame's end or by fragmentation, a
//! chain of IPv6 headers that is too long, a third VLAN tag. What the kernel would refuse anyway passes.
//!
//! There are two programs, which differ in their first step only: [`program`] for interfaces whose packets start with an
//! Ethernet header, and [`program_without_ethernet`] for those whose packets start with the IP header.
//!
//! It's written on the [typed layer](knockwright_asm::typed), without an escape: each guard is a line, and a program that
//! lacks one doesn't compile. `r6` is the configuration, then the verdict; `r7` and `r8` are the packet's cursor and end, then
//! the port and the time; `r9` is what a step has to keep over a call.

mod headers;
mod ip;
mod layout;
mod sequence;

use knockwright_asm::typed::{
    Kept, Map, Packet, R1, R2, R6, R7, R8, R9, RingBuffer, Scalar, Typed, Value, Word,
};
use knockwright_asm::{Label, Program, SourceFile, field};

use crate::net::{XdpAction, ether_type, network_order};
use headers::{ETHERNET_LEN, Ethernet, VLAN_TAG_LEN, Version, VlanTag};
pub use layout::*;

/// The configuration, from its lookup on.
type Config = Value<Kept, KnockConfig>;
/// A port in host order.
type Port = Word<Kept>;
/// The type of a frame in the network's byte order.
type EtherType = Scalar<Kept, 0xffff>;

/// As many tags as providers stack: an outer one and an inner one.
const MAX_TAGS: usize = crate::net::ethernet::MAX_TAGS;

/// The program's maps and its two ways out.
#[derive(Clone, Copy)]
struct Knock {
    config_map: Map<u32, KnockConfig>,
    ip_tracking_map: Map<u32, IpState>,
    events: RingBuffer,
    lost_events: Map<u32, LostEvents>,
    pass: Label,
    drop: Label,
}

/// What the packets of an interface start with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    Ethernet,
    BareIp,
}

/// The firewall, for interfaces whose packets start with an Ethernet header.
///
/// # Panics
/// Never for a program that its tests have seen: mistakes in it would show there.
pub fn program() -> Program {
    program_from("knock", Start::Ethernet)
}

/// The firewall, for interfaces whose packets start with the IP header, such as `tun` devices.
///
/// # Panics
/// As [`program`].
pub fn program_without_ethernet() -> Program {
    program_from("knock_l3", Start::BareIp)
}

fn program_from(name: &str, start: Start) -> Program {
    let (mut p, context) = Typed::xdp(name);
    p.license("Dual MIT/GPL");
    for (path, text) in [
        (file!(), include_str!("mod.rs")),
        (ip::FILE, include_str!("ip.rs")),
        (sequence::FILE, include_str!("sequence.rs")),
    ] {
        p.source_file(SourceFile { path, text });
    }
    let k = Knock {
        config_map: p.map_of(config_map()),
        ip_tracking_map: p.map_of(ip_tracking_map()),
        events: p.ring_buffer(events()),
        lost_events: p.map_of(lost_events()),
        pass: p.label("pass"),
        drop: p.label("drop"),
    };
    let packet = p.packet(&context, R7, R8);
    let (packet, ether_type) = match start {
        Start::Ethernet => ethernet(&p, &k, packet),
        Start::BareIp => bare_ip(&p, &k, packet),
    };
    let config = configuration(&mut p, &k, ether_type);
    let mut v6 = p.join("ipv6");
    p.goto_if_with(ether_type.eq(network_order(ether_type::IPV6)), &mut v6, &packet);

    let udp = p.label("udp");
    let mut told = p.join("told");
    let (packet, fragment, source) = ip::ipv4(&p, &k, packet, udp);
    let port = ip::tcp(&p, &k, &packet, fragment, config);
    sequence::gate(&mut p, &k, config, source, port, &mut told);

    p.bind(udp);
    let port = ip::udp(&p, &k, &packet, fragment);
    sequence::knock(&mut p, &k, config, source, port, &mut told);
    sequence::tell(&mut p, &k, source, told);

    let packet = p.bind_with(v6);
    ip::ipv6(&p, &k, packet, config);

    p.bind(k.pass);
    p.exit(XdpAction::Pass);
    p.bind(k.drop);
    p.exit(XdpAction::Drop);
    p.finish().unwrap_or_else(|errors| panic!("the knock program does not assemble:\n{errors}"))
}

/// Reads the frame's type after up to two VLAN tags.
fn ethernet(p: &Typed, k: &Knock, mut packet: Packet) -> (Packet, EtherType) {
    let mut network_layer = p.join("network_layer");
    let ethernet = p.header::<Ethernet>(&packet, R2, k.pass);
    let mut ether_type = p.load(R9, &ethernet, field!(Ethernet, ether_type));
    p.advance(&mut packet, ETHERNET_LEN);
    for _ in 0..MAX_TAGS {
        let tag = p.label("tag");
        p.goto_if(ether_type.eq(network_order(ether_type::VLAN)), tag);
        p.goto_if(ether_type.eq(network_order(ether_type::VLAN_OUTER)), tag);
        let untagged = ether_type.ne(network_order(ether_type::VLAN_OLD));
        p.goto_if_with(untagged, &mut network_layer, (&packet, ether_type));
        p.bind(tag);
        let tag = p.header::<VlanTag>(&packet, R2, k.pass);
        ether_type = p.load(R9, &tag, field!(VlanTag, ether_type));
        p.advance(&mut packet, VLAN_TAG_LEN);
    }
    p.goto_if(ether_type.eq(network_order(ether_type::VLAN)), k.drop); // a third tag hides what follows
    p.goto_if(ether_type.eq(network_order(ether_type::VLAN_OUTER)), k.drop);
    p.goto_if(ether_type.eq(network_order(ether_type::VLAN_OLD)), k.drop);
    p.meet(network_layer, (&packet, ether_type))
}

/// Reads the version of IP, where nothing stands before it. The kernel takes a packet of such an interface for what its
/// version says; what has another version is dropped.
fn bare_ip(p: &Typed, k: &Knock, packet: Packet) -> (Packet, EtherType) {
    let mut network_layer = p.join("network_layer");
    let start = p.header::<Version>(&packet, R2, k.drop);
    let version = p.load(R1, &start, field!(Version, version)).rsh::<4, 15>(p);
    let v4 = p.constant::<{ network_order(ether_type::IPV4) as u64 }, _>(R9).weaken::<0xffff>();
    p.goto_if_with(version.eq(4), &mut network_layer, v4);
    p.goto_if(version.ne(6), k.drop);
    let v6 = p.constant::<{ network_order(ether_type::IPV6) as u64 }, _>(R9).weaken::<0xffff>();
    (packet, p.meet(network_layer, v6))
}

/// Looks the configuration up for IP packets; others pass.
fn configuration(p: &mut Typed, k: &Knock, ether_type: EtherType) -> Config {
    let ip = p.label("ip");
    p.goto_if(ether_type.eq(network_order(ether_type::IPV4)), ip);
    p.goto_if(ether_type.ne(network_order(ether_type::IPV6)), k.pass);
    p.bind(ip);
    let key = p.spill::<u32>(0);
    let config = p.lookup(k.config_map, &key);
    let config = p.not_null(config, k.pass);
    p.keep(R6, config)
}
