//! Packet bytes without a comparison with data_end.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "packet-unchecked",
title: "packet bytes are read without a comparison with data_end",
cases: &[Case::new("packet-load-unchecked", Xdp)
.teaches("A packet pointer has a range, printed as r=, of bytes known to be there; it starts \
at 0. Only a comparison with data_end enlarges it. The message shows the access and \
the range that it had.").program(|a| {
packet(a);
a.load(U8, R0, R2 + 0);
a.exit();
}).expect(accept(0)).twin(Twin::new("a comparison with data_end", |a| {
let out = a.label("out");
packet(a);
a.mov(R0, R2);
a.add(R0, 1);
a.goto_if(R0.gt(R3), out);
a.load(U8, R0, R2 + 0);
a.exit();
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0))),
Case::new("packet-load-unchecked-sched-cls", SchedCls)
.teaches("A classifier of traffic control has the same pointers at other offsets of its \
context. The rules are those of XDP.").program(|a| {
skb_packet(a);
a.load(U8, R0, R2 + 0);
a.exit();
}).expect(accept(0)).twin(Twin::new("a comparison with data_end", |a| {
let out = a.label("out");
skb_packet(a);
a.mov(R0, R2);
a.add(R0, 1);
a.goto_if(R0.gt(R3), out);
a.load(U8, R0, R2 + 0);
a.bind(out);
a.mov(R0, 0);
a.exit();
}).expect(accept(0)))],
};
