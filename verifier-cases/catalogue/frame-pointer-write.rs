//! The frame pointer is read-only.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "frame-pointer-write",
    place: 470,
    title: "the frame pointer is written",
    cases: &[FRAME_POINTER_MOVED],
};

const FRAME_POINTER_MOVED: Case = Case::new("frame-pointer-moved", Xdp)
    .teaches("r10 holds the frame for the whole function. Programs move a copy of it.")
    .program(|a| {
        a.add(R10, -8);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 0, "frame pointer is read only", 1))
    .twin(
        Twin::new("a copy", |a| {
            a.mov(R2, R10);
            a.add(R2, -8);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(4)),
    );
