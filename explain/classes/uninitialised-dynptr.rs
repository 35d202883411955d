use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a dynptr is used that was never made",
    why: "A dynptr lives on the stack, and only helpers may fill it. Bytes that no helper has made one of aren't one, and a store to them, or its release, ends it.",
    fix: "Make it on every path before: bpf_dynptr_from_mem, bpf_ringbuf_reserve_dynptr, or bpf_dynptr_from_xdp or _skb.",
    lesson: lesson("helpers", 75),
    ..PLAIN
};
