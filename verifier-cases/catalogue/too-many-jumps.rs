//! Too many branches at once.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "too-many-jumps",
title: "more branches wait to be walked than the verifier keeps",
cases: &[Case::new("branches-waiting", Xdp)
.teaches("Each conditional jump leaves a branch to be walked later, and 8192 of them may wait. \
A straight line of 8200 conditional jumps is too much, with E2BIG or EFAULT by \
kernel. Join the branches earlier, or use a table.").short_log().program(|a| {
conditional_jumps(a, 8200);
}).expect(accept(0)).twin(Twin::new("fewer", |a| {
conditional_jumps(a, 800);
}).expect(accept(0)))],
};
