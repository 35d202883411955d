//! An offset beyond 2^29.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "pointer-far-offset",
    place: 450,
    title: "a constant offset is too large for any pointer",
    cases: &[POINTER_OFFSET_HUGE],
};

const POINTER_OFFSET_HUGE: Case = Case::new("pointer-offset-huge", Xdp)
    .teaches(
        "No pointer may move by 2^29 or more, in one step or several, so that sums of \
        offsets never overflow. The message shows the constant.",
    )
    .program(|a| {
        a.mov(R2, R10);
        a.add(R2, -0x2000_0000);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 1, "math between fp pointer and -536870912 is not allowed", 2))
    .twin(
        Twin::new("one less", |a| {
            a.mov(R2, R10);
            a.add(R2, -0x1fff_ffff);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(4)),
    );
