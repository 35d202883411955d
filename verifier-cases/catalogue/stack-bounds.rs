//! Beyond the 512 bytes of the stack.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "stack-bounds",
    place: 310,
    title: "an access beyond the 512 bytes of the stack",
    cases: &[STACK_TOO_DEEP, STACK_ABOVE_FRAME],
};

const STACK_TOO_DEEP: Case = Case::new("stack-too-deep", Xdp)
    .teaches(
        "A frame has 512 bytes, fp-512 to fp-1. A store at fp-520 is below it. Large \
        buffers belong into a map value.",
    )
    .program(|a| {
        a.store(U64, R10 - 520, 0);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 0, "invalid write to stack R10 off=-520 size=8", 1))
    .twin(
        Twin::new("fp-512", |a| {
            a.store(U64, R10 - 512, 0);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );

const STACK_ABOVE_FRAME: Case = Case::new("stack-above-frame", Xdp)
    .teaches(
        "The stack grows downwards from the frame pointer: offsets are negative. fp+0 \
        is already outside.",
    )
    .program(|a| {
        a.store(U64, R10 + 0, 0);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 0, "invalid write to stack R10 off=0 size=8", 1))
    .twin(
        Twin::new("fp-8", |a| {
            a.store(U64, R10 - 8, 0);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );
