//! The stack of a chain of calls.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "combined-stack",
    place: 350,
    title: "functions that call each other need too much stack together",
    cases: &[TWO_LARGE_FRAMES],
};

const TWO_LARGE_FRAMES: Case = Case::new("two-large-frames", Xdp)
    .teaches(
        "A call puts its frame below the caller's, and all frames of a chain together \
        may have 512 bytes. Each frame is rounded up, to 32 bytes at first and to 16 \
        in newer kernels: two of 264 make 576 or 544. Private stacks (6.13) change \
        that only for some tracing programs.",
    )
    .program(|a| {
        let callee = a.function("callee", Linkage::Static, &[]);
        a.store(U64, R10 - 264, 0);
        a.call_function(callee);
        a.exit();
        a.begin(callee);
        a.store(U64, R10 - 264, 0);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 2, "combined stack size of 2 calls is 544. Too large", 6))
    .except(&[(until(6, 1), Message("combined stack size of 2 calls is 576. Too large"))])
    .twin(
        Twin::new("two frames of 256 bytes", |a| {
            let callee = a.function("callee", Linkage::Static, &[]);
            a.store(U64, R10 - 256, 0);
            a.call_function(callee);
            a.exit();
            a.begin(callee);
            a.store(U64, R10 - 256, 0);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(6)),
    );
