//! A call into nowhere.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "call-target",
    place: 720,
    title: "a call leads to no function",
    cases: &[CALL_BEHIND_THE_END],
};

const CALL_BEHIND_THE_END: Case = Case::new("call-behind-the-end", Xdp)
    .teaches(
        "A call of the program's own function counts like a jump, from the next \
        instruction. It must lead to an instruction of the program.",
    )
    .program(|a| {
        a.raw(Slot { opcode: opcode::CALL, dst: 0, src: pseudo::CALL, off: 0, imm: 10 });
        a.exit();
    })
    .expect(refuse(EINVAL, "call to invalid destination"))
    .twin(
        Twin::new("to a function", |a| {
            a.raw(Slot { opcode: opcode::CALL, dst: 0, src: pseudo::CALL, off: 0, imm: 1 });
            a.exit();
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(4)),
    );
