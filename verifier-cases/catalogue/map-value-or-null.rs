//! The result of a lookup may be NULL.

use knockwright_programs::article;

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "map-value-or-null",
    place: 60,
    title: "a pointer that may be NULL is used as if it were not",
    cases: &[ARTICLE_NULL, LOOKUP_LOAD_UNCHECKED, LOOKUP_STORE_UNCHECKED, LOOKUP_CHECKED_AGAINST_ONE],
};

const ARTICLE_NULL: Case = Case::new("article-null", Xdp)
    .teaches(
        "The first fault of the article: bpf_map_lookup_elem gives NULL for a key \
        without an entry, and the verifier calls its result map_value_or_null until \
        it is compared with 0. The program loads the state's first byte at once, at \
        instruction 72. One instruction in between repairs it.",
    )
    .whole_program(article::null)
    .expect(reject(EACCES, 72, "R0 invalid mem access 'map_value_or_null'", 70))
    .states(&[
        state(until(6, 1), 71, R0, "map_value_or_null(id=4,off=0,ks=4,vs=24,imm=0)"),
        state(since(6, 12), 71, R0, "map_value_or_null(id=2,map=ip_tracking_map,ks=4,vs=24)"),
    ])
    .twin(
        Twin::whole_program("`if r0 == 0x0 goto out` after the lookup", article::null_fixed)
            .expect(accept(188)),
    );

const LOOKUP_LOAD_UNCHECKED: Case = Case::new("lookup-load-unchecked", Xdp)
    .teaches(
        "A lookup in a hash map can always miss, so its result is map_value_or_null. \
        A load through it is refused until a comparison with 0 has split the paths: \
        on one it is NULL, on the other a map value. The comparison must be with 0, \
        on the register or on a copy of it.",
    )
    .program(|a| {
        lookup(a, 8);
        a.load(U64, R0, R0 + 0);
        a.exit();
    })
    .expect(reject(EACCES, 6, "R0 invalid mem access 'map_value_or_null'", 6))
    .states(&[
        state(until(6, 1), 5, R0, "map_value_or_null(id=1,off=0,ks=4,vs=8,imm=0)"),
        state(since(6, 12), 5, R0, "map_value_or_null(id=1,map=m,ks=4,vs=8)"),
    ])
    .twin(
        Twin::new("a NULL check", |a| {
            let out = a.label("out");
            lookup(a, 8);
            a.goto_if(R0.eq(0), out);
            a.load(U64, R0, R0 + 0);
            a.bind(out);
            a.exit();
        })
        .expect(accept(9))
        .states(&[
            state(until(6, 1), 5, R0, "map_value_or_null(id=1,off=0,ks=4,vs=8,imm=0)"),
            state(since(6, 12), 5, R0, "map_value_or_null(id=1,map=m,ks=4,vs=8)"),
        ]),
    );

const LOOKUP_STORE_UNCHECKED: Case = Case::new("lookup-store-unchecked", Xdp)
    .teaches(
        "A store through a pointer that may be NULL is refused with the same words as \
        a load. Atomic additions, the usual way to count, are no exception.",
    )
    .program(|a| {
        lookup(a, 8);
        a.mov(R1, 1);
        a.atomic_add(AtomicSize::U64, R0 + 0, R1);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 7, "R0 invalid mem access 'map_value_or_null'", 7))
    .twin(
        Twin::new("a NULL check", |a| {
            let out = a.label("out");
            lookup(a, 8);
            a.mov(R1, 1);
            a.goto_if(R0.eq(0), out);
            a.atomic_add(AtomicSize::U64, R0 + 0, R1);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(11)),
    );

const LOOKUP_CHECKED_AGAINST_ONE: Case = Case::new("lookup-checked-against-one", Xdp)
    .teaches(
        "A comparison with another constant proves nothing about NULL, even if no \
        kernel address can be below it. Only == 0 and != 0 turn map_value_or_null \
        into a map value.",
    )
    .program(|a| {
        let out = a.label("out");
        lookup(a, 8);
        a.goto_if(R0.lt(1), out);
        a.load(U64, R0, R0 + 0);
        a.bind(out);
        a.exit();
    })
    .expect(reject(EACCES, 7, "R0 invalid mem access 'map_value_or_null'", 7))
    .twin(
        Twin::new("the comparison is with 0", |a| {
            let out = a.label("out");
            lookup(a, 8);
            a.goto_if(R0.eq(0), out);
            a.load(U64, R0, R0 + 0);
            a.bind(out);
            a.exit();
        })
        .expect(accept(9)),
    );
