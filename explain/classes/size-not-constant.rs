use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an argument must be a constant",
    why: "The helper's result depends on this argument, so the verifier has to know it: one constant, not a range.",
    fix: "Pass a constant, one for each case if need be.",
    lesson: lesson("helpers", 70),
    docs: pages::HELPERS,
    remedy: |_| {
        Some(Remedy {
            c: "sizeof(struct event) and a length in it; for a size that varies bpf_ringbuf_output(&rb, buffer, n, 0), or bpf_ringbuf_reserve_dynptr() (5.19)",
            rust: "EVENTS.reserve::<Event>(0) with a fixed struct; for a size that varies EVENTS.output::<[u8]>(&buffer[..n], 0)",
            asm: "r2 = 64 as an immediate, on each path that meets at the call",
        })
    },
    ..PLAIN
};
