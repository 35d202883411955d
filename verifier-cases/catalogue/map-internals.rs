//! The kernel's struct behind a map.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "map-internals",
    place: 580,
    title: "the kernel's struct of a map is written",
    cases: &[MAP_STRUCT_WRITTEN],
};

const MAP_STRUCT_WRITTEN: Case = Case::new("map-struct-written", Xdp)
    .teaches(
        "Since 5.9 programs may read some fields of a map's own struct through its \
        address. They may never write it.",
    )
    .program(|a| {
        let map = hash_map(a, 8);
        a.load_map(R1, map);
        a.store(U32, R1 + 0, 0);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 2, "only read from bpf_htab is supported", 2))
    .twin(
        Twin::new("a value is written", |a| {
            let out = a.label("out");
            found_value(a, 8, out);
            a.store(U32, R0 + 0, 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(10)),
    );
