//! Two pointers are added.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "pointer-plus-pointer",
title: "two pointers are added",
cases: &[Case::new("pointer-added-to-pointer", Xdp)
.teaches("A sum of two addresses is no address. As root a difference of two pointers is \
allowed: it is a number.").program(|a| {
a.mov(R2, R10);
a.add(R2, R10);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("a difference", |a| {
a.mov(R2, R10);
a.sub(R2, R10);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
