//! An index whose largest value leads behind the map value.

use knockwright_programs::article;

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "map-value-max",
title: "the largest possible offset lies behind the map value",
cases: &[Case::new("article-bounds", Xdp)
.teaches("The second fault of the article: the index is a byte from a map, only known to be \
below another byte, so at most 254; twice that plus 8 is 516, and two bytes there \
end behind the 48 of the value. Comparing with another variable gives no bound that \
is worth anything. The array's length does.").whole_program(article::bounds).expect(accept(0)).twin(Twin::whole_program("`if r1 > 0x9 goto out` in front of the index", article::bounds_fixed).expect(accept(0))),
Case::new("index-border", Xdp)
.teaches("Eight bytes of the value come before an array of twenty u16. Index 20 would end at \
50, index 19 at 48: one number in the comparison decides. The verifier takes the \
largest value that the comparison leaves, times two, plus the offset and the size.").program(|a| {
let out = a.label("out");
found_value(a, 48, out);
a.load(U8, R1, R0 + 0);
a.goto_if(R1.gt(20), out);
a.lsh(R1, 1);
a.add(R0, R1);
a.load(U16, R0, R0 + 8);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("`> 19` instead of `> 20`", |a| {
let out = a.label("out");
found_value(a, 48, out);
a.load(U8, R1, R0 + 0);
a.goto_if(R1.gt(19), out);
a.lsh(R1, 1);
a.add(R0, R1);
a.load(U16, R0, R0 + 8);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0))),
Case::new("index-mask-border", Xdp)
.teaches("A mask is the cheapest bound: `& 15` leaves 0 to 15 and needs no branch. The array \
must have that many elements: here fifteen bytes of value and a mask of fifteen make \
one too many.").program(|a| {
let out = a.label("out");
found_value(a, 15, out);
a.load(U8, R1, R0 + 0);
a.and(R1, 15);
a.add(R0, R1);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("`& 7`", |a| {
let out = a.label("out");
found_value(a, 15, out);
a.load(U8, R1, R0 + 0);
a.and(R1, 7);
a.add(R0, R1);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0))),
Case::new("index-checked-in-copy", Xdp)
.teaches("The copy is made before the comparison, and still the comparison bounds it: copies \
of a scalar share an id, and what is learnt of one holds for all. An addition to the \
copy in between breaks the link on kernels before 6.12.").program(|a| {
let out = a.label("out");
found_value(a, 16, out);
a.load(U8, R1, R0 + 0);
a.mov(R2, R1);
a.goto_if(R1.gt(15), out);
a.add(R0, R2);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("another load instead of a copy", |a| {
let out = a.label("out");
found_value(a, 16, out);
a.load(U8, R1, R0 + 0);
a.load(U8, R2, R0 + 0);
a.goto_if(R1.gt(15), out);
a.add(R0, R2);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
