use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a string argument is not constant",
    why: "Format strings must lie in a map that programs can only read and that is frozen, at a known offset, and end in a zero byte.",
    fix: "Let the compiler put the string in .rodata, and load the object with a loader that freezes that map.",
    lesson: lesson("helpers", 160),
    docs: pages::HELPERS,
    remedy: |_| {
        Some(Remedy {
            c: "static const char fmt[] = \"…\"; or the macros bpf_printk() and BPF_SNPRINTF()",
            rust: "a `static FMT: [u8; N] = *b\"…\\0\";` in .rodata, not a string made on the stack",
            asm: "ld_imm64 of a value in a frozen read-only array, without arithmetic",
        })
    },
    ..PLAIN
};
