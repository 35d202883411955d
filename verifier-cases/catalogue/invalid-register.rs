//! A register beyond r10.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "invalid-register",
    place: 640,
    title: "an instruction names a register that does not exist",
    cases: &[REGISTER_ELEVEN],
};

const REGISTER_ELEVEN: Case = Case::new("register-eleven", Xdp)
    .teaches(
        "The register fields have four bits, and r11 to r15 do not exist for \
        programs.",
    )
    .program(|a| {
        a.raw(Slot { opcode: opcode::MOV64_K, dst: 11, src: 0, off: 0, imm: 2 });
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 0, "R11 is invalid", 1))
    .except(&[(since(7, 1), To(refuse(EINVAL, "R11 is invalid")))])
    .twin(
        Twin::new("r9", |a| {
            a.raw(Slot { opcode: opcode::MOV64_K, dst: 9, src: 0, off: 0, imm: 2 });
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );
