use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an atomic operation or size that does not exist",
    why: "The immediate of an atomic instruction names the operation, its opcode the size: 4 or 8 bytes. Other values are no instruction.",
    fix: "Use add, or, and, xor, xchg or cmpxchg, on 4 or 8 bytes; before Linux 5.12 only add without fetch.",
    lesson: lesson("code", 120),
    when: |e| {
        // Those of 8 and 16 bits don't exist.
        let opcode = e.text("opcode").and_then(|text| u8::from_str_radix(text, 16).ok());
        let width = e.is(&[Kind::UnknownOpcode]) && opcode.is_some_and(opcode::is_atomic);
        width || e.reserved() == Some(Reserved::Atomic)
    },
    ..PLAIN
};
