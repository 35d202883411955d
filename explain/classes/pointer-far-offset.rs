use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a constant offset is too large for any pointer",
    why: "Offsets of pointers must stay within 2^29 bytes, whatever they point to.",
    fix: "Correct the constant.",
    lesson: lesson("pointers", 60),
    docs: pages::VERIFIER,
    remedy: |_| {
        Some(Remedy {
            c: "p + i counts elements of sizeof(*p) bytes; a constant that was meant as negative and is unsigned, or an address in place of an offset, ends here",
            rust: "p.add(n) counts elements, p.byte_add(n) bytes",
            asm: "an immediate or offset within -2^29 and 2^29",
        })
    },
    ..PLAIN
};
