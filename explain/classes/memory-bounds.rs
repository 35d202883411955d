use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an access out of memory of known size",
    why: "The memory that a helper returned has the size that was asked for, and the access must lie in it.",
    fix: "Access only the bytes that were reserved, or reserve more.",
    lesson: lesson("map-values", 50),
    docs: pages::VALUES,
    when: |e| e.outside() == Some(Outside::Memory),
    guard: Shape::Offset,
    remedy: |_| {
        Some(Remedy {
            c: "struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0): sizeof what is written; of an array in it, the index below its length",
            rust: "EVENTS.reserve::<Event>(0): the type that is written is the one that is reserved",
            asm: "the size given to the helper at least offset + size of each access",
        })
    },
    ..PLAIN
};
