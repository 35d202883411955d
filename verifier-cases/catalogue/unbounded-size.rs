//! A size without an upper bound.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "unbounded-size",
    place: 540,
    title: "a size argument has no upper bound",
    cases: &[SIZE_UNBOUNDED, SIZE_ONE_TOO_LARGE],
};

const SIZE_UNBOUNDED: Case = Case::new("size-unbounded", Xdp)
    .teaches(
        "A size from a map can be anything; the memory cannot. Bound it by a mask or \
        a comparison with a constant, as the message says.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 64, out);
        a.load(U32, R2, R0 + 0);
        a.mov(R1, R0);
        checksum(a);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 12, "R2 unbounded memory access, use 'var &= const' or 'if (var < const)'", 12))
    .twin(
        Twin::new("a mask", |a| {
            let out = a.label("out");
            found_value(a, 64, out);
            a.load(U32, R2, R0 + 0);
            a.and(R2, 60);
            a.mov(R1, R0);
            checksum(a);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(16)),
    );

const SIZE_ONE_TOO_LARGE: Case = Case::new("size-one-too-large", Xdp)
    .teaches(
        "With a bound, the largest size counts against the value's 64 bytes: 65 is \
        one too many.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 64, out);
        a.load(U32, R2, R0 + 0);
        a.goto_if(R2.gt(65), out);
        a.mov(R1, R0);
        checksum(a);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 13, "R1 min value is outside of the allowed memory range", 13))
    .twin(
        Twin::new("64", |a| {
            let out = a.label("out");
            found_value(a, 64, out);
            a.load(U32, R2, R0 + 0);
            a.goto_if(R2.gt(64), out);
            a.mov(R1, R0);
            checksum(a);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(18)),
    );
