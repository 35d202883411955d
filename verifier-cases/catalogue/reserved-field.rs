//! A field that must be zero.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "reserved-field",
    place: 630,
    title: "a field of an instruction that must be zero is not",
    cases: &[MOV_WITH_OFFSET, SIGN_OF_A_WHOLE_WORD],
};

const MOV_WITH_OFFSET: Case = Case::new("mov-with-offset", Xdp)
    .teaches(
        "Fields that an instruction does not use must be zero, so that they can get a \
        meaning later. This move has an offset of 5. Since 6.6 some offsets of moves \
        have one (movsx), and the message says the same.",
    )
    .program(|a| {
        a.raw(Slot { opcode: opcode::MOV64_K, dst: 0, src: 0, off: 5, imm: 2 });
        a.exit();
    })
    .expect(reject(EINVAL, 0, "BPF_MOV uses reserved fields", 1))
    .except(&[(since(7, 1), To(refuse(EINVAL, "BPF_MOV uses reserved fields")))])
    .twin(
        Twin::new("offset 0", |a| {
            a.raw(Slot { opcode: opcode::MOV64_K, dst: 0, src: 0, off: 0, imm: 2 });
            a.exit();
        })
        .expect(accept(2)),
    );

const SIGN_OF_A_WHOLE_WORD: Case = Case::new("sign-of-a-whole-word", Xdp)
    .teaches(
        "Since 6.6 a move can extend the sign of its lower 8, 16 or 32 bits; the offset says \
        of how many. A move of 32 bits has nothing above its 32 to extend into, so 32 is \
        refused there, though the log shows it as if it were an instruction.",
    )
    .program(|a| {
        a.mov(R1, 1);
        a.raw(Slot { opcode: opcode::MOV32_X, dst: 0, src: 1, off: 32, imm: 0 });
        a.exit();
    })
    .expect(reject(EINVAL, 1, "BPF_MOV uses reserved fields", 2))
    .except(&[(since(7, 1), To(refuse(EINVAL, "BPF_MOV uses reserved fields")))])
    .twin(
        Twin::new("the sign of 16 bits", |a| {
            a.mov(R1, 1);
            a.raw(Slot { opcode: opcode::MOV32_X, dst: 0, src: 1, off: 16, imm: 0 });
            a.exit();
        })
        .expect(accept(3))
        .except(&[(until(6, 1), To(reject(EINVAL, 1, "BPF_MOV uses reserved fields", 2)))]),
    );
