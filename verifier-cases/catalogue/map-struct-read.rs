//! Fields of a map's own struct.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "map-struct-read",
    place: 930,
    title: "fields of a map's own struct are read",
    cases: &[MAP_STRUCT_READ_WITHOUT_PERFMON],
};

const MAP_STRUCT_READ_WITHOUT_PERFMON: Case = Case::new("map-struct-read-without-perfmon", Xdp)
    .teaches(
        "Reading the kernel's struct of a map needs CAP_PERFMON. The value behind a \
        key does not.",
    )
    .without_perfmon()
    .program(|a| {
        let map = hash_map(a, 8);
        a.load_map(R1, map);
        a.load(U32, R0, R1 + 0);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EPERM, 2, "'struct bpf_htab' access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN", 2))
    .except(&[(until(6, 1), Message("bpf_htab access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN"))])
    .twin(
        Twin::new("not read", |a| {
            let map = hash_map(a, 8);
            a.load_map(R1, map);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );
