//! A variable is added after the check.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "packet-check-before-offset",
    place: 240,
    title: "a variable is added to a packet pointer after the comparison",
    cases: &[PACKET_VARIABLE_OFFSET_UNCHECKED],
};

const PACKET_VARIABLE_OFFSET_UNCHECKED: Case = Case::new("packet-variable-offset-unchecked", Xdp)
    .teaches(
        "Adding a variable to a packet pointer makes a pointer with an id of its own \
        and no range: what was proved of the old one does not hold for it. Compare \
        the new pointer with data_end again.",
    )
    .program(|a| {
        let out = a.label("out");
        packet(a);
        a.mov(R0, R2);
        a.add(R0, 34);
        a.goto_if(R0.gt(R3), out);
        a.load(U8, R1, R2 + 14);
        a.and(R1, 15);
        a.add(R2, R1);
        a.load(U8, R1, R2 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 8, "R2 offset is outside of the packet", 9))
    .except(&[(since(7, 1), Message("R2 min value is outside of the allowed memory range"))])
    .states(&[
        state(until(5, 10), 7, R2, "pkt(id=1,off=0,r=0,umax_value=15,var_off=(0x0; 0xf))"),
        state(only(6, 1), 7, R2, "pkt(id=1,off=0,r=0,umax=15,var_off=(0x0; 0xf))"),
        state(
            since(6, 12),
            7,
            R2,
            "pkt(id=1,r=0,smin=smin32=0,smax=umax=smax32=umax32=15,var_off=(0x0; 0xf))",
        ),
    ])
    .twin(
        Twin::new("another comparison", |a| {
            let out = a.label("out");
            packet(a);
            a.mov(R0, R2);
            a.add(R0, 15);
            a.goto_if(R0.gt(R3), out);
            a.load(U8, R1, R2 + 14);
            a.and(R1, 15);
            a.add(R2, R1);
            a.mov(R0, R2);
            a.add(R0, 1);
            a.goto_if(R0.gt(R3), out);
            a.load(U8, R1, R2 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(16)),
    );
