//! Program types that may not write packets.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "packet-write",
    place: 300,
    title: "the program type may not write packets directly",
    cases: &[PACKET_WRITE_CGROUP_SKB],
};

const PACKET_WRITE_CGROUP_SKB: Case = Case::new("packet-write-cgroup-skb", CgroupSkb)
    .teaches(
        "A cgroup_skb program may read packets directly and not write them: the \
        packet may be shared. The store is refused although the bytes are there.",
    )
    .program(|a| {
        let out = a.label("out");
        skb_packet(a);
        a.mov(R0, R2);
        a.add(R0, 1);
        a.goto_if(R0.gt(R3), out);
        a.store(U8, R2 + 0, 0);
        a.bind(out);
        a.mov(R0, 1);
        a.exit();
    })
    .expect(reject(EACCES, 5, "cannot write into packet", 6))
    .states(&[
        state(until(5, 10), 4, R0, "pkt(id=0,off=1,r=1,imm=0)"),
        state(only(6, 1), 4, R0, "pkt(off=1,r=1,imm=0)"),
        state(between((6, 12), (7, 0)), 4, R0, "pkt(off=1,r=1)"),
        state(since(7, 1), 4, R0, "pkt(r=1,imm=1)"),
    ])
    .twin(
        Twin::new("a load", |a| {
            let out = a.label("out");
            skb_packet(a);
            a.mov(R0, R2);
            a.add(R0, 1);
            a.goto_if(R0.gt(R3), out);
            a.load(U8, R2, R2 + 0);
            a.bind(out);
            a.mov(R0, 1);
            a.exit();
        })
        .expect(accept(10)),
    );
