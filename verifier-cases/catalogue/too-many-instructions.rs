//! A million instructions.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "too-many-instructions",
title: "the verifier gives up after a million instructions",
cases: &[Case::new("loop-of-a-million", Xdp)
.teaches("Every round costs its instructions, and after a million the verifier gives up. The \
limit counts what is walked, not what the program has. Loops of that size need \
bpf_loop or may_goto.").short_log().program(|a| {
a.mov(R1, 0);
a.mov(R0, 2);
let top = a.label_here("top");
let out = a.label("out");
a.add(R1, 1);
a.goto_if(R1.lt(500_000), top);
a.bind(out);
a.exit();
}).expect(accept(0)).twin(Twin::new("fewer rounds", |a| {
a.mov(R1, 0);
a.mov(R0, 2);
let top = a.label_here("top");
let out = a.label("out");
a.add(R1, 1);
a.goto_if(R1.lt(50_000), top);
a.bind(out);
a.exit();
}).expect(accept(0)))],
};
