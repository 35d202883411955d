//! Too many calls inside each other.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "call-depth",
title: "too many calls inside each other",
cases: &[Case::new("nine-frames", Xdp)
.teaches("Eight frames are the limit, the entry's included. A chain of eight calls makes nine. \
The count is static: whether the last call would ever happen does not matter.").program(|a| {
call_chain(a, 8);
}).expect(accept(0)).twin(Twin::new("seven calls", |a| {
call_chain(a, 7);
}).expect(accept(0)))],
};
