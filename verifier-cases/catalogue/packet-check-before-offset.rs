//! A variable is added behind the check.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "packet-check-before-offset",
title: "a variable is added to a packet pointer after the comparison",
cases: &[Case::new("packet-variable-offset-unchecked", Xdp)
.teaches("Adding a variable to a packet pointer makes a pointer with an id of its own and no \
range: what was proved of the old one does not hold for it. Compare the new pointer \
with data_end again.").program(|a| {
let out = a.label("out");
packet(a);
a.mov(R0, R2);
a.add(R0, 34);
a.goto_if(R0.gt(R3), out);
a.load(U8, R1, R2 + 14);
a.and(R1, 15);
a.add(R2, R1);
a.load(U8, R1, R2 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("another comparison", |a| {
let out = a.label("out");
packet(a);
a.mov(R0, R2);
a.add(R0, 15);
a.goto_if(R0.gt(R3), out);
a.load(U8, R1, R2 + 14);
a.and(R1, 15);
a.add(R2, R1);
a.mov(R0, R2);
a.add(R0, 1);
a.goto_if(R0.gt(R3), out);
a.load(U8, R1, R2 + 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
