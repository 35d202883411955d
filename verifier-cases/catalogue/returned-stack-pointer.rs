//! A pointer to a frame that is gone.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "returned-stack-pointer",
    place: 380,
    title: "a function returns a pointer to its own stack",
    cases: &[STACK_POINTER_RETURNED],
};

const STACK_POINTER_RETURNED: Case = Case::new("stack-pointer-returned", Xdp)
    .teaches(
        "A function's frame ends with it, and a pointer into it would lead to \
        whatever comes next. Let the caller pass a pointer to its own stack.",
    )
    .program(|a| {
        let callee = a.function("callee", Linkage::Static, &[]);
        a.call_function(callee);
        a.mov(R0, 2);
        a.exit();
        a.begin(callee);
        a.mov(R0, R10);
        a.exit();
    })
    .expect(reject(EINVAL, 4, "cannot return stack pointer to the caller", 3))
    .twin(
        Twin::new("the caller's pointer comes back", |a| {
            let callee = a.function("callee", Linkage::Static, &[]);
            a.mov(R1, R10);
            a.call_function(callee);
            a.mov(R0, 2);
            a.exit();
            a.begin(callee);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(6)),
    );
