//! Packet bytes without a comparison with data_end.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "packet-unchecked",
    place: 220,
    title: "packet bytes are read without a comparison with data_end",
    cases: &[PACKET_LOAD_UNCHECKED, PACKET_LOAD_UNCHECKED_SCHED_CLS, PACKET_STORE_UNCHECKED],
};

const PACKET_LOAD_UNCHECKED: Case = Case::new("packet-load-unchecked", Xdp)
    .teaches(
        "A packet pointer has a range, printed as r=, of bytes known to be there; it \
        starts at 0. Only a comparison with data_end enlarges it. The message shows \
        the access and the range that it had.",
    )
    .program(|a| {
        packet(a);
        a.load(U8, R0, R2 + 0);
        a.exit();
    })
    .expect(reject(EACCES, 2, "R2 offset is outside of the packet", 3))
    .except(&[(since(7, 1), Message("R2 min value is outside of the allowed memory range"))])
    .states(&[
        state(until(5, 10), 0, R2, "pkt(id=0,off=0,r=0,imm=0)"),
        state(only(6, 1), 0, R2, "pkt(off=0,r=0,imm=0)"),
        state(since(6, 12), 0, R2, "pkt(r=0)"),
        state(until(5, 10), 1, R3, "pkt_end(id=0,off=0,imm=0)"),
        state(only(6, 1), 1, R3, "pkt_end(off=0,imm=0)"),
        state(since(6, 12), 1, R3, "pkt_end()"),
    ])
    .twin(
        Twin::new("a comparison with data_end", |a| {
            let out = a.label("out");
            packet(a);
            a.mov(R0, R2);
            a.add(R0, 1);
            a.goto_if(R0.gt(R3), out);
            a.load(U8, R0, R2 + 0);
            a.exit();
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(9))
        .states(&[
            state(until(5, 10), 3, R0, "pkt(id=0,off=1,r=0,imm=0)"),
            state(only(6, 1), 3, R0, "pkt(off=1,r=0,imm=0)"),
            state(between((6, 12), (7, 0)), 3, R0, "pkt(off=1,r=0)"),
            state(since(7, 1), 3, R0, "pkt(r=0,imm=1)"),
        ]),
    );

const PACKET_LOAD_UNCHECKED_SCHED_CLS: Case = Case::new("packet-load-unchecked-sched-cls", SchedCls)
    .teaches(
        "A classifier of traffic control has the same pointers at other offsets of \
        its context. The rules are those of XDP.",
    )
    .program(|a| {
        skb_packet(a);
        a.load(U8, R0, R2 + 0);
        a.exit();
    })
    .expect(reject(EACCES, 2, "R2 offset is outside of the packet", 3))
    .except(&[(since(7, 1), Message("R2 min value is outside of the allowed memory range"))])
    .twin(
        Twin::new("a comparison with data_end", |a| {
            let out = a.label("out");
            skb_packet(a);
            a.mov(R0, R2);
            a.add(R0, 1);
            a.goto_if(R0.gt(R3), out);
            a.load(U8, R0, R2 + 0);
            a.bind(out);
            a.mov(R0, 0);
            a.exit();
        })
        .expect(accept(10)),
    );

const PACKET_STORE_UNCHECKED: Case = Case::new("packet-store-unchecked", Xdp)
    .teaches(
        "A store into a packet needs the same proof as a load: XDP may write packets, \
        inside of them. The words are those for a load.",
    )
    .program(|a| {
        packet(a);
        a.store(U8, R2 + 0, 0);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 2, "R2 offset is outside of the packet", 3))
    .except(&[(since(7, 1), Message("R2 min value is outside of the allowed memory range"))])
    .twin(
        Twin::new("a comparison with data_end", |a| {
            let out = a.label("out");
            packet(a);
            a.mov(R0, R2);
            a.add(R0, 1);
            a.goto_if(R0.gt(R3), out);
            a.store(U8, R2 + 0, 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(10)),
    );
