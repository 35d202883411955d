//! Arithmetic on a pointer that may be NULL.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "or-null-arithmetic",
title: "arithmetic on a pointer that may be NULL",
cases: &[Case::new("offset-before-null-check", Xdp)
.teaches("Adding to a pointer that may be NULL would make it something that is neither NULL \
nor a map value, and the NULL check after it would pass. So the verifier refuses the \
addition. Check first, or use the offset of the load.").program(|a| {
let out = a.label("out");
lookup(a, 16);
a.add(R0, 8);
a.goto_if(R0.eq(0), out);
a.load(U64, R0, R0 + 0);
a.bind(out);
a.exit();
}).expect(accept(0)).twin(Twin::new("the check comes first", |a| {
let out = a.label("out");
lookup(a, 16);
a.goto_if(R0.eq(0), out);
a.add(R0, 8);
a.load(U64, R0, R0 + 0);
a.bind(out);
a.exit();
}).expect(accept(0)))],
};
