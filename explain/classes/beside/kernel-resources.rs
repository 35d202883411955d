use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the kernel lacks memory or a place for this",
    why: "While the program was prepared, the kernel couldn't get a buffer or remember a map. The program itself is not refused.",
    fix: "Try again, free memory, and see the kernel's own log (dmesg).",
    no_lesson: Some("The kernel has to lack memory for it."),
    blame: Blame::Kernel,
    docs: pages::SYSTEM_CALL,
    remedy: |_| {
        Some(Remedy {
            c: "retry the load; lower the number of programs",
            rust: "retry the load",
            asm: "no change of the program",
        })
    },
    ..PLAIN
};
