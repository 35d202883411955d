//! A size that may be negative.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "negative-size",
    place: 520,
    title: "a size argument may be negative",
    cases: &[SIZE_MAYBE_NEGATIVE],
};

const SIZE_MAYBE_NEGATIVE: Case = Case::new("size-maybe-negative", Xdp)
    .teaches(
        "A signed comparison leaves negative numbers, which as a size would be huge. \
        The message proposes unsigned arithmetic or a mask.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 64, out);
        a.load(U64, R2, R0 + 0);
        a.goto_if(R2.sgt(63), out);
        a.mov(R1, R0);
        checksum(a);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 13, "R2 min value is negative, either use unsigned or 'var &= const'", 13))
    .twin(
        Twin::new("a mask", |a| {
            let out = a.label("out");
            found_value(a, 64, out);
            a.load(U64, R2, R0 + 0);
            a.and(R2, 60);
            a.mov(R1, R0);
            checksum(a);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(16)),
    );
