//! Loops that end are accepted.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "bounded-loop",
title: "loops that end",
cases: &[Case::new("loop-of-sixteen", Xdp)
.teaches("A loop with a constant number of rounds is walked round by round. `processed` shows \
the price: three instructions for each of the sixteen. Older kernels than 5.3 \
refused all back edges.").program(|a| {
a.mov(R1, 0);
let top = a.label_here("top");
a.mov(R0, R1);
a.add(R1, 1);
a.goto_if(R1.ne(16), top);
a.exit();
}).expect(accept(0)).twin(Twin::new("a bound that the counter steps over", |a| {
a.mov(R1, 1);
let top = a.label_here("top");
a.mov(R0, 2);
a.and(R1, 1);
a.goto_if(R1.ne(16), top);
a.exit();
}).expect(accept(0))),
Case::new("loop-of-sixteen-without-perfmon", Xdp)
.teaches("CAP_BPF is enough for loops: CAP_PERFMON has nothing to do with them. The number of \
instructions is the same.").without_perfmon().program(|a| {
a.mov(R1, 0);
let top = a.label_here("top");
a.mov(R0, R1);
a.add(R1, 1);
a.goto_if(R1.ne(16), top);
a.exit();
}).expect(accept(0)).twin(Twin::new("a loop without progress", |a| {
a.mov(R1, 0);
let top = a.label_here("top");
a.mov(R0, R1);
a.goto_if(R1.ne(16), top);
a.exit();
}).expect(accept(0))),
Case::new("may-goto-loop", Xdp)
.teaches("`may_goto` (6.9) leaves a loop by itself after eight million rounds, so the verifier \
need not see an end. Older kernels do not know the instruction. Such loops are \
written `cond_break` in C.").program(|a| {
let out = a.label("out");
a.mov(R0, 2);
let top = a.label_here("top");
a.may_goto(out);
a.goto(top);
a.bind(out);
a.exit();
}).expect(accept(0)).twin(Twin::new("without may_goto", |a| {
let out = a.label("out");
a.mov(R0, 2);
let top = a.label_here("top");
a.goto_if(R0.eq(3), out);
a.goto(top);
a.bind(out);
a.exit();
}).expect(accept(0)))],
};
