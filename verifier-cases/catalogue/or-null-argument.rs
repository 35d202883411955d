//! A pointer that may be NULL as a helper's argument.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "or-null-argument",
    place: 80,
    title: "a pointer that may be NULL is passed to a helper",
    cases: &[LOOKUP_RESULT_AS_KEY],
};

const LOOKUP_RESULT_AS_KEY: Case = Case::new("lookup-result-as-key", Xdp)
    .teaches(
        "A map value is a fine key for another lookup, but one that may be NULL is \
        not: the helper would read through it. The message lists what the argument \
        may point to. A NULL check makes it a map value.",
    )
    .program(|a| {
        let map = lookup(a, 8);
        a.mov(R2, R0);
        a.load_map(R1, map);
        a.call(Helper::MapLookupElem);
        a.mov(R0, 0);
        a.exit();
    })
    .expect(reject(
        EACCES,
        9,
        "R2 type=map_value_or_null expected=fp, pkt, pkt_meta, map_key, map_value, \
        mem, ringbuf_mem, buf, trusted_ptr_",
        8,
    ))
    .except(&[
        (until(5, 10), Message("R2 type=map_value_or_null expected=fp, pkt, pkt_meta, map_value")),
        (only(6, 1), Message("R2 type=map_value_or_null expected=fp, pkt, pkt_meta, map_key, map_value")),
        (
            since(7, 1),
            Message(
                "R2 type=map_value_or_null expected=fp, pkt, pkt_meta, map_key, map_value, \
        mem, ringbuf_mem, buf, trusted_ptr_, ctx",
            ),
        ),
    ])
    .twin(
        Twin::new("a NULL check", |a| {
            let out = a.label("out");
            let map = lookup(a, 8);
            a.goto_if(R0.eq(0), out);
            a.mov(R2, R0);
            a.load_map(R1, map);
            a.call(Helper::MapLookupElem);
            a.bind(out);
            a.mov(R0, 0);
            a.exit();
        })
        .expect(accept(12)),
    );
