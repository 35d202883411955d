//! The network and transport headers.

use knockwright_asm::typed::{
    Header, Init, Kept, Packet, R1, R2, R3, R4, R5, R7, R9, Scalar, Scratch, Typed,
};
use knockwright_asm::{Label, field};

use super::headers::{Extension, IPV6_LEN, Ipv4, Ipv6, Ports, Udp};
use super::{ALLOW_IPV6, Config, Knock, KnockConfig, Port};
use crate::net::{ip_proto, network_order};

pub(super) const FILE: &str = file!();

/// "More fragments" and the offset in the IPv4 header's `frag_off`.
const MORE_FRAGMENTS: u16 = 0x2000;
const FRAGMENT_OFFSET: u16 = 0x1fff;

/// Flags and offset of a fragment, in the network's byte order.
type Fragment = Scalar<Kept, 0xffff>;

/// Reads the IPv4 header with its options and puts the source, the key of `ip_tracking_map`, on the stack. UDP goes to a
/// place of its own, TCP goes on, the rest passes.
pub(super) fn ipv4(p: &Typed, k: &Knock, mut packet: Packet, udp: Label) -> (Packet, Fragment, Init<u32>) {
    let ip = p.header::<Ipv4>(&packet, R1, k.pass); // no whole header: the kernel drops it
    let first = p.load(R1, &ip, field!(Ipv4, version_and_length));
    let version = p.copy(R2, first).rsh::<4, 15>(p);
    p.goto_if(version.ne(4), k.pass);
    let words = first.and::<0xf>(p);
    // Shorter than a header: the kernel drops it.
    p.goto_if(words.lt(5), k.pass);
    let bytes = words.lsh::<2, 60>(p);
    let source = p.load(R2, &ip, field!(Ipv4, source));
    let source = p.spill::<u32>(source);
    let fragment = p.load(R9, &ip, field!(Ipv4, fragment));
    let protocol = p.load(R4, &ip, field!(Ipv4, protocol));
    p.advance_by(&mut packet, bytes); // after the options
    p.goto_if(protocol.eq(ip_proto::UDP), udp);
    p.goto_if(protocol.ne(ip_proto::TCP), k.pass);
    (packet, fragment, source)
}

/// Lets TCP to other ports pass. The ports stand in the first fragment; if they aren't whole there, nobody may see it.
pub(super) fn tcp(p: &Typed, k: &Knock, packet: &Packet, fragment: Fragment, config: Config) -> Port {
    let offset = fragment.and::<{ network_order(FRAGMENT_OFFSET) as u64 }>(p);
    p.goto_if(offset.eq(network_order(1)), k.drop); // could overwrite the flags (RFC 3128)
    p.goto_if(offset.ne(0), k.pass); // useless without the first fragment
    target_port(p, k, packet, config)
}

/// Goes on only for segments to the guarded port.
fn target_port(p: &Typed, k: &Knock, packet: &Packet, config: Config) -> Port {
    // No ports: a header in pieces (RFC 1858).
    let ports = p.header::<Ports>(packet, R1, k.drop);
    let port = p.load(R7, &ports, field!(Ports, destination));
    let port = p.be16(port);
    let target = p.load(R1, &config, field!(KnockConfig, target_port));
    p.goto_if(port.ne(target), k.pass);
    port
}

/// Reads the UDP header of a whole datagram. A knock never comes in pieces.
pub(super) fn udp(p: &Typed, k: &Knock, packet: &Packet, fragment: Fragment) -> Port {
    p.goto_if(fragment.has(network_order(MORE_FRAGMENTS | FRAGMENT_OFFSET)), k.pass);
    let udp = p.header::<Udp>(packet, R1, k.pass);
    let port = p.load(R7, &udp, field!(Udp, ports.destination));
    p.be16(port)
}

/// The largest number of extension headers that are followed.
const MAX_EXTENSIONS: u32 = 8;

/// Drops IPv6 to the guarded port, after up to eight extension headers. A longer chain, or one that the frame's end cuts
/// off, is dropped: the first fragment must hold the whole chain (RFC 7112).
pub(super) fn ipv6(p: &Typed, k: &Knock, mut packet: Packet, config: Config) {
    let flags = p.load(R1, &config, field!(KnockConfig, flags));
    p.goto_if(flags.has(i32::from(ALLOW_IPV6)), k.pass);
    let ip = p.header::<Ipv6>(&packet, R1, k.pass); // no whole header: the kernel drops it
    let next = p.load(R1, &ip, field!(Ipv6, next_header));
    p.advance(&mut packet, IPV6_LEN);
    let mut transport = p.join("transport");

    p.repeat::<{ MAX_EXTENSIONS + 1 }, _>(R5, (next, packet), k.drop, |p, (next, mut packet)| {
        let options = p.label("options");
        let fragment = p.label("fragment");
        let authentication = p.label("authentication");
        let mut units_of_8 = p.join::<(Byte<'_>, Byte<'_>)>("units_of_8");
        let mut skip = p.join::<(Byte<'_>, Scalar<Scratch<'_>, 2048>)>("skip");
        p.goto_if_with(next.eq(ip_proto::TCP), &mut transport, &packet);
        p.goto_if(next.eq(ip_proto::FRAGMENT), fragment);
        p.goto_if(next.eq(ip_proto::AUTHENTICATION), authentication);
        p.goto_if(next.eq(ip_proto::HOP_BY_HOP), options);
        p.goto_if(next.eq(ip_proto::ROUTING), options);
        p.goto_if(next.ne(ip_proto::DESTINATION), k.pass);

        // The widest range comes first and covers the others, so that the verifier walks on only once.
        p.bind(options);
        let (_, next, length) = extension(p, k, &packet);
        p.goto_with(&mut units_of_8, (next, length));

        p.bind(authentication);
        let (_, next, length) = extension(p, k, &packet);
        // In units of 4 bytes, the first two not counted.
        let length = length.plus::<2, 257>(p).lsh::<2, 1028>(p);
        // IPv6 wants multiples of 8 (RFC 4302, section 2.2).
        p.goto_if(length.has(7), k.drop);
        p.goto_with(&mut skip, (next, length.weaken::<2048>()));

        p.bind(fragment);
        let (header, next, length) = extension(p, k, &packet);
        // Apart from the length, whose range stays wide.
        let reserved = p.load(R3, &header, field!(Extension, length));
        p.goto_if(reserved.ne(0), k.drop);
        let offset = p.load(R3, &header, field!(Extension, fragment));
        p.goto_if(offset.has(network_order(0xfff8)), k.pass); // useless without the first fragment
        let (next, length) = p.meet(units_of_8, (next, length));

        let length = length.plus::<1, 256>(p).lsh::<3, 2048>(p); // the first 8 bytes are not counted
        let (next, length) = p.meet(skip, (next, length));
        let length = length.and::<0xff8>(p); // one range for all kinds
        p.advance_by(&mut packet, length);
        (next, packet)
    });

    let packet = p.bind_with(transport);
    let _guarded = target_port(p, k, &packet, config);
    p.goto(k.drop);
}

/// A byte of the packet in a scratch register.
type Byte<'p> = Scalar<Scratch<'p>, 0xff>;

/// Reads what every extension header starts with: the next one's kind, and its own length in some unit.
fn extension<'p, 'k>(
    p: &'p Typed,
    k: &Knock,
    packet: &'k Packet,
) -> (Header<'k, Extension>, Byte<'p>, Byte<'p>) {
    let header = p.header::<Extension>(packet, R3, k.drop);
    let next = p.load(R1, &header, field!(Extension, next_header));
    let length = p.load(R2, &header, field!(Extension, length));
    (header, next, length)
}
