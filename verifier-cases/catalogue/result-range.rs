//! A result that the program type does not have.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "result-range",
title: "the program's result is outside of what its type may return",
cases: &[Case::new("cgroup-skb-result", CgroupSkb)
.teaches("A cgroup_skb program returns 0 (drop) or 1 (pass), for some attach types also 2 and \
3. The verifier checks the range at every exit. The message changed with 6.8.").program(|a| {
a.mov(R0, 77);
a.exit();
}).expect(accept(0)).twin(Twin::new("1", |a| {
a.mov(R0, 1);
a.exit();
}).expect(accept(0))),
Case::new("cgroup-skb-result-unknown", CgroupSkb)
.teaches("A result that is not known must be bounded: any number of the packet's mark is not a \
verdict.").program(|a| {
a.load(U32, R0, R1 + 8);
a.exit();
}).expect(accept(0)).twin(Twin::new("masked", |a| {
a.load(U32, R0, R1 + 8);
a.and(R0, 1);
a.exit();
}).expect(accept(0))),
Case::new("xdp-any-result", Xdp)
.teaches("XDP has no range: 77 is accepted by the verifier, and the driver treats it as \
XDP_ABORTED with a warning. Even a pointer would be accepted from root.").program(|a| {
a.mov(R0, 77);
a.exit();
}).expect(accept(0)).twin(Twin::new("no result", |a| {
a.exit();
}).expect(accept(0)))],
};
