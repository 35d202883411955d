use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a pointer is subtracted from a number",
    why: "A number less an address is nothing the verifier can follow.",
    fix: "Subtract the number from the pointer, or a pointer from one of the same kind.",
    lesson: lesson("pointers", 50),
    docs: pages::VERIFIER,
    remedy: |_| {
        Some(Remedy {
            c: "data_end - p for the bytes left; -p and n - (long)p have no meaning",
            rust: "ctx.data_end() - p for the bytes left",
            asm: "r1 = r3 (data_end); r1 -= r2 (data)",
        })
    },
    ..PLAIN
};
