//! What != teaches at the edge of a range.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "not-equal-range",
    place: 200,
    title: "what != at the edge of a range teaches",
    cases: &[NOT_EQUAL_TO_MAXIMUM],
};

const NOT_EQUAL_TO_MAXIMUM: Case = Case::new("not-equal-to-maximum", Xdp)
    .teaches(
        "The index is 0 to 16, and 16 is excluded by name. Newer kernels shorten the \
        range at its edge (6.12 does); older ones learn nothing from != (6.1). `> \
        15` is understood by all.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U8, R1, R0 + 0);
        a.goto_if(R1.gt(16), out);
        a.goto_if(R1.eq(16), out);
        a.add(R0, R1);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(accept(18))
    .except(&[(
        until(6, 1),
        To(reject(EACCES, 11, "R0 max value is outside of the allowed memory range", 11)),
    )])
    .twin(
        Twin::new("15 is excluded instead, in the middle of the range", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U8, R1, R0 + 0);
            a.goto_if(R1.gt(16), out);
            a.goto_if(R1.eq(15), out);
            a.add(R0, R1);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(reject(EACCES, 11, "R0 max value is outside of the allowed memory range", 11)),
    );
