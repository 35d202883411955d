//! Something is given back twice.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "double-release",
    place: 820,
    title: "something is given back twice",
    cases: &[RINGBUF_RECORD_SUBMITTED_TWICE, RINGBUF_RECORD_USED_AFTER_SUBMIT],
};

const RINGBUF_RECORD_SUBMITTED_TWICE: Case = Case::new("ringbuf-record-submitted-twice", Xdp)
    .teaches(
        "After the submission the record belongs to user space. The verifier turns \
        all copies of the pointer into numbers, and a number is no record.",
    )
    .program(|a| {
        let out = a.label("out");
        reserve(a, 8);
        a.goto_if(R0.eq(0), out);
        a.mov(R6, R0);
        a.mov(R1, R0);
        a.mov(R2, 0);
        a.call(Helper::RingbufSubmit);
        a.mov(R1, R6);
        a.mov(R2, 0);
        a.call(Helper::RingbufSubmit);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 12, "R1 type=scalar expected=ringbuf_mem", 12))
    .except(&[
        (until(5, 10), Message("R1 type=inv expected=mem")),
        (only(6, 1), Message("R1 type=scalar expected=alloc_mem")),
    ])
    .twin(
        Twin::new("once", |a| {
            let out = a.label("out");
            reserve(a, 8);
            a.goto_if(R0.eq(0), out);
            a.mov(R6, R0);
            a.mov(R1, R0);
            a.mov(R2, 0);
            a.call(Helper::RingbufSubmit);
            a.mov(R1, R6);
            a.mov(R2, 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(15)),
    );

const RINGBUF_RECORD_USED_AFTER_SUBMIT: Case = Case::new("ringbuf-record-used-after-submit", Xdp)
    .teaches("Writing to the record after the submission is refused for the same reason.")
    .program(|a| {
        let out = a.label("out");
        reserve(a, 8);
        a.goto_if(R0.eq(0), out);
        a.mov(R6, R0);
        a.mov(R1, R0);
        a.mov(R2, 0);
        a.call(Helper::RingbufSubmit);
        a.store(U64, R6 + 0, 1);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 10, "R6 invalid mem access 'scalar'", 10))
    .except(&[(until(5, 10), Message("R6 invalid mem access 'inv'"))])
    .twin(
        Twin::new("before it", |a| {
            let out = a.label("out");
            reserve(a, 8);
            a.goto_if(R0.eq(0), out);
            a.mov(R6, R0);
            a.store(U64, R6 + 0, 1);
            a.mov(R1, R0);
            a.mov(R2, 0);
            a.call(Helper::RingbufSubmit);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(13)),
    );
