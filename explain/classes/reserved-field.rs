use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a field of an instruction that must be zero is not",
    why: "Fields that an instruction doesn't use must be zero, so that later kernels can give them a meaning.",
    fix: "Clear the field, or use a kernel that knows the instruction that this may be.",
    lesson: lesson("code", 70),
    docs: pages::INSTRUCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "clang -mcpu=v2 or v3 for kernels that don't know v4 (sign-extending loads, 32-bit jumps, unsigned bswap; Linux 6.6)",
            rust: "-C target-cpu=v2 or v3 for kernels before Linux 6.6",
            asm: "registers, offset and immediate 0 where the instruction has no use for them",
        })
    },
    ..PLAIN
};
