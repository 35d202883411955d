//! What == with another register teaches.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "equality-range",
    place: 190,
    title: "what a comparison for equality with a variable teaches",
    cases: &[EQUAL_TO_BOUNDED_REGISTER],
};

const EQUAL_TO_BOUNDED_REGISTER: Case = Case::new("equal-to-bounded-register", Xdp)
    .teaches(
        "Where two registers are equal, each has what is known of both. r2 is masked \
        to 0 to 15, and after `==` so is r1, although it came unbounded from the \
        map. All kernels of the catalogue carry the known bits over.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U64, R1, R0 + 0);
        a.load(U8, R2, R0 + 8);
        a.and(R2, 15);
        a.goto_if(R1.ne(R2), out);
        a.add(R0, R1);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(accept(18))
    .states(&[
        state(until(5, 10), 10, R1, "inv(id=0,umax_value=15,var_off=(0x0; 0xf))"),
        state(only(6, 1), 10, R1, "scalar(umax=15,var_off=(0x0; 0xf))"),
        state(since(6, 12), 10, R1, "scalar(smin=smin32=0,smax=umax=smax32=umax32=15,var_off=(0x0; 0xf))"),
    ])
    .twin(
        Twin::new("a mask of 31", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U64, R1, R0 + 0);
            a.load(U8, R2, R0 + 8);
            a.and(R2, 31);
            a.goto_if(R1.ne(R2), out);
            a.add(R0, R1);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(reject(EACCES, 12, "R0 max value is outside of the allowed memory range", 12)),
    );
