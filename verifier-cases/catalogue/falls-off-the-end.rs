//! The last instruction goes on to nowhere.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "falls-off-the-end",
title: "the program does not end with exit or a jump",
cases: &[Case::new("no-exit", Xdp)
.teaches("The last instruction must be an exit or a jump: behind it nothing is.").program(|a| {
a.mov(R0, 2);
}).expect(accept(0)).twin(Twin::new("an exit", |a| {
a.mov(R0, 2);
a.exit();
}).expect(accept(0))),
Case::new("function-falls-into-next", Xdp)
.teaches("The same goes for every function of the program: it must not run into the one behind \
it.").program(|a| {
let callee = a.function("callee", Linkage::Static, &[]);
a.call_function(callee);
a.begin(callee);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("an exit behind the call", |a| {
let callee = a.function("callee", Linkage::Static, &[]);
a.call_function(callee);
a.exit();
a.begin(callee);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
