//! An address is compared with a number.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "pointer-comparison",
    place: 910,
    title: "an address is compared with a number",
    cases: &[POINTER_COMPARED_WITHOUT_PERFMON, POINTER_COMPARED_AS_ROOT],
};

const POINTER_COMPARED_WITHOUT_PERFMON: Case = Case::new("pointer-compared-without-perfmon", Xdp)
    .teaches(
        "Comparing an address with numbers finds it out, bit by bit. Without \
        CAP_PERFMON only comparisons with NULL and between packet pointers are \
        allowed.",
    )
    .without_perfmon()
    .program(|a| {
        let out = a.label("out");
        a.mov(R0, 2);
        a.goto_if(R10.gt(5), out);
        a.mov(R0, 1);
        a.bind(out);
        a.exit();
    })
    .expect(reject(EACCES, 1, "R10 pointer comparison prohibited", 2))
    .twin(
        Twin::new("a number", |a| {
            let out = a.label("out");
            a.mov(R0, 2);
            a.goto_if(R0.gt(5), out);
            a.mov(R0, 1);
            a.bind(out);
            a.exit();
        })
        .expect(accept(5))
        .except(&[(since(7, 1), Processed(4))]),
    );

const POINTER_COMPARED_AS_ROOT: Case = Case::new("pointer-compared-as-root", Xdp)
    .teaches("With CAP_PERFMON both branches are walked.")
    .program(|a| {
        let out = a.label("out");
        a.mov(R0, 2);
        a.goto_if(R10.gt(5), out);
        a.mov(R0, 1);
        a.bind(out);
        a.exit();
    })
    .expect(accept(5))
    .twin(
        Twin::new("32 bits of it into a load", |a| {
            let out = a.label("out");
            a.mov(R0, 2);
            a.goto_if(R10.gt(5), out);
            a.load(U64, R0, R0 + 0);
            a.bind(out);
            a.exit();
        })
        .expect(reject(EACCES, 2, "R0 invalid mem access 'scalar'", 3))
        .except(&[(until(5, 10), Message("R0 invalid mem access 'inv'"))])
        .fault(&[(ALL, "null-dereference")]),
    );
