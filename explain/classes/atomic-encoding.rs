use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an atomic operation or size that does not exist",
    why: "The immediate of an atomic instruction names the operation, its opcode the size: 4 or 8 bytes. Other values are no instruction.",
    fix: "Use add, or, and, xor, xchg or cmpxchg, on 4 or 8 bytes; before Linux 5.12 only add without fetch.",
    lesson: lesson("code", 120),
    docs: pages::ATOMICS,
    when: |e| {
        // Those of 8 and 16 bits don't exist.
        let opcode = e.text("opcode").and_then(|text| u8::from_str_radix(text, 16).ok());
        let width = e.is(&[Kind::UnknownOpcode]) && opcode.is_some_and(opcode::is_atomic);
        width || e.reserved() == Some(Reserved::Atomic)
    },
    remedy: |fault| {
        let is_unknown = fault.kind() == Some(Kind::UnknownOpcode);
        Some(if is_unknown {
            Remedy {
                c: "a __u32 or __u64 counter: there are no atomic bytes and 16-bit words",
                rust: "AtomicU32 or AtomicU64, not AtomicU8, AtomicU16 or AtomicBool",
                asm: "lock on *(u32 *) or *(u64 *)",
            }
        } else {
            Remedy {
                c: "__sync_fetch_and_add(&v->n, 1) whose result isn't used; clang -mcpu=v3 for the others, which need Linux 5.12",
                rust: "AtomicU64::fetch_add(1, Ordering::Relaxed) whose result isn't used; -C target-cpu=v3 for the others, which need Linux 5.12",
                asm: "imm 0x00 (add), 0x40 (or), 0x50 (and), 0xa0 (xor), each +1 to fetch; 0xe1 xchg, 0xf1 cmpxchg",
            }
        })
    },
    ..PLAIN
};
