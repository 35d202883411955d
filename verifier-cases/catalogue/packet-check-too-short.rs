//! The check proves fewer bytes than are read.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "packet-check-too-short",
    place: 230,
    title: "the comparison with data_end proves fewer bytes than are read",
    cases: &[PACKET_CHECK_ONE_BYTE_SHORT, PACKET_CHECK_STRICT, PACKET_SECOND_HEADER_UNCHECKED],
};

const PACKET_CHECK_ONE_BYTE_SHORT: Case = Case::new("packet-check-one-byte-short", Xdp)
    .teaches(
        "The comparison proves 14 bytes, 0 to 13: an Ethernet header. The load at 13 \
        of two bytes needs the fifteenth. In the message, off + size is one more \
        than r.",
    )
    .program(|a| {
        let out = a.label("out");
        packet(a);
        a.mov(R0, R2);
        a.add(R0, 14);
        a.goto_if(R0.gt(R3), out);
        a.load(U16, R1, R2 + 13);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 5, "R2 offset is outside of the packet", 6))
    .except(&[(since(7, 1), Message("R2 min value is outside of the allowed memory range"))])
    .states(&[
        state(until(5, 10), 4, R0, "pkt(id=0,off=14,r=14,imm=0)"),
        state(only(6, 1), 4, R0, "pkt(off=14,r=14,imm=0)"),
        state(between((6, 12), (7, 0)), 4, R0, "pkt(off=14,r=14)"),
        state(since(7, 1), 4, R0, "pkt(r=14,imm=14)"),
    ])
    .twin(
        Twin::new("offset 12", |a| {
            let out = a.label("out");
            packet(a);
            a.mov(R0, R2);
            a.add(R0, 14);
            a.goto_if(R0.gt(R3), out);
            a.load(U16, R1, R2 + 12);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(10)),
    );

const PACKET_CHECK_STRICT: Case = Case::new("packet-check-strict", Xdp)
    .teaches(
        "`>=` instead of `>` leaves the path on which data + 14 is below data_end: 15 \
        bytes are there, and the verifier knows that. The border moves by one.",
    )
    .program(|a| {
        let out = a.label("out");
        packet(a);
        a.mov(R0, R2);
        a.add(R0, 14);
        a.goto_if(R0.ge(R3), out);
        a.load(U8, R1, R2 + 14);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(accept(10))
    .twin(
        Twin::new("one byte further", |a| {
            let out = a.label("out");
            packet(a);
            a.mov(R0, R2);
            a.add(R0, 14);
            a.goto_if(R0.ge(R3), out);
            a.load(U8, R1, R2 + 15);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(reject(EACCES, 5, "R2 offset is outside of the packet", 6))
        .except(&[(since(7, 1), Message("R2 min value is outside of the allowed memory range"))])
        .states(&[
            state(until(5, 10), 4, R0, "pkt(id=0,off=14,r=15,imm=0)"),
            state(only(6, 1), 4, R0, "pkt(off=14,r=15,imm=0)"),
            state(between((6, 12), (7, 0)), 4, R0, "pkt(off=14,r=15)"),
            state(since(7, 1), 4, R0, "pkt(r=15,imm=14)"),
        ]),
    );

const PACKET_SECOND_HEADER_UNCHECKED: Case = Case::new("packet-second-header-unchecked", Xdp)
    .teaches(
        "The Ethernet header is checked, the first byte after it is not. Each header \
        needs its own comparison, or one for all before the first.",
    )
    .program(|a| {
        let out = a.label("out");
        packet(a);
        a.mov(R0, R2);
        a.add(R0, 14);
        a.goto_if(R0.gt(R3), out);
        a.load(U8, R1, R2 + 14);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 5, "R2 offset is outside of the packet", 6))
    .except(&[(since(7, 1), Message("R2 min value is outside of the allowed memory range"))])
    .states(&[
        state(until(5, 10), 4, R0, "pkt(id=0,off=14,r=14,imm=0)"),
        state(only(6, 1), 4, R0, "pkt(off=14,r=14,imm=0)"),
        state(between((6, 12), (7, 0)), 4, R0, "pkt(off=14,r=14)"),
        state(since(7, 1), 4, R0, "pkt(r=14,imm=14)"),
    ])
    .twin(
        Twin::new("a second comparison", |a| {
            let out = a.label("out");
            packet(a);
            a.mov(R0, R2);
            a.add(R0, 34);
            a.goto_if(R0.gt(R3), out);
            a.load(U8, R1, R2 + 14);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(10)),
    );
