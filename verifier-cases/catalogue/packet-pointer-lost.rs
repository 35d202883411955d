//! Packet pointers from before a helper that moves the packet.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "packet-pointer-lost",
    place: 280,
    title: "a helper moved the packet, and the old pointers are used",
    cases: &[PACKET_POINTER_AFTER_ADJUST_HEAD, PACKET_POINTER_AFTER_PULL_DATA],
};

const PACKET_POINTER_AFTER_ADJUST_HEAD: Case = Case::new("packet-pointer-after-adjust-head", Xdp)
    .teaches(
        "bpf_xdp_adjust_head may move the packet, so that the verifier forgets all \
        packet pointers: they become numbers. Load data and data_end again and \
        compare again.",
    )
    .program(|a| {
        let out = a.label("out");
        a.mov(R7, R1);
        packet(a);
        a.mov(R6, R2);
        a.mov(R0, R2);
        a.add(R0, 1);
        a.goto_if(R0.gt(R3), out);
        a.mov(R1, R7);
        a.mov(R2, 0);
        a.call(Helper::XdpAdjustHead);
        a.load(U8, R1, R6 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 10, "R6 invalid mem access 'scalar'", 11))
    .except(&[(until(5, 10), Message("R6 invalid mem access 'inv'"))])
    .states(&[
        state(until(5, 10), 6, R0, "pkt(id=0,off=1,r=1,imm=0)"),
        state(only(6, 1), 6, R0, "pkt(off=1,r=1,imm=0)"),
        state(between((6, 12), (7, 0)), 6, R0, "pkt(off=1,r=1)"),
        state(since(7, 1), 6, R0, "pkt(r=1,imm=1)"),
        state(until(5, 10), 9, R0, "inv(id=0)"),
        state(between((6, 1), (7, 0)), 9, R0, "scalar()"),
    ])
    .twin(
        Twin::new("pointers and comparison again after the call", |a| {
            let out = a.label("out");
            a.mov(R7, R1);
            a.mov(R2, 0);
            a.call(Helper::XdpAdjustHead);
            a.mov(R1, R7);
            packet(a);
            a.mov(R6, R2);
            a.mov(R0, R2);
            a.add(R0, 1);
            a.goto_if(R0.gt(R3), out);
            a.load(U8, R1, R6 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(14)),
    );

const PACKET_POINTER_AFTER_PULL_DATA: Case = Case::new("packet-pointer-after-pull-data", SchedCls)
    .teaches(
        "bpf_skb_pull_data makes bytes linear, and with that it may move them. Like \
        every helper that changes the packet, it invalidates the pointers into it.",
    )
    .program(|a| {
        let out = a.label("out");
        a.mov(R7, R1);
        skb_packet(a);
        a.mov(R6, R2);
        a.mov(R0, R2);
        a.add(R0, 1);
        a.goto_if(R0.gt(R3), out);
        a.mov(R1, R7);
        a.mov(R2, 0);
        a.call(Helper::SkbPullData);
        a.load(U8, R1, R6 + 0);
        a.bind(out);
        a.mov(R0, 0);
        a.exit();
    })
    .expect(reject(EACCES, 10, "R6 invalid mem access 'scalar'", 11))
    .except(&[(until(5, 10), Message("R6 invalid mem access 'inv'"))])
    .states(&[
        state(until(5, 10), 6, R0, "pkt(id=0,off=1,r=1,imm=0)"),
        state(only(6, 1), 6, R0, "pkt(off=1,r=1,imm=0)"),
        state(between((6, 12), (7, 0)), 6, R0, "pkt(off=1,r=1)"),
        state(since(7, 1), 6, R0, "pkt(r=1,imm=1)"),
    ])
    .twin(
        Twin::new("pointers and comparison after the call", |a| {
            let out = a.label("out");
            a.mov(R7, R1);
            a.mov(R2, 0);
            a.call(Helper::SkbPullData);
            a.mov(R1, R7);
            skb_packet(a);
            a.mov(R6, R2);
            a.mov(R0, R2);
            a.add(R0, 1);
            a.goto_if(R0.gt(R3), out);
            a.load(U8, R1, R6 + 0);
            a.bind(out);
            a.mov(R0, 0);
            a.exit();
        })
        .expect(accept(14)),
    );
