//! The stack wants aligned accesses.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "stack-alignment",
    place: 320,
    title: "an access to the stack that is not aligned",
    cases: &[STACK_MISALIGNED],
};

const STACK_MISALIGNED: Case = Case::new("stack-misaligned", Xdp)
    .teaches(
        "The verifier keeps track of the stack in slots of eight bytes, and wants \
        every access aligned to its size, even on machines that would not mind. \
        Eight bytes at fp-12 are refused.",
    )
    .program(|a| {
        a.store(U64, R10 - 12, 0);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 0, "misaligned stack access off 0+0+-12 size 8", 1))
    .except(&[
        (until(6, 1), Message("misaligned stack access off (0x0; 0x0)+0+-12 size 8")),
        (since(7, 1), Message("misaligned stack access off 0+-12 size 8")),
    ])
    .twin(
        Twin::new("fp-16", |a| {
            a.store(U64, R10 - 16, 0);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );
