//! An argument of the wrong type.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "argument-type",
    place: 490,
    title: "an argument of a helper has the wrong type",
    cases: &[STACK_FOR_MAP, NUMBER_FOR_KEY],
};

const STACK_FOR_MAP: Case = Case::new("stack-for-map", Xdp)
    .teaches(
        "The message lists what was given and what the helper takes. Here r1 should \
        be a map and is an address on the stack.",
    )
    .program(|a| {
        a.store(U64, R10 - 8, 0);
        a.mov(R1, R10);
        a.add(R1, -8);
        a.mov(R2, R1);
        a.call(Helper::MapLookupElem);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 4, "R1 type=fp expected=map_ptr", 5))
    .twin(
        Twin::new("a map", |a| {
            let map = a.map(MapDef::new::<u64, u64>("m", MapType::Hash, 16));
            a.store(U64, R10 - 8, 0);
            a.mov(R1, R10);
            a.add(R1, -8);
            a.mov(R2, R1);
            a.load_map(R1, map);
            a.call(Helper::MapLookupElem);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(8)),
    );

const NUMBER_FOR_KEY: Case = Case::new("number-for-key", Xdp)
    .teaches(
        "A key is passed by its address, not by value. A number in r2 is refused; \
        store it and pass where it is.",
    )
    .program(|a| {
        let map = hash_map(a, 8);
        a.mov(R2, 0);
        a.load_map(R1, map);
        a.call(Helper::MapLookupElem);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(
        EACCES,
        3,
        "R2 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, \
        ringbuf_mem, buf, trusted_ptr_",
        3,
    ))
    .except(&[
        (until(5, 10), Message("R2 type=inv expected=fp, pkt, pkt_meta, map_value")),
        (only(6, 1), Message("R2 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value")),
        (
            since(7, 1),
            Message(
                "R2 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, \
        ringbuf_mem, buf, trusted_ptr_, ctx",
            ),
        ),
    ])
    .twin(
        Twin::new("the number's address", |a| {
            let map = hash_map(a, 8);
            a.store(U32, R10 - 4, 0);
            a.mov(R2, R10);
            a.add(R2, -4);
            a.load_map(R1, map);
            a.call(Helper::MapLookupElem);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(7)),
    );
