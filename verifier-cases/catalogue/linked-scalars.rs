//! Registers that differ by a constant.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "linked-scalars",
    place: 170,
    title: "what is learnt of a register holds for another that differs by a constant",
    cases: &[BOUND_THROUGH_ADDITION],
};

const BOUND_THROUGH_ADDITION: Case = Case::new("bound-through-addition", Xdp)
    .teaches(
        "r2 is r1 plus one, and r1 is compared after that. Kernels since 6.12 \
        remember the constant between them and bound r2 as well; older ones only \
        remember equal registers. Compare the register that is used.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U8, R1, R0 + 0);
        a.mov(R2, R1);
        a.add(R2, 1);
        a.goto_if(R1.gt(14), out);
        a.add(R0, R2);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(accept(18))
    .except(&[(
        until(6, 1),
        To(reject(EACCES, 12, "R0 max value is outside of the allowed memory range", 12)),
    )])
    .states(&[
        state(until(5, 10), 9, R2, "inv(id=0,umin_value=1,umax_value=256,var_off=(0x0; 0x1ff))"),
        state(only(6, 1), 9, R2, "scalar(umin=1,umax=256,var_off=(0x0; 0x1ff))"),
        state(
            since(6, 12),
            9,
            R2,
            "scalar(id=2+1,smin=umin=smin32=umin32=1,smax=umax=smax32=umax32=256,\
        var_off=(0x0; 0x1ff))",
        ),
    ])
    .twin(
        Twin::new("one more than the value has", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U8, R1, R0 + 0);
            a.mov(R2, R1);
            a.add(R2, 1);
            a.goto_if(R1.gt(15), out);
            a.add(R0, R2);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(reject(EACCES, 12, "R0 max value is outside of the allowed memory range", 12)),
    );
