//! Out of memory of known size.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "memory-bounds",
    place: 830,
    title: "an access out of memory of known size",
    cases: &[RINGBUF_RECORD_BOUNDS],
};

const RINGBUF_RECORD_BOUNDS: Case = Case::new("ringbuf-record-bounds", Xdp)
    .teaches(
        "The record has as many bytes as were reserved. A store behind them is \
        refused; the numbers are like those of a map value.",
    )
    .program(|a| {
        let out = a.label("out");
        reserve(a, 8);
        a.goto_if(R0.eq(0), out);
        a.store(U64, R0 + 8, 1);
        a.mov(R1, R0);
        a.mov(R2, 0);
        a.call(Helper::RingbufSubmit);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 6, "R0 min value is outside of the allowed memory range", 6))
    .twin(
        Twin::new("sixteen bytes reserved", |a| {
            let out = a.label("out");
            reserve(a, 16);
            a.goto_if(R0.eq(0), out);
            a.store(U64, R0 + 8, 1);
            a.mov(R1, R0);
            a.mov(R2, 0);
            a.call(Helper::RingbufSubmit);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(12)),
    );
