use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a spin lock in a map whose value type is not known",
    why: "The kernel has to know where in the value the lock is, which only BTF says.",
    fix: "Create the map with BTF of its value, with a struct bpf_spin_lock in it.",
    lesson: lesson("helpers", 140),
    docs: pages::MAPS,
    remedy: |_| {
        Some(Remedy {
            c: "struct value { struct bpf_spin_lock lock; … }; and __type(value, struct value) in a map of SEC(\".maps\"), compiled with -g",
            rust: "a map of aya_ebpf::btf_maps, whose definition carries the value's type; those of aya_ebpf::maps don't",
            asm: "btf_fd, btf_key_type_id and btf_value_type_id when the map is created",
        })
    },
    ..PLAIN
};
