//! Too many calls inside each other.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "call-depth",
    place: 360,
    title: "too many calls inside each other",
    cases: &[NINE_FRAMES, SEVENTEEN_FRAMES],
};

const NINE_FRAMES: Case = Case::new("nine-frames", Xdp)
    .teaches(
        "Eight frames are the limit up to 7.1, the entry's included. A chain of eight \
        calls makes nine. From 7.2 on that is accepted, and the limit is sixteen.",
    )
    .program(|a| {
        call_chain(a, 8);
    })
    .expect(reject(E2BIG, 14, "the call stack of 9 frames is too deep", 8))
    .except(&[(since(7, 2), To(accept(18)))])
    .twin(
        Twin::new("seven calls", |a| {
            call_chain(a, 7);
        })
        .expect(accept(16)),
    );

const SEVENTEEN_FRAMES: Case = Case::new("seventeen-frames", Xdp)
    .teaches(
        "Sixteen calls inside each other make seventeen frames, which no kernel \
        accepts. Helper calls do not count. Inline what can be inlined, or loop.",
    )
    .program(|a| {
        call_chain(a, 16);
    })
    .expect(reject(E2BIG, 14, "the call stack of 9 frames is too deep", 8))
    .except(&[(since(7, 2), To(reject(E2BIG, 30, "the call stack of 17 frames is too deep", 16)))])
    .twin(
        Twin::new("seven calls", |a| {
            call_chain(a, 7);
        })
        .expect(accept(16)),
    );
