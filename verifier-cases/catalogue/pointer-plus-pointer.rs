//! Two pointers are added.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "pointer-plus-pointer",
    place: 430,
    title: "two pointers are added",
    cases: &[POINTER_ADDED_TO_POINTER],
};

const POINTER_ADDED_TO_POINTER: Case = Case::new("pointer-added-to-pointer", Xdp)
    .teaches(
        "A sum of two addresses is no address. As root a difference of two pointers \
        is allowed: it is a number.",
    )
    .program(|a| {
        a.mov(R2, R10);
        a.add(R2, R10);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 1, "R2 pointer += pointer prohibited", 2))
    .twin(
        Twin::new("a difference", |a| {
            a.mov(R2, R10);
            a.sub(R2, R10);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(4)),
    );
