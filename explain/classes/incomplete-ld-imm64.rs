use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the second half of a 64-bit load is missing or wrong",
    why: "`ld_imm64` takes two slots, and the second must be zero but for its immediate.",
    fix: "Emit both halves.",
    lesson: lesson("code", 80),
    docs: pages::INSTRUCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "take the section as a whole: libbpf and bpftool do; a tool that cuts by instructions must count two slots",
            rust: "let aya load the object; bytes that a build script writes must hold both slots",
            asm: "opcode 0x18 with the lower half, then a slot of zeros but for the upper half in its immediate",
        })
    },
    ..PLAIN
};
