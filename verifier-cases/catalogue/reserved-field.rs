//! A field that must be zero.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "reserved-field",
    place: 630,
    title: "a field of an instruction that must be zero is not",
    cases: &[MOV_WITH_OFFSET],
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
