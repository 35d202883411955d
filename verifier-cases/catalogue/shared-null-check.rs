//! One NULL check for all copies.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "shared-null-check",
    place: 120,
    title: "one NULL check serves all copies of a pointer",
    cases: &[COPY_IN_REGISTER_CHECKED, COPY_ON_STACK_CHECKED],
};

const COPY_IN_REGISTER_CHECKED: Case = Case::new("copy-in-register-checked", Xdp)
    .teaches(
        "Copies of a pointer that may be NULL have the same id, and a check of one of \
        them settles all. So the pointer may be kept in r6 and the result in r0 be \
        compared. The twin looks up twice, which gives two ids.",
    )
    .program(|a| {
        let out = a.label("out");
        lookup(a, 8);
        a.mov(R6, R0);
        a.goto_if(R0.eq(0), out);
        a.load(U64, R0, R6 + 0);
        a.bind(out);
        a.exit();
    })
    .expect(accept(10))
    .twin(
        Twin::new("r6 is from another lookup", |a| {
            let out = a.label("out");
            let map = lookup(a, 8);
            a.mov(R6, R0);
            a.mov(R2, R10);
            a.add(R2, -4);
            a.load_map(R1, map);
            a.call(Helper::MapLookupElem);
            a.goto_if(R0.eq(0), out);
            a.load(U64, R0, R6 + 0);
            a.bind(out);
            a.exit();
        })
        .expect(reject(EACCES, 13, "R6 invalid mem access 'map_value_or_null'", 12))
        .fault(&[(ALL, "map-value-or-null")]),
    );

const COPY_ON_STACK_CHECKED: Case = Case::new("copy-on-stack-checked", Xdp)
    .teaches(
        "A copy spilled to the stack before the check takes part in it too. Filled \
        back after the check, it is a map value. The spill must be a full eight \
        bytes at a multiple of eight.",
    )
    .program(|a| {
        let out = a.label("out");
        lookup(a, 8);
        a.store(U64, R10 - 16, R0);
        a.goto_if(R0.eq(0), out);
        a.load(U64, R6, R10 - 16);
        a.load(U64, R0, R6 + 0);
        a.bind(out);
        a.exit();
    })
    .expect(accept(11))
    .twin(
        Twin::new(
            "the spill is filled before the check, into a register that the check does \
        not cover",
            |a| {
                let out = a.label("out");
                lookup(a, 8);
                a.store(U64, R10 - 16, R0);
                a.load(U64, R6, R10 - 16);
                a.load(U64, R0, R6 + 0);
                a.goto_if(R0.eq(0), out);
                a.bind(out);
                a.exit();
            },
        )
        .expect(reject(EACCES, 8, "R6 invalid mem access 'map_value_or_null'", 8))
        .fault(&[(ALL, "map-value-or-null")]),
    );
