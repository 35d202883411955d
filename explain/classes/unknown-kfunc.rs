use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a call of a kernel function that does not exist",
    why: "Kernel functions are called by their BTF id, which differs from kernel to kernel and is put in by the loader.",
    fix: "Let the loader resolve the function, and check that the kernel exports it for this program type.",
    blame: Blame::Kernel,
    lesson: lesson("helpers", 100),
    when: |e| e.reserved() == Some(Reserved::Call),
    ..PLAIN
};
