use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an argument may be NULL where it must not be",
    why: "What a lookup, an acquiring function or a nullable field gives may be NULL; this argument takes pointers that are not.",
    fix: "Compare with NULL, and call only where it isn't.",
    lesson: lesson("kernel", 20),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "if (!p) return 0;",
            rust: "if p.is_null() { return 0; }",
            asm: "if rN == 0 goto out, before the call",
        })
    },
    ..PLAIN
};
