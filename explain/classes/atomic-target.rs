use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an atomic operation on memory that does not allow it",
    why: "Atomic operations work on map values, the stack and other memory of the program, not on packets or the context.",
    fix: "Load, change and store the value, or keep the counter in a map.",
    lesson: lesson("code", 130),
    docs: pages::ATOMICS,
    remedy: |fault| {
        let held =
            fault.message.as_ref().and_then(|(message, _)| message.fields.text("held")).unwrap_or_default();
        Some(if held.starts_with("pkt") {
            Remedy {
                c: "no one else changes the packet meanwhile: ip->ttl--; without __sync_…",
                rust: "no one else changes the packet meanwhile: *ttl -= 1 through the checked pointer",
                asm: "r1 = *(u8 *)(r2 +8); r1 -= 1; *(u8 *)(r2 +8) = r1",
            }
        } else {
            Remedy {
                c: "__sync_fetch_and_add(&value->count, 1) on what bpf_map_lookup_elem() gave; a field of the context is read and written plainly",
                rust: "AtomicU64 in a map's value; a field of the context is read and written plainly",
                asm: "lock *(u64 *)(r0 +0) += r1 with r0 a map value",
            }
        })
    },
    ..PLAIN
};
