//! The length of the packet as a proof.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "packet-length-check",
    place: 260,
    title: "a comparison of the packet's length proves nothing",
    cases: &[PACKET_LENGTH_COMPARED],
};

const PACKET_LENGTH_COMPARED: Case = Case::new("packet-length-compared", Xdp)
    .teaches(
        "data_end - data is the packet's length, but for the verifier it is a number \
        that has nothing to do with the pointers any more. Only the comparison of a \
        packet pointer with data_end gives a range.",
    )
    .program(|a| {
        let out = a.label("out");
        packet(a);
        a.sub(R3, R2);
        a.goto_if(R3.lt(14), out);
        a.load(U8, R1, R2 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 4, "R2 offset is outside of the packet", 5))
    .except(&[(since(7, 1), Message("R2 min value is outside of the allowed memory range"))])
    .twin(
        Twin::new("the pointers are compared", |a| {
            let out = a.label("out");
            packet(a);
            a.mov(R1, R2);
            a.add(R1, 14);
            a.goto_if(R1.gt(R3), out);
            a.load(U8, R1, R2 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(10)),
    );
