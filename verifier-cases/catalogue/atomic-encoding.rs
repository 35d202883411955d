//! Atomics that do not exist.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "atomic-encoding",
    place: 790,
    title: "an atomic operation or size that does not exist",
    cases: &[ATOMIC_OPCODE_UNKNOWN, ATOMIC_SIZE_16, ATOMIC_FETCH],
};

const ATOMIC_OPCODE_UNKNOWN: Case = Case::new("atomic-opcode-unknown", Xdp)
    .teaches(
        "The operation of an atomic is in its immediate. 0x21 is none; before 5.12 \
        only addition was there, and the field was reserved.",
    )
    .program(|a| {
        a.mov(R2, 1);
        a.store(U64, R10 - 8, 0);
        a.raw(Slot { opcode: opcode::STX_ATOMIC | size::DW, dst: 10, src: 2, off: -8, imm: 0x21 });
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 1, "BPF_ATOMIC uses invalid atomic opcode 21", 3))
    .except(&[(until(5, 10), To(refuse(EINVAL, "BPF_STX uses reserved fields")))])
    .twin(
        Twin::new("0, addition", |a| {
            a.mov(R2, 1);
            a.store(U64, R10 - 8, 0);
            a.raw(Slot { opcode: opcode::STX_ATOMIC | size::DW, dst: 10, src: 2, off: -8, imm: 0 });
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(5)),
    );

const ATOMIC_SIZE_16: Case = Case::new("atomic-size-16", Xdp)
    .teaches("Atomics have 32 or 64 bits. A 16-bit one is refused.")
    .program(|a| {
        a.mov(R2, 1);
        a.store(U64, R10 - 8, 0);
        a.raw(Slot { opcode: opcode::STX_ATOMIC | size::H, dst: 10, src: 2, off: -8, imm: 0 });
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 2, "invalid atomic operand size", 3))
    .except(&[(until(6, 12), To(refuse(EINVAL, "unknown opcode cb")))])
    .twin(
        Twin::new("32 bits", |a| {
            a.mov(R2, 1);
            a.store(U64, R10 - 8, 0);
            a.raw(Slot { opcode: opcode::STX_ATOMIC | size::W, dst: 10, src: 2, off: -8, imm: 0 });
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(5)),
    );

const ATOMIC_FETCH: Case = Case::new("atomic-fetch", Xdp)
    .teaches(
        "Atomics that return the old value came with 5.12, with the instruction set \
        v3.",
    )
    .program(|a| {
        a.mov(R2, 1);
        a.store(U64, R10 - 8, 0);
        a.fetch_add(AtomicSize::U64, R10 - 8, R2);
        a.mov(R0, R2);
        a.exit();
    })
    .expect(accept(5))
    .except(&[(until(5, 10), To(refuse(EINVAL, "BPF_STX uses reserved fields")))])
    .twin(
        Twin::new("the old value is read first, and 5.10 has addition only", |a| {
            a.mov(R2, 1);
            a.store(U64, R10 - 8, 0);
            a.raw(Slot { opcode: opcode::STX_ATOMIC | size::DW, dst: 10, src: 2, off: -8, imm: 0x21 });
            a.mov(R0, R2);
            a.exit();
        })
        .expect(reject(EINVAL, 1, "BPF_ATOMIC uses invalid atomic opcode 21", 3))
        .except(&[(until(5, 10), To(refuse(EINVAL, "BPF_STX uses reserved fields")))]),
    );
