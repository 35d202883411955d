//! A pointer that may be NULL as a helper's argument.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "or-null-argument",
title: "a pointer that may be NULL is passed to a helper",
cases: &[Case::new("lookup-result-as-key", Xdp)
.teaches("A map value is a fine key for another lookup, but one that may be NULL is not: the \
helper would read through it. The message lists what the argument may point to. A \
NULL check makes it a map value.").program(|a| {
let map = lookup(a, 8);
a.mov(R2, R0);
a.load_map(R1, map);
a.call(Helper::MapLookupElem);
a.mov(R0, 0);
a.exit();
}).expect(accept(0)).twin(Twin::new("a NULL check", |a| {
let out = a.label("out");
let map = lookup(a, 8);
a.goto_if(R0.eq(0), out);
a.mov(R2, R0);
a.load_map(R1, map);
a.call(Helper::MapLookupElem);
a.bind(out);
a.mov(R0, 0);
a.exit();
}).expect(accept(0)))],
};
