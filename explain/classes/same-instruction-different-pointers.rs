use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "one load is reached with pointers of different kinds",
    why: "The kernel rewrites some accesses by the kind of pointer, so one instruction can't serve two kinds.",
    fix: "Use two instructions, one on each path.",
    lesson: lesson("pointers", 70),
    docs: pages::VERIFIER,
    remedy: |_| {
        Some(Remedy {
            c: "clang merged two loads into one: barrier_var(x) on what one of the branches loads, or asm volatile(\"\"); in it",
            rust: "LLVM merged two loads into one: core::ptr::read_volatile in one of the branches",
            asm: "a load in each branch, before they meet",
        })
    },
    ..PLAIN
};
