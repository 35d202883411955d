//! The stack of a chain of calls.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "combined-stack",
title: "functions that call each other need too much stack together",
cases: &[Case::new("two-large-frames", Xdp)
.teaches("A call puts its frame below the caller's, and all frames of a chain together may \
have 512 bytes. Two frames of 264 bytes, rounded up to 32, are too much. Private \
stacks (6.13) change that only for some tracing programs.").program(|a| {
let callee = a.function("callee", Linkage::Static, &[]);
a.store(U64, R10 - 264, 0);
a.call_function(callee);
a.exit();
a.begin(callee);
a.store(U64, R10 - 264, 0);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("two frames of 256 bytes", |a| {
let callee = a.function("callee", Linkage::Static, &[]);
a.store(U64, R10 - 256, 0);
a.call_function(callee);
a.exit();
a.begin(callee);
a.store(U64, R10 - 256, 0);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
