//! A constant offset out of the map value.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "map-value-offset",
title: "a constant offset leads out of the map value",
cases: &[Case::new("value-offset-border", Xdp)
.teaches("The value has 48 bytes, and a load of eight bytes at 41 ends at 49. The first line \
of the message has the numbers, the second says which bound is broken; for a \
constant offset that is called the minimum. At 40 the last byte is the value's last.").program(|a| {
let out = a.label("out");
lookup(a, 48);
a.goto_if(R0.eq(0), out);
a.load(U64, R0, R0 + 41);
a.bind(out);
a.exit();
}).expect(accept(0)).twin(Twin::new("offset 40", |a| {
let out = a.label("out");
lookup(a, 48);
a.goto_if(R0.eq(0), out);
a.load(U64, R0, R0 + 40);
a.bind(out);
a.exit();
}).expect(accept(0))),
Case::new("value-offset-by-addition", Xdp)
.teaches("An addition moves the pointer, and its offset appears in the register's state as \
off=48 (imm=48 from 7.1 on). The check happens at the load, with the sum of both \
offsets.").program(|a| {
let out = a.label("out");
lookup(a, 48);
a.goto_if(R0.eq(0), out);
a.add(R0, 48);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.exit();
}).expect(accept(0)).twin(Twin::new("one byte less", |a| {
let out = a.label("out");
lookup(a, 48);
a.goto_if(R0.eq(0), out);
a.add(R0, 47);
a.load(U8, R0, R0 + 0);
a.bind(out);
a.exit();
}).expect(accept(0))),
Case::new("value-offset-negative", Xdp)
.teaches("Nothing in front of the value may be read: there lie the key and the kernel's own \
bookkeeping. A pointer may point there for a while, as long as the access itself is \
inside.").program(|a| {
let out = a.label("out");
lookup(a, 48);
a.goto_if(R0.eq(0), out);
a.load(U8, R0, R0 - 1);
a.bind(out);
a.exit();
}).expect(accept(0)).twin(Twin::new("the pointer goes back and forth", |a| {
let out = a.label("out");
lookup(a, 48);
a.goto_if(R0.eq(0), out);
a.add(R0, -1);
a.load(U8, R0, R0 + 1);
a.bind(out);
a.exit();
}).expect(accept(0)))],
};
