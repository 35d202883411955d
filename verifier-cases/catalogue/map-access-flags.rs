//! A map whose flags forbid the access.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "map-access-flags",
    place: 210,
    title: "the map's flags forbid the access",
    cases: &[WRITE_TO_READ_ONLY_MAP, READ_FROM_WRITE_ONLY_MAP, UPDATE_OF_READ_ONLY_MAP],
};

const WRITE_TO_READ_ONLY_MAP: Case = Case::new("write-to-read-only-map", Xdp)
    .teaches(
        "A map made with BPF_F_RDONLY_PROG may be read by programs and not written; \
        constants are kept like that. The store is refused, whatever the offset.",
    )
    .program(|a| {
        let out = a.label("out");
        let map = MapDef::new::<u32, u64>("m", MapType::Hash, 16).with_flags(BPF_F_RDONLY_PROG);
        found_in(a, map, out);
        a.store(U8, R0 + 0, 1);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 7, "write into map forbidden, value_size=8 off=0 size=1", 7))
    .twin(
        Twin::new("a load", |a| {
            let out = a.label("out");
            let map = MapDef::new::<u32, u64>("m", MapType::Hash, 16).with_flags(BPF_F_RDONLY_PROG);
            found_in(a, map, out);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(10)),
    );

const READ_FROM_WRITE_ONLY_MAP: Case = Case::new("read-from-write-only-map", Xdp)
    .teaches(
        "A map made with BPF_F_WRONLY_PROG is the opposite: programs put in, user \
        space takes out.",
    )
    .program(|a| {
        let out = a.label("out");
        let map = MapDef::new::<u32, u64>("m", MapType::Hash, 16).with_flags(BPF_F_WRONLY_PROG);
        found_in(a, map, out);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 7, "read from map forbidden, value_size=8 off=0 size=1", 7))
    .twin(
        Twin::new("a store", |a| {
            let out = a.label("out");
            let map = MapDef::new::<u32, u64>("m", MapType::Hash, 16).with_flags(BPF_F_WRONLY_PROG);
            found_in(a, map, out);
            a.store(U8, R0 + 0, 1);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(10)),
    );

const UPDATE_OF_READ_ONLY_MAP: Case = Case::new("update-of-read-only-map", Xdp)
    .teaches(
        "The flags hold for helpers too: bpf_map_update_elem on a map that programs \
        may only read is refused at the call.",
    )
    .program(|a| {
        let map = MapDef::new::<u32, u64>("m", MapType::Hash, 16).with_flags(BPF_F_RDONLY_PROG);
        let map = a.map(map);
        a.store(U32, R10 - 4, 0);
        a.store(U64, R10 - 16, 0);
        a.mov(R2, R10);
        a.add(R2, -4);
        a.mov(R3, R10);
        a.add(R3, -16);
        a.mov(R4, 0);
        a.load_map(R1, map);
        a.call(Helper::MapUpdateElem);
        a.exit();
    })
    .expect(reject(EACCES, 9, "write into map forbidden", 9))
    .twin(
        Twin::new("without the flag", |a| {
            let map = hash_map(a, 8);
            a.store(U32, R10 - 4, 0);
            a.store(U64, R10 - 16, 0);
            a.mov(R2, R10);
            a.add(R2, -4);
            a.mov(R3, R10);
            a.add(R3, -16);
            a.mov(R4, 0);
            a.load_map(R1, map);
            a.call(Helper::MapUpdateElem);
            a.exit();
        })
        .expect(accept(10)),
    );
