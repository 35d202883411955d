//! Something acquired is never given back.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "reference-leak",
    place: 810,
    title: "something acquired is never given back",
    cases: &[RINGBUF_RECORD_LEAKED],
};

const RINGBUF_RECORD_LEAKED: Case = Case::new("ringbuf-record-leaked", Xdp)
    .teaches(
        "A reserved record must be submitted or discarded on every path. The message \
        has the reference's id and the instruction that acquired it; from 6.18 on a \
        line about the exit follows.",
    )
    .program(|a| {
        let out = a.label("out");
        reserve(a, 8);
        a.goto_if(R0.eq(0), out);
        a.store(U64, R0 + 0, 1);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 8, "BPF_EXIT instruction in main prog would lead to reference leak", 8))
    .except(&[
        (until(6, 12), Message("Unreleased reference id=2 alloc_insn=4")),
        (since(7, 3), Message("Unreleased reference id=2 alloc_insn=4")),
    ])
    .twin(
        Twin::new("submitted", |a| {
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
