//! What the verifier knows of a remainder.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "division-range",
title: "the range of a remainder",
cases: &[Case::new("remainder-as-index", Xdp)
.teaches("`x % 16` is between 0 and 15, but kernels up to 6.19 do not follow division and \
remainder: the result is unbounded for them. The newer ones know the range. A mask \
does the same for powers of two, on every kernel.").program(|a| {
let out = a.label("out");
found_value(a, 16, out);
a.load(U64, R1, R0 + 0);
a.rem(R1, 16);
a.add(R0, R1);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("`% 17`", |a| {
let out = a.label("out");
found_value(a, 16, out);
a.load(U64, R1, R0 + 0);
a.rem(R1, 17);
a.add(R0, R1);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0))),
Case::new("quotient-as-index", Xdp)
.teaches("A byte divided by 16 is at most 15. As with the remainder, only newer kernels \
compute that. A shift to the right by four is understood by all.").program(|a| {
let out = a.label("out");
found_value(a, 16, out);
a.load(U8, R1, R0 + 0);
a.div(R1, 16);
a.add(R0, R1);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("divided by 15", |a| {
let out = a.label("out");
found_value(a, 16, out);
a.load(U8, R1, R0 + 0);
a.div(R1, 15);
a.add(R0, R1);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
