//! A bounded number on the stack.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "spilled-bounds",
    place: 970,
    title: "bounds of a number that went over the stack",
    cases: &[BOUND_KEPT_IN_SPILL],
};

const BOUND_KEPT_IN_SPILL: Case = Case::new("bound-kept-in-spill", Xdp)
    .teaches(
        "A number keeps its bounds when it is stored on the stack and loaded again in \
        the same width, at a multiple of its size. The slot remembers the register. \
        Any other store into those bytes makes them unknown.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U32, R1, R0 + 0);
        a.and(R1, 15);
        a.store(U32, R10 - 16, R1);
        a.load(U32, R2, R10 - 16);
        a.add(R0, R2);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(accept(15))
    .states(&[
        state(until(5, 10), 10, R2, "inv(id=0,umax_value=15,var_off=(0x0; 0xf))"),
        state(only(6, 1), 10, R2, "scalar(umax=15,var_off=(0x0; 0xf))"),
        state(
            since(6, 12),
            10,
            R2,
            "scalar(id=2,smin=smin32=0,smax=umax=smax32=umax32=15,var_off=(0x0; 0xf))",
        ),
    ])
    .twin(
        Twin::new("a byte of the slot overwritten", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U32, R1, R0 + 0);
            a.and(R1, 15);
            a.store(U32, R10 - 16, R1);
            a.store(U8, R10 - 15, 0);
            a.load(U32, R2, R10 - 16);
            a.add(R0, R2);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(reject(
            EACCES,
            13,
            "R0 unbounded memory access, make sure to bounds check any such access",
            13,
        )),
    );
