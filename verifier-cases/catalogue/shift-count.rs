//! A shift by too many bits.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "shift-count",
    place: 660,
    title: "a shift by a constant that is too large",
    cases: &[SHIFT_BY_64, SHIFT_BY_UNKNOWN_REGISTER],
};

const SHIFT_BY_64: Case = Case::new("shift-by-64", Xdp)
    .teaches(
        "A constant shift must be below the width. A shift by a register is accepted \
        whatever it holds: the machine uses its lower six bits, and the verifier \
        takes the result as unknown.",
    )
    .program(|a| {
        a.mov(R0, 1);
        a.lsh(R0, 64);
        a.exit();
    })
    .expect(reject(EINVAL, 1, "invalid shift 64", 2))
    .twin(
        Twin::new("63", |a| {
            a.mov(R0, 1);
            a.lsh(R0, 63);
            a.exit();
        })
        .expect(accept(3)),
    );

const SHIFT_BY_UNKNOWN_REGISTER: Case = Case::new("shift-by-unknown-register", Xdp)
    .teaches(
        "Accepted, with a result that nothing is known of. As an index it is \
        worthless.",
    )
    .program(|a| {
        a.load(U32, R2, R1 + 16);
        a.mov(R0, 1);
        a.lsh(R0, R2);
        a.exit();
    })
    .expect(accept(4))
    .twin(
        Twin::new("the result is used as an offset", |a| {
            a.load(U32, R2, R1 + 16);
            a.mov(R0, 1);
            a.lsh(R0, R2);
            a.add(R10, R0);
            a.exit();
        })
        .expect(reject(EACCES, 3, "frame pointer is read only", 4))
        .fault(&[(ALL, "frame-pointer-write")]),
    );
