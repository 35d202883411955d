//! Half a 64-bit load.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "incomplete-ld-imm64",
    place: 670,
    title: "the second half of a 64-bit load is missing or wrong",
    cases: &[LD_IMM64_WITHOUT_SECOND_HALF],
};

const LD_IMM64_WITHOUT_SECOND_HALF: Case = Case::new("ld-imm64-without-second-half", Xdp)
    .teaches(
        "The second slot of ld_imm64 must be empty but for the upper half of the \
        constant. Another instruction there is refused.",
    )
    .program(|a| {
        a.raw(Slot { opcode: opcode::LD_IMM64, dst: 0, src: 0, off: 0, imm: 2 });
        a.exit();
    })
    .expect(refuse(EINVAL, "invalid bpf_ld_imm64 insn"))
    .twin(
        Twin::new("both halves", |a| {
            a.raw(Slot { opcode: opcode::LD_IMM64, dst: 0, src: 0, off: 0, imm: 2 });
            a.raw(Slot::default());
            a.exit();
        })
        .expect(accept(2)),
    );
