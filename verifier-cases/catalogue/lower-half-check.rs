//! Only the lower half is checked.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "lower-half-check",
    place: 960,
    title: "only the lower half of an index is checked",
    cases: &[INDEX_CHECKED_IN_LOWER_HALF],
};

const INDEX_CHECKED_IN_LOWER_HALF: Case = Case::new("index-checked-in-lower-half", Xdp)
    .teaches(
        "The comparison is of 32 bits, the addition of 64: the upper half is unknown. \
        Kernels cannot accept that; a 32-bit move (w1 = w1) clears the upper half \
        first.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U64, R1, R0 + 0);
        a.goto_if(R1.w().gt(15), out);
        a.add(R0, R1);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(
        EINVAL,
        9,
        "math between map_value pointer and register with unbounded min value is not \
        allowed",
        9,
    ))
    .states(&[state(until(5, 10), 7, R1, "inv(id=0)"), state(since(6, 1), 7, R1, "scalar()")])
    .twin(
        Twin::new("`w1 = w1` in front", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U64, R1, R0 + 0);
            a.mov32(R1, R1);
            a.goto_if(R1.w().gt(15), out);
            a.add(R0, R1);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(17)),
    );
