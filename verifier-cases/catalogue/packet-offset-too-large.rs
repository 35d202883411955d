//! An offset beyond what a range can prove.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "packet-offset-too-large",
    place: 270,
    title: "the offset in the packet is beyond what a range can prove",
    cases: &[PACKET_OFFSET_OVER_65535],
};

const PACKET_OFFSET_OVER_65535: Case = Case::new("packet-offset-over-65535", Xdp)
    .teaches(
        "A range is at most 65535 bytes. A pointer that may be farther from the start \
        gets no range from a comparison, so that the access after it is refused. \
        Bound the variable so that the sum stays below.",
    )
    .program(|a| {
        let out = a.label("out");
        packet(a);
        a.load(U32, R1, R1 + 16);
        a.and(R1, 0xffff);
        a.add(R2, R1);
        a.mov(R0, R2);
        a.add(R0, 1);
        a.goto_if(R0.gt(R3), out);
        a.load(U8, R1, R2 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 8, "R2 offset is outside of the packet", 9))
    .except(&[(since(7, 1), Message("R2 min value is outside of the allowed memory range"))])
    .twin(
        Twin::new("a mask of 0x7fff", |a| {
            let out = a.label("out");
            packet(a);
            a.load(U32, R1, R1 + 16);
            a.and(R1, 0x7fff);
            a.add(R2, R1);
            a.mov(R0, R2);
            a.add(R0, 1);
            a.goto_if(R0.gt(R3), out);
            a.load(U8, R1, R2 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(13)),
    );
