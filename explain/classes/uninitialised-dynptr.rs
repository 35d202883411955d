use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a dynptr is used that was never made",
    why: "A dynptr lives on the stack, and only helpers may fill it. Bytes that no helper has made one of aren't one, and a store to them, or its release, ends it.",
    fix: "Make it on every path before: bpf_dynptr_from_mem, bpf_ringbuf_reserve_dynptr, or bpf_dynptr_from_xdp or _skb.",
    lesson: lesson("helpers", 75),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "if (bpf_dynptr_from_xdp(ctx, 0, &ptr)) return XDP_PASS; before the first use; a dynptr is neither copied nor a member of a struct",
            rust: "let mut ptr = MaybeUninit::<bpf_dynptr>::uninit(); filled by bpf_dynptr_from_mem or a kfunc; never moved after that",
            asm: "16 bytes of the stack, aligned to 8, that the making call got (r4 = r10; r4 += -16) and no store touches",
        })
    },
    ..PLAIN
};
