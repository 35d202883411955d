//! A loop without progress.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "infinite-loop",
title: "a loop that makes no progress",
cases: &[Case::new("loop-without-progress", Xdp)
.teaches("The verifier walks loops round by round, and since 5.3 they may end by themselves. \
When it comes back to an instruction with the same state, the loop can never end. \
The log shows the current and the old state.").program(|a| {
let top = a.label_here("top");
a.goto(top);
a.exit();
}).expect(accept(0)).twin(Twin::new("a counter", |a| {
a.mov(R0, 0);
let top = a.label_here("top");
a.add(R0, 1);
a.goto_if(R0.lt(4), top);
a.exit();
}).expect(accept(0))),
Case::new("loop-with-constant-state", Xdp)
.teaches("The condition is a field that never changes, so that the second round starts like \
the first. A counter with a bound makes the rounds different.").program(|a| {
a.load(U32, R2, R1 + 16);
a.mov(R0, 0);
let top = a.label_here("top");
a.mov(R3, R2);
a.goto_if(R3.ne(0), top);
a.exit();
}).expect(accept(0)).twin(Twin::new("the value is counted down from a bound", |a| {
a.load(U32, R2, R1 + 16);
a.mov(R0, 0);
a.and(R2, 3);
let top = a.label_here("top");
a.add(R0, 1);
a.goto_if(R0.lt(R2), top);
a.exit();
}).expect(accept(0)))],
};
