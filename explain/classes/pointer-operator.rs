use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an operator that makes no sense on pointers",
    why: "Pointers can be moved by `+` and `-` in 64 bits; other operators, and 32-bit ones, would make them something else.",
    fix: "Calculate the offset in a number first, then add it.",
    lesson: lesson("pointers", 30),
    docs: pages::VERIFIER,
    remedy: |_| {
        Some(Remedy {
            c: "calculate offset = (offset + 3) & ~3; then data + offset; and (long), not (int) or __u32, where a pointer is cast",
            rust: "p.add(offset & !3) in place of (p as usize & !3) as *const u8, and no cast of pointers to u32",
            asm: "r4 &= -4 on the number, then r2 += r4; no wN of a pointer",
        })
    },
    ..PLAIN
};
