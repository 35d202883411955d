use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a size argument may be negative",
    why: "A size is unsigned for the helper, so a number that may be negative could be enormous.",
    fix: "Mask the size, or compare it as unsigned with a constant.",
    lesson: lesson("helpers", 50),
    docs: pages::HELPERS,
    guard: Shape::Size(SizeFault::Negative),
    derivation: Numbers::Size,
    remedy: |_| {
        Some(Remedy {
            c: "a __u32 or size_t; of a helper's result first `if (n < 0) return 0;`, then n &= SIZE - 1; barrier_var(n) before the mask keeps clang from dropping it",
            rust: "let n = n as usize & (SIZE - 1); or bpf_probe_read_user_str_bytes(p, &mut buffer), which gives a slice and no number",
            asm: "r2 &= 255 right before the call, or if r2 > 255 goto out: unsigned, and on all 64 bits",
        })
    },
    ..PLAIN
};
