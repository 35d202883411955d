//! What rules look at, out of the packet into registers.

use knockwright_asm::linux::context::sk_buff;
use knockwright_asm::linux::uapi::sockets::IPPROTO_SCTP;
use knockwright_asm::{Asm, Helper, Label, Reg, Reg::*, Size::*, SwapBits};

use super::write::{Exits, Hook};
use crate::net::{ether_type, ethernet, ip_proto, ipv4, network_order, xdp_md};

/// The source: an IPv4 address, or the upper half of an IPv6 address, in the machine's order.
pub(super) const SOURCE: Reg = R6;
/// The destination, likewise.
pub(super) const DESTINATION: Reg = R7;
/// The source's port in the upper 16 of 32 bits, the destination's in the lower. 0 without ports.
pub(super) const PORTS: Reg = R8;
/// The protocol in the lower 8 bits, [`HAS_PORTS`] and [`IS_IPV6`] above it.
pub(super) const KIND: Reg = R9;

/// The packet has ports.
pub(super) const HAS_PORTS: i32 = 1 << 8;
/// It's of IPv6.
pub(super) const IS_IPV6: i32 = 1 << 9;
/// The protocol's bits.
pub(super) const PROTOCOL: i32 = 0xff;

/// Where the lower half of an IPv6 source is on the stack.
pub(super) const SOURCE_LOW: i32 = -32;
/// The same of the destination.
pub(super) const DESTINATION_LOW: i32 = -24;

/// Offsets in an IPv6 header (RFC 8200).
mod ipv6 {
    pub(super) const PROTOCOL: i32 = 6;
    pub(super) const SOURCE: i32 = 8;
    pub(super) const DESTINATION: i32 = 24;
    pub(super) const LEN: i32 = 40;
}

/// The longest headers that are looked at: Ethernet, its tags, IPv4 with all options, ports.
const HEADERS: i32 = ethernet::LEN + ethernet::TAG_LEN * ethernet::MAX_TAGS as i32 + 60 + 4;

/// Reads the packet; goes on at its end with an IP packet.
pub(super) fn read(a: &mut Asm, hook: Hook, exits: &Exits) {
    let (is_ipv6, ports, done) = (a.label("ipv6"), a.label("ports"), a.label("rules"));
    start(a, hook);
    a.store(U64, R10 + SOURCE_LOW, 0);
    a.store(U64, R10 + DESTINATION_LOW, 0);
    a.mov(PORTS, 0);
    within(a, ethernet::LEN, exits.deny);
    a.load(U16, R5, R2 + ethernet::TYPE);
    a.add(R2, ethernet::LEN);
    skip_tags(a, hook, exits);
    a.goto_if(R5.eq(network_order(ether_type::IPV6)), is_ipv6);
    a.goto_if(R5.ne(network_order(ether_type::IPV4)), exits.allow);
    read_ipv4(a, exits, done);
    a.goto(ports);
    a.bind(is_ipv6);
    read_ipv6(a, exits);
    a.bind(ports);
    read_ports(a, done);
    a.bind(done);
}

/// Puts the packet's start into r2 and its end into r3.
fn start(a: &mut Asm, hook: Hook) {
    match hook {
        Hook::Xdp => {
            a.load(U32, R2, R1 + xdp_md::DATA);
            a.load(U32, R3, R1 + xdp_md::DATA_END);
        }
        Hook::Tc => {
            let whole = a.label("whole");
            a.mov(R6, R1);
            a.load(U32, R2, R6 + sk_buff::LEN.offset as i32);
            a.goto_if(R2.le(HEADERS), whole);
            a.mov(R2, HEADERS);
            a.bind(whole);
            // What fails is seen where the packet's end is compared.
            a.mov(R1, R6);
            a.call(Helper::SkbPullData);
            a.load(U32, R2, R6 + sk_buff::DATA.offset as i32);
            a.load(U32, R3, R6 + sk_buff::DATA_END.offset as i32);
        }
    }
}

/// Goes elsewhere if the packet has fewer bytes from r2 on.
fn within(a: &mut Asm, bytes: i32, otherwise: Label) {
    a.mov(R4, R2);
    a.add(R4, bytes);
    a.goto_if(R4.gt(R3), otherwise);
}

/// Skips up to two VLAN tags before r2, of which the type in r5 tells, and denies a third. In `tc` the kernel may have taken the
/// outer tag off the packet: what it keeps beside it counts as one, so that both hooks decide the same.
fn skip_tags(a: &mut Asm, hook: Hook, exits: &Exits) {
    let untagged = a.label("untagged");
    let steps: [Label; ethernet::MAX_TAGS] = std::array::from_fn(|_| a.label("tag"));
    if hook == Hook::Tc {
        a.load(U32, R4, R6 + sk_buff::VLAN_PRESENT.offset as i32);
        a.goto_if(R4.ne(0), steps[1]);
    }
    for step in steps {
        a.bind(step);
        let tagged = a.label("tagged");
        for tag in ether_type::TAGS {
            a.goto_if(R5.eq(network_order(tag)), tagged);
        }
        a.goto(untagged);
        a.bind(tagged);
        within(a, ethernet::TAG_LEN, exits.deny);
        a.load(U16, R5, R2 + ethernet::TAG_TYPE);
        a.add(R2, ethernet::TAG_LEN);
    }
    for tag in ether_type::TAGS {
        a.goto_if(R5.eq(network_order(tag)), exits.deny);
    }
    a.bind(untagged);
}

/// Denies a header of another version.
fn version(a: &mut Asm, version: i32, exits: &Exits) {
    a.load(U8, R5, R2 + 0);
    a.mov(R4, R5);
    a.rsh(R4, 4);
    a.goto_if(R4.ne(version), exits.deny);
}

fn read_ipv4(a: &mut Asm, exits: &Exits, no_ports: Label) {
    /// The bits of a fragment's offset.
    const OFFSET: i32 = 0x1fff;
    within(a, ipv4::LEN, exits.deny);
    version(a, 4, exits);
    a.and(R5, 0xf);
    a.goto_if(R5.lt(ipv4::LEN / 4), exits.deny);
    a.lsh(R5, 2);
    for (register, at) in [(SOURCE, ipv4::SOURCE), (DESTINATION, ipv4::SOURCE + 4)] {
        a.load(U32, register, R2 + at);
        a.be(SwapBits::B32, register);
    }
    a.load(U8, KIND, R2 + ipv4::PROTOCOL);
    a.load(U16, R4, R2 + ipv4::FRAGMENT);
    a.be(SwapBits::B16, R4);
    a.goto_if(R4.set(OFFSET), no_ports);
    a.add(R2, R5);
}

fn read_ipv6(a: &mut Asm, exits: &Exits) {
    within(a, ipv6::LEN, exits.deny);
    version(a, 6, exits);
    for (register, low, at) in
        [(SOURCE, SOURCE_LOW, ipv6::SOURCE), (DESTINATION, DESTINATION_LOW, ipv6::DESTINATION)]
    {
        a.load(U64, register, R2 + at);
        a.be(SwapBits::B64, register);
        a.load(U64, R4, R2 + (at + 8));
        a.be(SwapBits::B64, R4);
        a.store(U64, R10 + low, R4);
    }
    a.load(U8, KIND, R2 + ipv6::PROTOCOL);
    a.or(KIND, IS_IPV6);
    a.add(R2, ipv6::LEN);
}

/// Reads the ports that are at r2, of protocols that have some.
fn read_ports(a: &mut Asm, done: Label) {
    let have = a.label("have_ports");
    a.mov(R4, KIND);
    a.and(R4, PROTOCOL);
    for protocol in [ip_proto::TCP, ip_proto::UDP] {
        a.goto_if(R4.eq(protocol), have);
    }
    a.goto_if(R4.ne(IPPROTO_SCTP), done);
    a.bind(have);
    within(a, 4, done);
    a.load(U32, PORTS, R2 + 0);
    a.be(SwapBits::B32, PORTS);
    a.or(KIND, HAS_PORTS);
}
