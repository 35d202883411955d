//! A pointer is subtracted from a number.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "scalar-minus-pointer",
title: "a pointer is subtracted from a number",
cases: &[Case::new("pointer-subtracted-from-scalar", Xdp)
.teaches("A number minus an address is nothing that a program could use. The other way round \
it is a pointer again.").program(|a| {
a.mov(R2, 8);
a.sub(R2, R10);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("the number is subtracted from the pointer", |a| {
a.mov(R2, R10);
a.mov(R3, 8);
a.sub(R2, R3);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
