//! What a global function is called with.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "global-function-argument",
    place: 1100,
    title: "an argument is not what the global function's type says",
    cases: &[POINTER_FOR_A_NUMBER],
};

/// The program, which calls `next` with `r1`.
#[track_caller]
fn counted_on(a: &mut Asm) {
    let next = a.function("next", Linkage::Global, &["number"]);
    a.call_function(next);
    a.mov(R0, 2);
    a.exit();
    a.begin(next);
    a.mov(R0, R1);
    a.add(R0, 1);
    a.exit();
}

const POINTER_FOR_A_NUMBER: Case = Case::new("pointer-for-a-number", Xdp)
    .unmodelled()
    .with_btf()
    .teaches(
        "A global function is verified once, by itself, for whatever its type allows: \
        here any number. A caller that gives it a pointer breaks what that was based \
        on. Static functions are walked anew at each call.",
    )
    .program(counted_on)
    .expect(reject(EINVAL, 0, "Caller passes invalid args into func#1 ('next')", 1))
    .except(&[(until(6, 1), To(reject(EINVAL, 0, "Caller passes invalid args into func#1", 4)))])
    .twin(
        Twin::new("a number", |a| {
            a.mov(R1, 84);
            counted_on(a);
        })
        .expect(accept(7)),
    );
