use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "code after a condition that is known",
    why: "What can't be reached with the values known is not walked; one step further and it is.",
    fix: "Repair what the branch does, or make the condition impossible for the verifier too.",
    lesson: lesson("ranges", 80),
    docs: pages::VALUES,
    remedy: |_| {
        Some(Remedy {
            c: "repair it, or cut it for good: const volatile bool enabled = false; lies in .rodata, which is frozen, and what it rules out isn't walked",
            rust: "repair it, or static ENABLED: u8 = 0; read by core::ptr::read_volatile and set before loading by EbpfLoader::override_global",
            asm: "repair it, or compare with a constant: r1 = 0; if r1 == 0 goto out",
        })
    },
    ..PLAIN
};
