use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a jump leads out of the program",
    why: "A jump's target must be an instruction of the same function, and not the second half of a 64-bit load.",
    fix: "Correct the distance: it counts slots from the one after the jump.",
    lesson: lesson("code", 30),
    docs: pages::JUMPS,
    remedy: |_| {
        Some(Remedy {
            c: "compilers make no such jump: in asm volatile use labels (1: … goto 1b), since goto +N counts what clang puts between too",
            rust: "compilers make no such jump: in core::arch::asm! use labels (2: … goto 2b)",
            asm: "labels in place of numbers: ld_imm64 counts as two",
        })
    },
    ..PLAIN
};
