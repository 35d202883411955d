//! A jump out of the program.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "jump-out-of-range",
    place: 600,
    title: "a jump leads out of the program",
    cases: &[JUMP_BEHIND_THE_END, JUMP_INTO_SECOND_HALF],
};

const JUMP_BEHIND_THE_END: Case = Case::new("jump-behind-the-end", Xdp)
    .teaches(
        "Jumps count from the next instruction. From instruction 0 the distance 10 \
        leads to 11, and there are only two.",
    )
    .program(|a| {
        a.raw(Slot { opcode: opcode::JA, dst: 0, src: 0, off: 10, imm: 0 });
        a.exit();
    })
    .expect(refuse(EINVAL, "jump out of range from insn 0 to 11"))
    .twin(
        Twin::new("to the next instruction", |a| {
            a.raw(Slot { opcode: opcode::MOV64_K, dst: 0, src: 0, off: 0, imm: 2 });
            a.exit();
        })
        .expect(accept(2)),
    );

const JUMP_INTO_SECOND_HALF: Case = Case::new("jump-into-second-half", Xdp)
    .teaches(
        "ld_imm64 takes two slots, and the second is no instruction. A jump to it is \
        refused.",
    )
    .program(|a| {
        a.raw(Slot { opcode: opcode::JEQ_K, dst: 1, src: 0, off: 1, imm: 0 });
        a.load_imm64(R0, 2);
        a.exit();
    })
    .expect(refuse(EINVAL, "jump into the middle of ldimm64 insn 1"))
    .except(&[(until(5, 10), To(reject(EINVAL, 3, "invalid BPF_LD_IMM insn", 4)))])
    .twin(
        Twin::new("to the slot after it", |a| {
            a.mov(R0, 1);
            a.raw(Slot { opcode: opcode::JEQ_K, dst: 1, src: 0, off: 2, imm: 0 });
            a.load_imm64(R0, 2);
            a.exit();
        })
        .expect(accept(5)),
    );
