//! XDP may write packets.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "xdp-write",
title: "a store into the packet",
cases: &[Case::new("packet-store-unchecked", Xdp)
.teaches("A store into a packet needs the same proof as a load.").program(|a| {
packet(a);
a.store(U8, R2 + 0, 0);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("a comparison with data_end", |a| {
let out = a.label("out");
packet(a);
a.mov(R0, R2);
a.add(R0, 1);
a.goto_if(R0.gt(R3), out);
a.store(U8, R2 + 0, 0);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
