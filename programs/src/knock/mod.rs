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
//! | `configuration` | `config_map` | `ipv4`, `ipv6` |
//! | `ipv4` | options, fragments, protocol | `knock`, `gate`, else pass |
//! | `ipv6` | up to eight extension headers | drop at the target port, else pass |
//! | `knock` | `ip_tracking_map` | `event` or pass |
//! | `gate` | `ip_tracking_map` | pass, drop, or `event` and drop |
//! | `event` | writes to the ring buffer | the verdict |
//!
//! What can't be judged and could reach the port is dropped: a TCP header cut off by the frame's end or by fragmentation, a
//! chain of IPv6 headers that is too long, a third VLAN tag. What the kernel would refuse anyway passes.

mod ip;
mod layout;
mod sequence;

use knockwright_asm::Size::{U16, U32};
use knockwright_asm::{Asm, Helper, Label, MapRef, ProgType, Program, Reg, Reg::*, SourceFile};

use crate::net::{XdpAction, ether_type, network_order, xdp_md};
pub use layout::*;

/// The configuration, from its lookup on.
const CONFIG: Reg = R6;
/// The place in the packet, while headers are read; then the destination port.
const CURSOR: Reg = R7;
/// The destination port in host order, once the headers are read.
const PORT: Reg = R7;
/// The end of the packet, while headers are read.
const DATA_END: Reg = R8;
/// The time, once the headers are read.
const NOW: Reg = R8;
/// Where the source address lies in the stack frame: the key of `ip_tracking_map`, in network order.
const SOURCE: i32 = -4;
/// Where the key of `config_map` lies in the stack frame.
const CONFIG_KEY: i32 = -8;

/// The program's maps and the places that several steps go to.
#[derive(Clone, Copy)]
struct Knock {
    config_map: MapRef,
    ip_tracking_map: MapRef,
    events: MapRef,
    pass: Label,
    drop: Label,
}

/// The firewall.
///
/// # Panics
/// Never for a program that its tests have seen: mistakes in it would show there.
pub fn program() -> Program {
    let mut a = Asm::new("knock", ProgType::Xdp);
    a.license("Dual MIT/GPL");
    for (path, text) in [
        (file!(), include_str!("mod.rs")),
        (ip::FILE, include_str!("ip.rs")),
        (sequence::FILE, include_str!("sequence.rs")),
    ] {
        a.source_file(SourceFile { path, text });
    }
    let k = Knock {
        config_map: a.map(config_map()),
        ip_tracking_map: a.map(ip_tracking_map()),
        events: a.map(events()),
        pass: a.label("pass"),
        drop: a.label("drop"),
    };
    let ipv6 = a.label("ipv6");
    let udp = a.label("udp");
    let event = a.label("event");

    ethernet(&mut a, &k);
    configuration(&mut a, &k, ipv6);
    ip::ipv4(&mut a, &k, udp);
    sequence::gate(&mut a, &k, event);
    ip::udp(&mut a, &k, udp);
    sequence::knock(&mut a, &k, event);
    sequence::event(&mut a, &k, event);
    ip::ipv6(&mut a, &k, ipv6);
    verdicts(&mut a, &k);

    a.finish().unwrap_or_else(|errors| panic!("the knock program does not assemble:\n{errors}"))
}

/// Reads the frame's type behind up to two VLAN tags; all but IP passes. Leaves the type in `r9`.
fn ethernet(a: &mut Asm, k: &Knock) {
    const TYPE: Reg = R9;
    let network_layer = a.label("network_layer");

    a.load(U32, DATA_END, R1 + xdp_md::DATA_END);
    a.load(U32, CURSOR, R1 + xdp_md::DATA);
    a.mov(R2, CURSOR);
    a.add(R2, 14);
    a.goto_if(R2.gt(DATA_END), k.pass); // no whole Ethernet header
    a.load(U16, TYPE, CURSOR + 12);
    a.add(CURSOR, 14);
    for _ in 0..2 {
        let tag = a.label("tag");
        a.goto_if(TYPE.eq(network_order(ether_type::VLAN)), tag);
        a.goto_if(TYPE.eq(network_order(ether_type::VLAN_OUTER)), tag);
        a.goto_if(TYPE.ne(network_order(ether_type::VLAN_OLD)), network_layer);
        a.bind(tag);
        a.mov(R2, CURSOR);
        a.add(R2, 4);
        a.goto_if(R2.gt(DATA_END), k.pass); // no whole tag
        a.load(U16, TYPE, CURSOR + 2);
        a.add(CURSOR, 4);
    }
    a.goto_if(TYPE.eq(network_order(ether_type::VLAN)), k.drop); // a third tag hides what follows
    a.goto_if(TYPE.eq(network_order(ether_type::VLAN_OUTER)), k.drop);
    a.goto_if(TYPE.eq(network_order(ether_type::VLAN_OLD)), k.drop);

    a.bind(network_layer);
}

/// Looks the configuration up for IP packets, and goes on with their version.
fn configuration(a: &mut Asm, k: &Knock, ipv6: Label) {
    const TYPE: Reg = R9;
    let ip = a.label("ip");

    a.goto_if(TYPE.eq(network_order(ether_type::IPV4)), ip);
    a.goto_if(TYPE.ne(network_order(ether_type::IPV6)), k.pass);
    a.bind(ip);
    a.store(U32, R10 + CONFIG_KEY, 0);
    a.mov(R2, R10);
    a.add(R2, CONFIG_KEY);
    a.load_map(R1, k.config_map);
    a.call(Helper::MapLookupElem);
    a.goto_if(R0.eq(0), k.pass); // the NULL check
    a.mov(CONFIG, R0);
    a.goto_if(TYPE.eq(network_order(ether_type::IPV6)), ipv6);
}

/// The two ways out.
fn verdicts(a: &mut Asm, k: &Knock) {
    a.bind(k.pass);
    a.mov(R0, XdpAction::Pass as i32);
    a.exit();
    a.bind(k.drop);
    a.mov(R0, XdpAction::Drop as i32);
    a.exit();
}
