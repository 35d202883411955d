//! Variables of the kernel by their number.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "kernel-symbol",
    place: 1260,
    title: "a symbol or type of the kernel is not there",
    cases: &[SYMBOL_WITHOUT_TYPE],
};

const SYMBOL_WITHOUT_TYPE: Case = Case::new("symbol-without-type", Xdp)
    .unmodelled()
    .teaches(
        "The address of a variable of the kernel's is taken by its number in the \
        kernel's types, which differs from kernel to kernel: loaders look it up by \
        name. A number that is no variable is refused.",
    )
    .program(|a| {
        a.raw(Slot { opcode: opcode::LD_IMM64, dst: 1, src: pseudo::BTF_ID, off: 0, imm: 0x7fff_0000 });
        a.raw(Slot::default());
        a.mov(R0, 2);
        a.exit();
    })
    .expect(refuse(ENOENT, "ldimm64 insn specifies invalid btf_id 2147418112."))
    .twin(
        Twin::new("0, as loaders write for what isn't there", |a| {
            a.load_imm64(R1, 0);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );
