//! The end of the packet is no place.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "packet-end-access",
    place: 290,
    title: "data_end is used as a pointer to memory",
    cases: &[PACKET_END_LOAD, PACKET_END_ARITHMETIC],
};

const PACKET_END_LOAD: Case = Case::new("packet-end-load", Xdp)
    .teaches(
        "data_end points behind the last byte, and nothing there belongs to the \
        packet. A load through it is refused by its type, pkt_end. Load from a \
        packet pointer below it.",
    )
    .program(|a| {
        a.load(U32, R2, R1 + 4);
        a.load(U8, R0, R2 + 0);
        a.exit();
    })
    .expect(reject(EACCES, 1, "R2 invalid mem access 'pkt_end'", 2))
    .twin(
        Twin::new("nothing is loaded", |a| {
            a.load(U32, R2, R1 + 4);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );

const PACKET_END_ARITHMETIC: Case = Case::new("packet-end-arithmetic", Xdp)
    .teaches(
        "Arithmetic on data_end is refused as well: comparisons with it would no \
        longer prove anything. Subtract from the other side of the comparison.",
    )
    .program(|a| {
        let out = a.label("out");
        packet(a);
        a.sub(R3, 14);
        a.goto_if(R2.gt(R3), out);
        a.load(U8, R1, R2 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 2, "R3 pointer arithmetic on pkt_end prohibited", 3))
    .twin(
        Twin::new("the addition is on the other side", |a| {
            let out = a.label("out");
            packet(a);
            a.mov(R0, R2);
            a.add(R0, 14);
            a.goto_if(R0.gt(R3), out);
            a.load(U8, R1, R2 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(10)),
    );
