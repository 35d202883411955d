//! Division by the constant zero.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "division-by-zero",
    place: 650,
    title: "a division by the constant zero",
    cases: &[DIVISION_BY_CONSTANT_ZERO],
};

const DIVISION_BY_CONSTANT_ZERO: Case = Case::new("division-by-constant-zero", Xdp)
    .teaches(
        "A constant zero as divisor is refused. A register that holds zero is not: \
        the result is defined, 0 for a division, the dividend for a remainder.",
    )
    .program(|a| {
        a.mov(R0, 2);
        a.div(R0, 0);
        a.exit();
    })
    .expect(reject(EINVAL, 1, "div by zero", 2))
    .twin(
        Twin::new("a register that holds zero", |a| {
            a.mov(R0, 2);
            a.mov(R1, 0);
            a.div(R0, R1);
            a.exit();
        })
        .expect(accept(4)),
    );
