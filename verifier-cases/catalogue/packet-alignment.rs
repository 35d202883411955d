//! Alignment in packets.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "packet-alignment",
    place: 760,
    title: "a packet access that is not aligned, with strict alignment",
    cases: &[PACKET_MISALIGNED_STRICT],
};

const PACKET_MISALIGNED_STRICT: Case = Case::new("packet-misaligned-strict", Xdp)
    .teaches(
        "With BPF_F_STRICT_ALIGNMENT the verifier counts as on machines that need \
        alignment. Packets start two bytes off (NET_IP_ALIGN), so that four bytes at \
        offset 1 are misaligned: 2 + 1. Fields after an Ethernet header are aligned \
        because of these two bytes.",
    )
    .with_flags(BPF_F_STRICT_ALIGNMENT)
    .program(|a| {
        let out = a.label("out");
        packet(a);
        a.mov(R0, R2);
        a.add(R0, 14);
        a.goto_if(R0.gt(R3), out);
        a.load(U32, R1, R2 + 1);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 5, "misaligned packet access off 2+0+0+1 size 4", 6))
    .except(&[
        (until(6, 1), Message("misaligned packet access off 2+(0x0; 0x0)+0+1 size 4")),
        (since(7, 1), Message("misaligned packet access off 2+0+1 size 4")),
    ])
    .states(&[
        state(until(5, 10), 4, R0, "pkt(id=0,off=14,r=14,imm=0)"),
        state(only(6, 1), 4, R0, "pkt(off=14,r=14,imm=0)"),
        state(between((6, 12), (7, 0)), 4, R0, "pkt(off=14,r=14)"),
        state(since(7, 1), 4, R0, "pkt(r=14,imm=14)"),
    ])
    .twin(
        Twin::new("offset 2", |a| {
            let out = a.label("out");
            packet(a);
            a.mov(R0, R2);
            a.add(R0, 14);
            a.goto_if(R0.gt(R3), out);
            a.load(U32, R1, R2 + 2);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(10)),
    );
