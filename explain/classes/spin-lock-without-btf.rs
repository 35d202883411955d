use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a spin lock in a map whose value type is not known",
    why: "The kernel has to know where in the value the lock is, which only BTF says.",
    fix: "Create the map with BTF of its value, with a struct bpf_spin_lock in it.",
    lesson: lesson("helpers", 140),
    ..PLAIN
};
