use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a reserved ring buffer record is used without a NULL check",
    why: "The reservation fails when the ring buffer is full, and gives NULL.",
    fix: "Check the record for NULL before its first use.",
    lesson: lesson("null", 60),
    docs: pages::RING_BUFFERS,
    when: |e| e.held() == Some(Held::RecordOrNull),
    guard: Shape::NotNull,
    derivation: Numbers::Null,
    remedy: |_| {
        Some(Remedy {
            c: "count the events that are lost there (__sync_fetch_and_add on a map's value): the reader sees no gap",
            rust: "let Some(mut entry) = EVENTS.reserve::<Event>(0) else { return 0 }; and no unwrap()",
            asm: "the comparison right after bpf_ringbuf_reserve#131; nothing to release on the path of NULL",
        })
    },
    ..PLAIN
};
