use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a lock is kept or used wrongly",
    why: "While a lock is held only few calls are allowed, and every path must give it back before the program ends, tail-calls or throws.",
    fix: "Unlock on every path, in reverse order, and call other functions before or after the section.",
    lesson: lesson("kernel", 82),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "bpf_spin_lock(&v->lock); v->count++; bpf_spin_unlock(&v->lock); and no return between",
            rust: "the same pair of calls around plain memory operations: no `?`, no early return and no panic between",
            asm: "call bpf_spin_unlock#94 with the same pointer before each exit",
        })
    },
    ..PLAIN
};
