//! A map of the wrong type for the helper.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "map-type",
    place: 500,
    title: "the helper does not work with maps of this type",
    cases: &[LOOKUP_IN_RING_BUFFER, RESERVE_IN_HASH],
};

const LOOKUP_IN_RING_BUFFER: Case = Case::new("lookup-in-ring-buffer", Xdp)
    .teaches(
        "A ring buffer has no keys: their size is zero, and a helper does not read \
        zero bytes. That check comes before the one of the map's type, which would \
        say no as well. Records of a ring buffer are reserved, not looked up.",
    )
    .program(|a| {
        let map = a.map(MapDef::ring_buffer("events", 4096));
        a.store(U32, R10 - 4, 0);
        a.mov(R2, R10);
        a.add(R2, -4);
        a.load_map(R1, map);
        a.call(Helper::MapLookupElem);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 5, "invalid zero-sized read", 5))
    .twin(
        Twin::new("a hash map", |a| {
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

const RESERVE_IN_HASH: Case = Case::new("reserve-in-hash", Xdp)
    .teaches("The other way round: ring buffer helpers want a ring buffer.")
    .program(|a| {
        let map = hash_map(a, 8);
        a.load_map(R1, map);
        a.mov(R2, 8);
        a.mov(R3, 0);
        a.call(Helper::RingbufReserve);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 4, "cannot pass map_type 1 into func bpf_ringbuf_reserve#131", 4))
    .twin(
        Twin::new("bpf_map_lookup_elem", |a| {
            let map = hash_map(a, 8);
            a.store(U32, R10 - 4, 0);
            a.load_map(R1, map);
            a.mov(R2, R10);
            a.add(R2, -4);
            a.call(Helper::MapLookupElem);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(7)),
    );
