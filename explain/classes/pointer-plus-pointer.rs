use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "two pointers are added",
    why: "The sum of two addresses points nowhere.",
    fix: "Add a number to a pointer.",
    lesson: lesson("pointers", 40),
    docs: pages::VERIFIER,
    remedy: |_| {
        Some(Remedy {
            c: "base + (p - start), with p and start in the same packet; else the index as a number of its own",
            rust: "base.add(n) with n: usize; the difference of two packet pointers is one",
            asm: "r1 = r3; r1 -= r2 makes a number of two pointers into the packet; then add that",
        })
    },
    ..PLAIN
};
