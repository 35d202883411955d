//! A tail call wants a program array.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "tail-call-map",
title: "a tail call without a program array",
cases: &[Case::new("tail-call-through-hash", Xdp)
.teaches("bpf_tail_call takes a map of programs as its second argument. Any other map is \
refused.").program(|a| {
let map = hash_map(a, 8);
a.load_map(R2, map);
a.mov(R3, 0);
a.call(Helper::TailCall);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("a program array", |a| {
let map = a.map(MapDef::new::<u32, u32>("m", MapType::ProgArray, 4));
a.load_map(R2, map);
a.mov(R3, 0);
a.call(Helper::TailCall);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
