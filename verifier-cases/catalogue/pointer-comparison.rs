//! An address is compared with a number.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "pointer-comparison",
title: "an address is compared with a number",
cases: &[Case::new("pointer-compared-without-perfmon", Xdp)
.teaches("Comparing an address with numbers finds it out, bit by bit. Without CAP_PERFMON only \
comparisons with NULL and between packet pointers are allowed.").without_perfmon().program(|a| {
let out = a.label("out");
a.mov(R0, 2);
a.goto_if(R10.gt(5), out);
a.mov(R0, 1);
a.bind(out);
a.exit();
}).expect(accept(0)).twin(Twin::new("a number", |a| {
let out = a.label("out");
a.mov(R0, 2);
a.goto_if(R0.gt(5), out);
a.mov(R0, 1);
a.bind(out);
a.exit();
}).expect(accept(0))),
Case::new("pointer-compared-as-root", Xdp)
.teaches("With CAP_PERFMON both branches are walked.").program(|a| {
let out = a.label("out");
a.mov(R0, 2);
a.goto_if(R10.gt(5), out);
a.mov(R0, 1);
a.bind(out);
a.exit();
}).expect(accept(0)).twin(Twin::new("32 bits of it into a load", |a| {
let out = a.label("out");
a.mov(R0, 2);
a.goto_if(R10.gt(5), out);
a.load(U64, R0, R0 + 0);
a.bind(out);
a.exit();
}).expect(accept(0)))],
};
