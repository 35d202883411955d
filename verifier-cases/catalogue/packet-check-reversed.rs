//! The check is the wrong way round.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "packet-check-reversed",
    place: 250,
    title: "the comparison with data_end is the wrong way round",
    cases: &[PACKET_CHECK_SWAPPED],
};

const PACKET_CHECK_SWAPPED: Case = Case::new("packet-check-swapped", Xdp)
    .teaches(
        "`if data + 14 <= data_end` jumps when the bytes are there; the load stands \
        on the path where they are not. On that path the range r= of r2, which is read \
        through, stays 0; the huge r= of r0 is the verifier's mark for a pointer that may lie \
        beyond the end. Swap the branches or the comparison.",
    )
    .program(|a| {
        let out = a.label("out");
        packet(a);
        a.mov(R0, R2);
        a.add(R0, 14);
        a.goto_if(R0.le(R3), out);
        a.load(U8, R1, R2 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 5, "R2 offset is outside of the packet", 6))
    .except(&[(since(7, 1), Message("R2 min value is outside of the allowed memory range"))])
    .states(&[
        state(until(5, 10), 4, R0, "pkt(id=0,off=14,r=-2,imm=0)"),
        state(only(6, 1), 4, R0, "pkt(off=14,r=-2,imm=0)"),
        state(between((6, 12), (7, 0)), 4, R0, "pkt(off=14,r=0xfffffffffffffffe)"),
        state(since(7, 1), 4, R0, "pkt(r=0xfffffffffffffffe,imm=14)"),
    ])
    .twin(
        Twin::new("`>` instead of `<=`", |a| {
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
