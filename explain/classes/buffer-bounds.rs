use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an access beyond a buffer that the hook gives",
    why: "Writable tracepoints and iterators give buffers of a fixed size, at constant offsets from their start.",
    fix: "Access the bytes that the hook declares, by a constant offset.",
    lesson: lesson("pointers", 110),
    docs: pages::VALUES,
    remedy: |_| {
        Some(Remedy {
            c: "check the size in the tracepoint's definition (DECLARE_TRACE_WRITABLE)",
            rust: "the same struct as the tracepoint's",
            asm: "a constant offset, within the size",
        })
    },
    ..PLAIN
};
