use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an instruction names a register that does not exist",
    why: "There are r0 to r10; the encoding has room for 16.",
    fix: "Use an existing register.",
    lesson: lesson("registers", 60),
    docs: pages::INSTRUCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "no compiler makes it: the file is cut, or of the other byte order (clang -target bpfel or bpfeb)",
            rust: "no compiler makes it: the object is damaged, or of the other byte order (bpfel-unknown-none on x86 and arm64)",
            asm: "r0 to r10; in the second byte the lower half is the destination (little endian)",
        })
    },
    ..PLAIN
};
