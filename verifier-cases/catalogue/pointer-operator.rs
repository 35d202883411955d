//! Operators that make no sense on pointers.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "pointer-operator",
    place: 420,
    title: "an operator that makes no sense on pointers",
    cases: &[POINTER_MULTIPLIED, POINTER_MASKED, POINTER_32_BIT_ADDITION],
};

const POINTER_MULTIPLIED: Case = Case::new("pointer-multiplied", Xdp)
    .teaches(
        "Additions and subtractions move a pointer; other operators would make it \
        something else. The message names the operator.",
    )
    .program(|a| {
        a.mov(R2, R10);
        a.mul(R2, 2);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 1, "R2 pointer arithmetic with *= operator prohibited", 2))
    .twin(
        Twin::new("an addition", |a| {
            a.mov(R2, R10);
            a.add(R2, 2);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(4)),
    );

const POINTER_MASKED: Case = Case::new("pointer-masked", Xdp)
    .teaches(
        "Aligning a pointer with a mask is a common idea in C, and refused here: & on \
        a pointer is no pointer. Align the offset before it is added.",
    )
    .program(|a| {
        a.mov(R2, R10);
        a.and(R2, -8);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 1, "R2 bitwise operator &= on pointer prohibited", 2))
    .twin(
        Twin::new("an addition", |a| {
            a.mov(R2, R10);
            a.add(R2, -8);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(4)),
    );

const POINTER_32_BIT_ADDITION: Case = Case::new("pointer-32-bit-addition", Xdp)
    .teaches("32-bit arithmetic cuts off the upper half, which is most of an address.")
    .program(|a| {
        a.mov(R2, R10);
        a.add32(R2, -8);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 1, "R2 32-bit pointer arithmetic prohibited", 2))
    .twin(
        Twin::new("64 bits", |a| {
            a.mov(R2, R10);
            a.add(R2, -8);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(4)),
    );
