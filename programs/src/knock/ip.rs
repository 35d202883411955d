//! The network and transport headers.

use std::mem::offset_of;

use knockwright_asm::Size::{U8, U16, U32};
use knockwright_asm::{Asm, Label, Reg, Reg::*, SwapBits};

use super::{ALLOW_IPV6, CONFIG, CURSOR, DATA_END, Knock, KnockConfig, PORT, SOURCE};
use crate::net::{ip_proto, network_order};

pub(super) const FILE: &str = file!();

/// "More fragments" and the offset in the IPv4 header's `frag_off`.
const MORE_FRAGMENTS: u16 = 0x2000;
const FRAGMENT_OFFSET: u16 = 0x1fff;

/// Reads the IPv4 header with its options, stores the source, and goes on with TCP; UDP goes to a place of its own.
pub(super) fn ipv4(a: &mut Asm, k: &Knock, udp: Label) {
    a.mov(R1, CURSOR);
    a.add(R1, 20);
    a.goto_if(R1.gt(DATA_END), k.pass); // no whole header: the kernel drops it
    a.load(U8, R1, CURSOR + 0);
    a.mov(R2, R1);
    a.rsh(R2, 4);
    a.goto_if(R2.ne(4), k.pass);
    a.and(R1, 0xf);
    a.goto_if(R1.lt(5), k.pass); // shorter than a header: the kernel drops it
    a.lsh(R1, 2);
    a.load(U32, R2, CURSOR + 12);
    a.store(U32, R10 + SOURCE, R2);
    a.load(U16, R3, CURSOR + 6); // flags and fragment offset
    a.load(U8, R4, CURSOR + 9);
    a.add(CURSOR, R1); // behind the options
    a.goto_if(R4.eq(ip_proto::UDP), udp);
    a.goto_if(R4.ne(ip_proto::TCP), k.pass);
    tcp(a, k);
}

/// Lets TCP to other ports pass. The ports stand in the first fragment; if they aren't whole there, nobody may see it.
fn tcp(a: &mut Asm, k: &Knock) {
    a.and(R3, network_order(FRAGMENT_OFFSET));
    a.goto_if(R3.eq(network_order(1)), k.drop); // could overwrite the flags (RFC 3128)
    a.goto_if(R3.ne(0), k.pass); // useless without the first fragment
    target_port(a, k);
}

/// Goes on only for segments to the guarded port, with the port in `PORT`.
fn target_port(a: &mut Asm, k: &Knock) {
    a.mov(R1, CURSOR);
    a.add(R1, 4);
    a.goto_if(R1.gt(DATA_END), k.drop); // no ports: a header in pieces (RFC 1858)
    a.load(U16, PORT, CURSOR + 2);
    a.be(SwapBits::B16, PORT);
    a.load(U16, R1, CONFIG + offset_of!(KnockConfig, target_port) as i32);
    a.goto_if(PORT.ne(R1), k.pass);
}

/// Reads the UDP header of a whole datagram, with the port in `PORT`. A knock never comes in pieces.
pub(super) fn udp(a: &mut Asm, k: &Knock, udp: Label) {
    a.bind(udp);
    a.goto_if(R3.set(network_order(MORE_FRAGMENTS | FRAGMENT_OFFSET)), k.pass);
    a.mov(R1, CURSOR);
    a.add(R1, 8);
    a.goto_if(R1.gt(DATA_END), k.pass);
    a.load(U16, PORT, CURSOR + 2);
    a.be(SwapBits::B16, PORT);
}

/// The kind of the next header.
const NEXT: Reg = R1;
/// The length of an extension header.
const LENGTH: Reg = R2;

/// Reads the two bytes that every extension header starts with: the next one's kind, and its own length in some unit.
fn extension(a: &mut Asm, k: &Knock) {
    a.mov(R3, CURSOR);
    a.add(R3, 8);
    a.goto_if(R3.gt(DATA_END), k.drop);
    a.load(U8, NEXT, CURSOR + 0);
    a.load(U8, LENGTH, CURSOR + 1);
}

/// The largest number of extension headers that are followed.
const MAX_EXTENSIONS: i32 = 8;

/// Drops IPv6 to the guarded port, behind up to eight extension headers. A longer chain, or one that the frame's end cuts
/// off, is dropped: the first fragment must hold the whole chain (RFC 7112).
pub(super) fn ipv6(a: &mut Asm, k: &Knock, ipv6: Label) {
    const LEFT: Reg = R5;
    a.bind(ipv6);
    let header = a.label("header");
    let options = a.label("options");
    let authentication = a.label("authentication");
    let fragment = a.label("fragment");
    let units_of_8 = a.label("units_of_8");
    let skip = a.label("skip");
    let transport = a.label("transport");

    a.load(U16, R1, CONFIG + offset_of!(KnockConfig, flags) as i32);
    a.goto_if(R1.set(i32::from(ALLOW_IPV6)), k.pass);
    a.mov(R1, CURSOR);
    a.add(R1, 40);
    a.goto_if(R1.gt(DATA_END), k.pass); // no whole header: the kernel drops it
    a.load(U8, NEXT, CURSOR + 6);
    a.add(CURSOR, 40);
    a.mov(LEFT, MAX_EXTENSIONS + 1);

    a.bind(header);
    a.goto_if(NEXT.eq(ip_proto::TCP), transport);
    a.goto_if(NEXT.eq(ip_proto::FRAGMENT), fragment);
    a.goto_if(NEXT.eq(ip_proto::AUTHENTICATION), authentication);
    a.goto_if(NEXT.eq(ip_proto::HOP_BY_HOP), options);
    a.goto_if(NEXT.eq(ip_proto::ROUTING), options);
    a.goto_if(NEXT.ne(ip_proto::DESTINATION), k.pass);

    a.bind(options);
    extension(a, k);
    a.bind(units_of_8);
    a.add(LENGTH, 1); // the first 8 bytes are not counted
    a.lsh(LENGTH, 3);

    a.bind(skip);
    a.and(LENGTH, 0xff8); // the widest range comes first and covers the others, so that the verifier walks on only once
    a.add(CURSOR, LENGTH);
    a.sub(LEFT, 1);
    a.goto_if(LEFT.ne(0), header);
    a.goto(k.drop);

    a.bind(authentication);
    extension(a, k);
    a.add(LENGTH, 2); // in units of 4 bytes, the first two not counted
    a.lsh(LENGTH, 2);
    a.goto_if(LENGTH.set(7), k.drop); // IPv6 wants multiples of 8 (RFC 4302, section 2.2)
    a.goto(skip);

    a.bind(fragment);
    extension(a, k);
    a.load(U8, R3, CURSOR + 1);
    a.goto_if(R3.ne(0), k.drop); // reserved; read apart from LENGTH, whose range stays that of the other kinds
    a.load(U16, R3, CURSOR + 2);
    a.goto_if(R3.set(network_order(0xfff8)), k.pass); // useless without the first fragment
    a.goto(units_of_8);

    a.bind(transport);
    target_port(a, k);
    a.goto(k.drop);
}
