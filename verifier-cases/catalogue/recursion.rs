//! A function that calls itself.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "recursion",
title: "a function calls itself",
cases: &[Case::new("function-calls-itself", Xdp)
.teaches("Recursion is a loop over frames: there is no bound on the stack, and the verifier \
refuses the call chain. Loops inside a function are fine if they end.").program(|a| {
let callee = a.function("callee", Linkage::Static, &[]);
a.call_function(callee);
a.exit();
a.begin(callee);
a.call_function(callee);
a.exit();
}).expect(accept(0)).twin(Twin::new("the function returns", |a| {
let callee = a.function("callee", Linkage::Static, &[]);
a.call_function(callee);
a.exit();
a.begin(callee);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
