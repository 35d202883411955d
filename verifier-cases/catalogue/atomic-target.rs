//! Atomics on memory that does not allow them.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "atomic-target",
    place: 780,
    title: "an atomic operation on memory that does not allow it",
    cases: &[ATOMIC_ON_PACKET, ATOMIC_ON_CONTEXT],
};

const ATOMIC_ON_PACKET: Case = Case::new("atomic-on-packet", Xdp)
    .teaches(
        "Atomic operations work on the stack and on map values. Packets and contexts \
        do not have them, and nobody else is writing there anyway.",
    )
    .program(|a| {
        let out = a.label("out");
        packet(a);
        a.mov(R0, R2);
        a.add(R0, 8);
        a.goto_if(R0.gt(R3), out);
        a.mov(R1, 1);
        a.atomic_add(AtomicSize::U64, R2 + 0, R1);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 6, "BPF_ATOMIC stores into R2 pkt is not allowed", 7))
    .except(&[(until(5, 10), Message("BPF_XADD stores into R2 pkt is not allowed"))])
    .states(&[
        state(until(5, 10), 4, R0, "pkt(id=0,off=8,r=8,imm=0)"),
        state(only(6, 1), 4, R0, "pkt(off=8,r=8,imm=0)"),
        state(between((6, 12), (7, 0)), 4, R0, "pkt(off=8,r=8)"),
        state(since(7, 1), 4, R0, "pkt(r=8,imm=8)"),
    ])
    .twin(
        Twin::new("a store", |a| {
            let out = a.label("out");
            packet(a);
            a.mov(R0, R2);
            a.add(R0, 8);
            a.goto_if(R0.gt(R3), out);
            a.mov(R1, 1);
            a.store(U64, R2 + 0, R1);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(11)),
    );

const ATOMIC_ON_CONTEXT: Case = Case::new("atomic-on-context", Xdp)
    .teaches("The context is refused like the packet.")
    .program(|a| {
        a.mov(R2, 1);
        a.atomic_add(AtomicSize::U32, R1 + 16, R2);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 1, "BPF_ATOMIC stores into R1 ctx is not allowed", 2))
    .except(&[(until(5, 10), Message("BPF_XADD stores into R1 ctx is not allowed"))])
    .twin(
        Twin::new("on the stack", |a| {
            a.mov(R2, 1);
            a.store(U64, R10 - 8, 0);
            a.atomic_add(AtomicSize::U32, R10 - 8, R2);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(5)),
    );
