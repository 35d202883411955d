//! Something that is no pointer is dereferenced.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "null-dereference",
    place: 90,
    title: "a number, or a pointer known to be NULL, is dereferenced",
    cases: &[LOAD_ON_NULL_PATH, LOAD_THROUGH_NUMBER, POINTER_THROUGH_MAP_IS_NUMBER, LOOKUP_CHECK_INVERTED],
};

const LOAD_ON_NULL_PATH: Case = Case::new("load-on-null-path", Xdp)
    .teaches(
        "After `if r0 != 0` the fall-through is the path on which the pointer is \
        NULL: there it is the number 0. A load through a number is an access to \
        'scalar' memory ('inv' until 5.17).",
    )
    .program(|a| {
        let found = a.label("found");
        lookup(a, 8);
        a.goto_if(R0.ne(0), found);
        a.load(U64, R0, R0 + 0);
        a.bind(found);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 7, "R0 invalid mem access 'scalar'", 7))
    .except(&[(until(5, 10), Message("R0 invalid mem access 'inv'"))])
    .twin(
        Twin::new("the load is after the jump's target", |a| {
            let found = a.label("found");
            let out = a.label("out");
            lookup(a, 8);
            a.goto_if(R0.ne(0), found);
            a.goto(out);
            a.bind(found);
            a.load(U64, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(11)),
    );

const LOAD_THROUGH_NUMBER: Case = Case::new("load-through-number", Xdp)
    .teaches(
        "A constant is a number, whatever address it looks like. Programs reach \
        kernel memory through pointers that the verifier gave them, or through \
        helpers that read it safely.",
    )
    .program(|a| {
        a.load_imm64(R1, 0xffff_8880_0000_0000);
        a.load(U64, R0, R1 + 0);
        a.exit();
    })
    .expect(reject(EACCES, 2, "R1 invalid mem access 'scalar'", 2))
    .except(&[(until(5, 10), Message("R1 invalid mem access 'inv'"))])
    .twin(
        Twin::new("the address is the context's", |a| {
            a.load(U32, R0, R1 + 0);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );

const POINTER_THROUGH_MAP_IS_NUMBER: Case = Case::new("pointer-through-map-is-number", Xdp)
    .teaches(
        "What comes out of a map value is a number, even if it was a pointer when it \
        was stored. The next lookup has to start from the map again. (Kernels since \
        5.18 can keep typed pointers in maps, with BTF that says so.)",
    )
    .program(|a| {
        let out = a.label("out");
        lookup(a, 8);
        a.goto_if(R0.eq(0), out);
        a.load(U64, R1, R0 + 0);
        a.load(U64, R0, R1 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 8, "R1 invalid mem access 'scalar'", 8))
    .except(&[(until(5, 10), Message("R1 invalid mem access 'inv'"))])
    .twin(
        Twin::new("the value is only read", |a| {
            let out = a.label("out");
            lookup(a, 8);
            a.goto_if(R0.eq(0), out);
            a.load(U64, R1, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(10)),
    );

const LOOKUP_CHECK_INVERTED: Case = Case::new("lookup-check-inverted", Xdp)
    .teaches(
        "The check is there, but the load stands on the wrong side of it. On the path \
        where the pointer is NULL the verifier knows it as the number 0 (see \
        null-dereference); on the other the value may be used. The log tells which \
        path is walked by its `from A to B`.",
    )
    .program(|a| {
        let use_it = a.label("use_it");
        lookup(a, 8);
        a.goto_if(R0.eq(0), use_it);
        a.mov(R0, 0);
        a.exit();
        a.bind(use_it);
        a.load(U64, R0, R0 + 0);
        a.exit();
    })
    .expect(reject(EACCES, 9, "R0 invalid mem access 'scalar'", 9))
    .except(&[(until(5, 10), Message("R0 invalid mem access 'inv'"))])
    .twin(
        Twin::new("the jump is taken when it is not NULL", |a| {
            let use_it = a.label("use_it");
            lookup(a, 8);
            a.goto_if(R0.ne(0), use_it);
            a.mov(R0, 0);
            a.exit();
            a.bind(use_it);
            a.load(U64, R0, R0 + 0);
            a.exit();
        })
        .expect(accept(10)),
    );
