//! An index that may be negative.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "map-value-negative-index",
title: "the index may be negative",
cases: &[Case::new("index-signed-check", Xdp)
.teaches("A signed comparison bounds the index above and leaves all negative numbers. At the \
access the smallest value counts too, and it lies far in front of the value. An \
unsigned comparison excludes both.").program(|a| {
let out = a.label("out");
found_value(a, 16, out);
a.load(U32, R1, R0 + 0);
a.lsh(R1, 32);
a.arsh(R1, 32);
a.goto_if(R1.sgt(15), out);
a.add(R0, R1);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("an unsigned comparison", |a| {
let out = a.label("out");
found_value(a, 16, out);
a.load(U32, R1, R0 + 0);
a.lsh(R1, 32);
a.arsh(R1, 32);
a.goto_if(R1.gt(15), out);
a.add(R0, R1);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0))),
Case::new("index-small-negative", Xdp)
.teaches("Subtracting one from an index of 0 to 15 leaves -1 to 14. The message advises an \
unsigned index or a comparison with 0; the comparison must come after the \
subtraction.").program(|a| {
let out = a.label("out");
found_value(a, 16, out);
a.load(U8, R1, R0 + 0);
a.and(R1, 15);
a.sub(R1, 1);
a.add(R0, R1);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("`if r1 s< 0` in between", |a| {
let out = a.label("out");
found_value(a, 16, out);
a.load(U8, R1, R0 + 0);
a.and(R1, 15);
a.sub(R1, 1);
a.goto_if(R1.slt(0), out);
a.add(R0, R1);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
