//! The context has fields, not bytes.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "context-access",
    place: 400,
    title: "an access to the context that its type does not have",
    cases: &[
        CONTEXT_BEYOND_END,
        CONTEXT_WRONG_WIDTH,
        CONTEXT_WRITE,
        CONTEXT_DATA_SOCKET_FILTER,
        CONTEXT_MARK_WRITE_SCHED_CLS,
    ],
};

const CONTEXT_BEYOND_END: Case = Case::new("context-beyond-end", Xdp)
    .teaches(
        "struct xdp_md ends at 24. An access beyond it is refused with offset and \
        size. Even its last field, egress_ifindex at 20, is open only to programs of \
        device maps.",
    )
    .program(|a| {
        a.load(U32, R0, R1 + 24);
        a.exit();
    })
    .expect(reject(EACCES, 0, "invalid bpf_context access off=24 size=4", 1))
    .twin(
        Twin::new("rx_queue_index", |a| {
            a.load(U32, R0, R1 + 16);
            a.exit();
        })
        .expect(accept(2)),
    );

const CONTEXT_WRONG_WIDTH: Case = Case::new("context-wrong-width", Xdp)
    .teaches(
        "Fields are read in their own width. data is a u32 in struct xdp_md, which \
        becomes a pointer on loading; eight bytes of it are refused.",
    )
    .program(|a| {
        a.load(U64, R2, R1 + 0);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 0, "invalid bpf_context access off=0 size=8", 1))
    .twin(
        Twin::new("four bytes", |a| {
            a.load(U32, R2, R1 + 0);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );

const CONTEXT_WRITE: Case = Case::new("context-write", Xdp)
    .teaches(
        "The context of XDP is read-only, but for rx_queue_index in programs bound to \
        a device. Change the packet, or return a verdict.",
    )
    .program(|a| {
        a.mov(R0, 2);
        a.store(U32, R1 + 12, R0);
        a.exit();
    })
    .expect(reject(EACCES, 1, "invalid bpf_context access off=12 size=4", 2))
    .twin(
        Twin::new("a load", |a| {
            a.mov(R0, 2);
            a.load(U32, R2, R1 + 12);
            a.exit();
        })
        .expect(accept(3)),
    );

const CONTEXT_DATA_SOCKET_FILTER: Case = Case::new("context-data-socket-filter", SocketFilter)
    .teaches(
        "A socket filter may not use direct packet access: data and data_end of its \
        context are closed to it. bpf_skb_load_bytes and the classic packet loads \
        are the ways to the bytes.",
    )
    .program(|a| {
        a.load(U32, R2, R1 + 76);
        a.mov(R0, 0);
        a.exit();
    })
    .expect(reject(EACCES, 0, "invalid bpf_context access off=76 size=4", 1))
    .twin(
        Twin::new("the length", |a| {
            a.load(U32, R2, R1 + 0);
            a.mov(R0, 0);
            a.exit();
        })
        .expect(accept(3)),
    );

const CONTEXT_MARK_WRITE_SCHED_CLS: Case = Case::new("context-mark-write-sched-cls", SchedCls)
    .teaches(
        "A classifier may write some fields of its context, such as mark and \
        priority, and none of the rest. The ifindex is read-only.",
    )
    .program(|a| {
        a.mov(R0, 0);
        a.store(U32, R1 + 40, R0);
        a.exit();
    })
    .expect(reject(EACCES, 1, "invalid bpf_context access off=40 size=4", 2))
    .twin(
        Twin::new("the mark", |a| {
            a.mov(R0, 0);
            a.store(U32, R1 + 8, R0);
            a.exit();
        })
        .expect(accept(3)),
    );
