//! A reserved record of a ring buffer may be NULL.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "ringbuf-or-null",
title: "a reserved ring buffer record is used without a NULL check",
cases: &[Case::new("ringbuf-reserve-unchecked", Xdp)
.teaches("bpf_ringbuf_reserve gives NULL when the buffer is full. Its result is \
ringbuf_mem_or_null (mem_or_null at first) until it is compared with 0, like the \
result of a lookup. On the NULL path there is nothing to submit.").program(|a| {
reserve(a, 8);
a.store(U64, R0 + 0, 1);
a.mov(R1, R0);
a.mov(R2, 0);
a.call(Helper::RingbufSubmit);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("a NULL check", |a| {
let out = a.label("out");
reserve(a, 8);
a.goto_if(R0.eq(0), out);
a.store(U64, R0 + 0, 1);
a.mov(R1, R0);
a.mov(R2, 0);
a.call(Helper::RingbufSubmit);
a.bind(out);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
