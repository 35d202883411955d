use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a field that the kernel keeps is touched directly",
    why: "Locks, timers, work queues and the like in map values belong to the kernel: only their helpers may touch them, at their constant offset, and with the map that they lie in.",
    fix: "Leave the field alone: don't load or store it directly, and pass its address together with its own map to the helper.",
    lesson: lesson("kernel", 86),
    docs: pages::MAPS,
    remedy: |_| {
        Some(Remedy {
            c: "bpf_timer_init(&value->timer, &map, CLOCK_MONOTONIC); never memset or copy over the field",
            rust: "pass core::ptr::addr_of_mut!((*value).timer) to the helper; do not write the whole struct",
            asm: "r1 = value + offset of the field (a constant); no load or store of its bytes",
        })
    },
    ..PLAIN
};
