//! The context has fields, not bytes.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "context-access",
title: "an access to the context that its type does not have",
cases: &[Case::new("context-beyond-end", Xdp)
.teaches("struct xdp_md ends at 24. An access beyond it is refused with offset and size; so is \
one in a hole between fields.").program(|a| {
a.load(U32, R0, R1 + 24);
a.exit();
}).expect(accept(0)).twin(Twin::new("its last field", |a| {
a.load(U32, R0, R1 + 20);
a.exit();
}).expect(accept(0))),
Case::new("context-wrong-width", Xdp)
.teaches("Fields are read in their own width. data is a u32 in struct xdp_md, which becomes a \
pointer on loading; eight bytes of it are refused.").program(|a| {
a.load(U64, R2, R1 + 0);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("four bytes", |a| {
a.load(U32, R2, R1 + 0);
a.mov(R0, 2);
a.exit();
}).expect(accept(0))),
Case::new("context-write", Xdp)
.teaches("The context of XDP is read-only, but for rx_queue_index in programs bound to a \
device. Change the packet, or return a verdict.").program(|a| {
a.mov(R0, 2);
a.store(U32, R1 + 12, R0);
a.exit();
}).expect(accept(0)).twin(Twin::new("a load", |a| {
a.mov(R0, 2);
a.load(U32, R2, R1 + 12);
a.exit();
}).expect(accept(0))),
Case::new("context-data-socket-filter", SocketFilter)
.teaches("A socket filter may not use direct packet access: data and data_end of its context \
are closed to it. bpf_skb_load_bytes and the classic packet loads are the ways to \
the bytes.").program(|a| {
a.load(U32, R2, R1 + 76);
a.mov(R0, 0);
a.exit();
}).expect(accept(0)).twin(Twin::new("the length", |a| {
a.load(U32, R2, R1 + 0);
a.mov(R0, 0);
a.exit();
}).expect(accept(0))),
Case::new("context-mark-write-sched-cls", SchedCls)
.teaches("A classifier may write some fields of its context, such as mark and priority, and \
none of the rest. The ifindex is read-only.").program(|a| {
a.mov(R0, 0);
a.store(U32, R1 + 40, R0);
a.exit();
}).expect(accept(0)).twin(Twin::new("the mark", |a| {
a.mov(R0, 0);
a.store(U32, R1 + 8, R0);
a.exit();
}).expect(accept(0)))],
};
