use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the helper does not work with maps of this type",
    why: "Each helper works with certain types of maps: bpf_ringbuf_reserve with ring buffers, bpf_redirect_map with device, CPU and socket maps, lookups with those that have keys and values.",
    fix: "Use a map of a type that the helper takes, or the helper for this type.",
    lesson: lesson("helpers", 20),
    ..PLAIN
};
