//! A dynptr that has to be given back.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "dynptr-overwritten",
    place: 557,
    title: "a dynptr is overwritten or given back that may not be",
    cases: &[DYNPTR_WRITTEN_OVER],
};

/// `bpf_ringbuf_reserve_dynptr(events, 8, 0, fp-16)`.
#[track_caller]
fn reserve_dynptr(a: &mut Asm) {
    let events = a.map(MapDef::ring_buffer("events", 4096));
    a.load_map(R1, events);
    a.mov(R2, 8);
    a.mov(R3, 0);
    a.mov(R4, R10);
    a.add(R4, -16);
    a.call(Helper::RingbufReserveDynptr);
}

/// `bpf_ringbuf_discard_dynptr(fp-16, 0)`.
#[track_caller]
fn discard_dynptr(a: &mut Asm) {
    a.mov(R1, R10);
    a.add(R1, -16);
    a.mov(R2, 0);
    a.call(Helper::RingbufDiscardDynptr);
    a.mov(R0, 2);
    a.exit();
}

const DYNPTR_WRITTEN_OVER: Case = Case::new("dynptr-written-over", Xdp)
    .unmodelled()
    .teaches(
        "A reserved record's dynptr has to be submitted or discarded, by its bytes on \
        the stack. A store to them would lose it.",
    )
    .program(|a| {
        reserve_dynptr(a);
        a.store(U64, R10 - 16, 0);
        discard_dynptr(a);
    })
    .expect(reject(EINVAL, 7, "cannot overwrite referenced dynptr", 7))
    .except(&[
        (until(5, 10), To(reject(EINVAL, 6, "invalid func unknown#198", 6))),
        (only(6, 1), To(reject(EINVAL, 11, "Expected an initialized dynptr as arg #1", 11))),
    ])
    .fault(&[(until(5, 10), "unknown-helper"), (only(6, 1), "uninitialised-dynptr")])
    .twin(
        Twin::new("a store beside it", |a| {
            reserve_dynptr(a);
            a.store(U64, R10 - 24, 0);
            discard_dynptr(a);
        })
        .expect(accept(13))
        .except(&[(until(5, 10), To(reject(EINVAL, 6, "invalid func unknown#198", 6)))])
        .fault(&[(until(5, 10), "unknown-helper")]),
    );
