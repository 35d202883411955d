//! A pointer is subtracted from a number.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "scalar-minus-pointer",
    place: 440,
    title: "a pointer is subtracted from a number",
    cases: &[POINTER_SUBTRACTED_FROM_SCALAR],
};

const POINTER_SUBTRACTED_FROM_SCALAR: Case = Case::new("pointer-subtracted-from-scalar", Xdp)
    .teaches(
        "A number minus an address is nothing that a program could use. The other way \
        round it is a pointer again, into the packet here. (A number may not be \
        subtracted from a pointer to the stack: add a negative one.)",
    )
    .program(|a| {
        packet(a);
        a.mov(R4, 8);
        a.sub(R4, R2);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 3, "R4 tried to subtract pointer from scalar", 4))
    .twin(
        Twin::new("the number is subtracted from the pointer", |a| {
            packet(a);
            a.mov(R4, 8);
            a.sub(R2, R4);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(6)),
    );
