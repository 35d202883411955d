use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program returns an address",
    why: "The result goes to user space or the kernel as a number; an address in it needs CAP_PERFMON.",
    fix: "Return a number.",
    blame: Blame::Privilege,
    lesson: lesson("privilege", 20),
    docs: pages::PRIVILEGE,
    remedy: |_| {
        Some(Remedy {
            c: "return 0; or p != NULL, not (long)p",
            rust: "return a constant of the hook, not p as u32",
            asm: "r0 = 0 before exit, after the last use of r0 as a pointer",
        })
    },
    ..PLAIN
};
