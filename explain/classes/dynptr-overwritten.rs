use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a dynptr is overwritten or given back that may not be",
    why: "What a dynptr holds must be given back once, by who made it; a store to its bytes would lose it.",
    fix: "Give it back first (submit or discard), and leave its bytes on the stack alone.",
    lesson: lesson("helpers", 77),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "bpf_ringbuf_submit_dynptr(&ptr, 0) or bpf_ringbuf_discard_dynptr(&ptr, 0) on every path",
            rust: "call bpf_ringbuf_submit_dynptr or bpf_ringbuf_discard_dynptr on every path, the failed one too",
            asm: "call bpf_ringbuf_discard_dynptr#200 before the bytes are used for something else",
        })
    },
    ..PLAIN
};
