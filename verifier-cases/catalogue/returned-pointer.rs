//! An address as a result.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "returned-pointer",
title: "the program returns an address",
cases: &[Case::new("pointer-returned-without-perfmon", Xdp)
.teaches("A result that is an address would tell user space where the kernel keeps things. \
Without CAP_PERFMON it is refused.").without_perfmon().program(|a| {
a.mov(R0, R10);
a.exit();
}).expect(accept(0)).twin(Twin::new("a number", |a| {
a.mov(R0, 2);
a.exit();
}).expect(accept(0))),
Case::new("pointer-returned-as-root", Xdp)
.teaches("Root may leak addresses, to itself.").program(|a| {
a.mov(R0, R10);
a.exit();
}).expect(accept(0)).twin(Twin::new("nothing in r0", |a| {
a.mov(R1, R10);
a.exit();
}).expect(accept(0)))],
};
