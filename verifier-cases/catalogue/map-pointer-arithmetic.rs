//! Arithmetic on a map's address.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "map-pointer-arithmetic",
    place: 460,
    title: "arithmetic on the address of a map",
    cases: &[MAP_POINTER_MOVED],
};

const MAP_POINTER_MOVED: Case = Case::new("map-pointer-moved", Xdp)
    .teaches(
        "The address of a map (map_ptr) is for helpers: it points to the kernel's \
        struct, not to the values. Values come from lookups.",
    )
    .program(|a| {
        let map = hash_map(a, 8);
        a.load_map(R1, map);
        a.add(R1, 8);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 2, "R1 pointer arithmetic on map_ptr prohibited", 2))
    .twin(
        Twin::new("no arithmetic", |a| {
            let map = hash_map(a, 8);
            a.load_map(R1, map);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );
