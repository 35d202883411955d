//! An address in a map.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "pointer-into-map",
title: "an address is stored in a map",
cases: &[Case::new("pointer-stored-without-perfmon", Xdp)
.teaches("User space could read the address from the map. Without CAP_PERFMON the store is \
refused.").without_perfmon().program(|a| {
let out = a.label("out");
found_value(a, 8, out);
a.store(U64, R0 + 0, R10);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("a number", |a| {
let out = a.label("out");
found_value(a, 8, out);
a.store(U64, R0 + 0, 1);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0))),
Case::new("pointer-stored-as-root", Xdp)
.teaches("With CAP_PERFMON it is accepted, and what comes back is a number.").program(|a| {
let out = a.label("out");
found_value(a, 8, out);
a.store(U64, R0 + 0, R10);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("used as a pointer again", |a| {
let out = a.label("out");
found_value(a, 8, out);
a.store(U64, R0 + 0, R10);
a.load(U64, R1, R0 + 0);
a.load(U64, R1, R1 - 8);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0))),
Case::new("pointer-added-atomically", Xdp)
.teaches("An atomic operation with an address as operand is refused for everyone: there is no \
use for it.").program(|a| {
let out = a.label("out");
found_value(a, 8, out);
a.atomic_add(AtomicSize::U64, R0 + 0, R10);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("a number", |a| {
let out = a.label("out");
found_value(a, 8, out);
a.mov(R1, 1);
a.atomic_add(AtomicSize::U64, R0 + 0, R1);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
