//! A lookup that can't miss.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "array-constant-key",
    place: 110,
    title: "a lookup in an array with a constant key in range needs no NULL check",
    cases: &[ARRAY_CONSTANT_KEY_UNCHECKED, ARRAY_WIDE_CONSTANT_KEY_UNCHECKED],
};

const ARRAY_CONSTANT_KEY_UNCHECKED: Case = Case::new("array-constant-key-unchecked", Xdp)
    .teaches(
        "An array has all its entries, so a lookup with a constant key in range \
        cannot miss. Newer kernels see that (6.16 does, 6.12 does not), and the \
        result needs no NULL check; older ones want one. The key must be below \
        max_entries, and stored in its own width where the verifier keeps constants: \
        at a multiple of eight.",
    )
    .program(|a| {
        let map = a.map(MapDef::new::<u32, u64>("m", MapType::Array, 4));
        a.store(U32, R10 - 8, 3);
        a.mov(R2, R10);
        a.add(R2, -8);
        a.load_map(R1, map);
        a.call(Helper::MapLookupElem);
        a.load(U64, R0, R0 + 0);
        a.exit();
    })
    .expect(accept(7))
    .except(&[(until(6, 12), To(reject(EACCES, 6, "R0 invalid mem access 'map_value_or_null'", 6)))])
    .twin(
        Twin::new("the key is one beyond the last", |a| {
            let map = a.map(MapDef::new::<u32, u64>("m", MapType::Array, 4));
            a.store(U32, R10 - 8, 4);
            a.mov(R2, R10);
            a.add(R2, -8);
            a.load_map(R1, map);
            a.call(Helper::MapLookupElem);
            a.load(U64, R0, R0 + 0);
            a.exit();
        })
        .expect(reject(EACCES, 6, "R0 invalid mem access 'map_value_or_null'", 6)),
    );

const ARRAY_WIDE_CONSTANT_KEY_UNCHECKED: Case = Case::new("array-wide-constant-key-unchecked", Xdp)
    .teaches(
        "The same lookup with the key written by a store of eight bytes, twice the \
        key's width. No kernel looks through that: the key is unknown, and the \
        result may be NULL. Store the key in its own width, or check the result.",
    )
    .program(|a| {
        let map = a.map(MapDef::new::<u32, u64>("m", MapType::Array, 4));
        a.store(U64, R10 - 8, 0);
        a.mov(R2, R10);
        a.add(R2, -8);
        a.load_map(R1, map);
        a.call(Helper::MapLookupElem);
        a.load(U64, R0, R0 + 0);
        a.exit();
    })
    .expect(reject(EACCES, 6, "R0 invalid mem access 'map_value_or_null'", 6))
    .twin(
        Twin::new("a NULL check", |a| {
            let out = a.label("out");
            let map = a.map(MapDef::new::<u32, u64>("m", MapType::Array, 4));
            a.store(U64, R10 - 8, 0);
            a.mov(R2, R10);
            a.add(R2, -8);
            a.load_map(R1, map);
            a.call(Helper::MapLookupElem);
            a.goto_if(R0.eq(0), out);
            a.load(U64, R0, R0 + 0);
            a.bind(out);
            a.exit();
        })
        .expect(accept(9)),
    );
