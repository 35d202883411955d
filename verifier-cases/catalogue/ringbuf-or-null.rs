//! A reserved record of a ring buffer may be NULL.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "ringbuf-or-null",
    place: 100,
    title: "a reserved ring buffer record is used without a NULL check",
    cases: &[RINGBUF_RESERVE_UNCHECKED],
};

const RINGBUF_RESERVE_UNCHECKED: Case = Case::new("ringbuf-reserve-unchecked", Xdp)
    .teaches(
        "bpf_ringbuf_reserve gives NULL when the buffer is full. Its result is \
        ringbuf_mem_or_null (mem_or_null at first) until it is compared with 0, like \
        the result of a lookup. On the NULL path there is nothing to submit.",
    )
    .program(|a| {
        reserve(a, 8);
        a.store(U64, R0 + 0, 1);
        a.mov(R1, R0);
        a.mov(R2, 0);
        a.call(Helper::RingbufSubmit);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 5, "R0 invalid mem access 'ringbuf_mem_or_null'", 5))
    .except(&[
        (until(5, 10), Message("R0 invalid mem access 'mem_or_null'")),
        (only(6, 1), Message("R0 invalid mem access 'alloc_mem_or_null'")),
    ])
    .states(&[
        state(until(5, 10), 4, R0, "mem_or_null(id=2,ref_obj_id=2,off=0,imm=0)"),
        state(only(6, 1), 4, R0, "alloc_mem_or_null(id=2,ref_obj_id=2,off=0,imm=0)"),
        state(between((6, 12), (7, 1)), 4, R0, "ringbuf_mem_or_null(id=2,ref_obj_id=2,sz=8)"),
        state(since(7, 2), 4, R0, "ringbuf_mem_or_null(id=2,sz=8)"),
    ])
    .twin(
        Twin::new("a NULL check", |a| {
            let out = a.label("out");
            reserve(a, 8);
            a.goto_if(R0.eq(0), out);
            a.store(U64, R0 + 0, 1);
            a.mov(R1, R0);
            a.mov(R2, 0);
            a.call(Helper::RingbufSubmit);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(12)),
    );
