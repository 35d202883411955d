use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the pointer does not point to the lock",
    why: "A lock is one of its map value's fields, and the address must be exactly that field's, by a constant.",
    fix: "Take the address of the lock itself, from the pointer that the lookup gave.",
    lesson: lesson("kernel", 84),
    docs: pages::MAPS,
    remedy: |_| {
        Some(Remedy {
            c: "bpf_spin_lock(&value->lock)",
            rust: "addr_of_mut!((*value).lock)",
            asm: "r1 = r0; r1 += offset of the lock, a constant",
        })
    },
    ..PLAIN
};
