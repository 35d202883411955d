//! What == with another register teaches.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "equality-range",
title: "what a comparison for equality with a variable teaches",
cases: &[Case::new("equal-to-bounded-register", Xdp)
.teaches("Where two registers are equal, each has the bounds of both. Kernels since 6.8 take \
over the bounds of a register that is not a constant; before, only constants taught \
something. Compare with a constant where older kernels matter.").program(|a| {
let out = a.label("out");
found_value(a, 16, out);
a.load(U64, R1, R0 + 0);
a.load(U8, R2, R0 + 8);
a.and(R2, 15);
a.goto_if(R1.ne(R2), out);
a.add(R0, R1);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("a mask of 31", |a| {
let out = a.label("out");
found_value(a, 16, out);
a.load(U64, R1, R0 + 0);
a.load(U8, R2, R0 + 8);
a.and(R2, 31);
a.goto_if(R1.ne(R2), out);
a.add(R0, R1);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
