//! Signed and unsigned bounds.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "signed-bounds",
    place: 950,
    title: "what signed and unsigned comparisons teach of each other",
    cases: &[SIGNED_RANGE_FROM_BOTH_SIDES],
};

const SIGNED_RANGE_FROM_BOTH_SIDES: Case = Case::new("signed-range-from-both-sides", Xdp)
    .teaches(
        "Two signed comparisons bound the index from both sides, which is an unsigned \
        bound as well: 0 to 15. The verifier carries bounds over from signed to \
        unsigned where the sign is known.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U64, R1, R0 + 0);
        a.goto_if(R1.slt(0), out);
        a.goto_if(R1.sgt(15), out);
        a.add(R0, R1);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(accept(18))
    .states(&[
        state(until(5, 10), 9, R1, "inv(id=0,umax_value=15,var_off=(0x0; 0xf))"),
        state(only(6, 1), 9, R1, "scalar(umax=15,var_off=(0x0; 0xf))"),
        state(since(6, 12), 9, R1, "scalar(smin=smin32=0,smax=umax=smax32=umax32=15,var_off=(0x0; 0xf))"),
    ])
    .twin(
        Twin::new("from -1 on", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U64, R1, R0 + 0);
            a.goto_if(R1.slt(-1), out);
            a.goto_if(R1.sgt(15), out);
            a.add(R0, R1);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(reject(
            EACCES,
            11,
            "R0 min value is negative, either use unsigned index or do a if (index >=0) \
        check.",
            11,
        )),
    );
