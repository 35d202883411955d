use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an access to the stack that is not aligned",
    why: "Accesses to the stack must be aligned to their size on every machine.",
    fix: "Use an offset that is a multiple of the size.",
    lesson: lesson("stack", 30),
    docs: pages::ALIGNMENT,
    remedy: |_| {
        Some(Remedy {
            c: "__u8 buffer[64] __attribute__((aligned(8))); before it is cast to __u64 *",
            rust: "#[repr(C, align(8))] struct Buffer([u8; 64]); or from_ne_bytes of a slice",
            asm: "8 bytes at r10-8, r10-16, …, 4 bytes at r10-4, r10-8, …",
        })
    },
    ..PLAIN
};
