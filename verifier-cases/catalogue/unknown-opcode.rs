//! An opcode that no instruction has.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "unknown-opcode",
    place: 620,
    title: "the code has no such instruction",
    cases: &[OPCODE_FF, SIGNED_DIVISION, SIGN_EXTENDING_LOAD, BYTE_SWAP, LOAD_ACQUIRE],
};

const OPCODE_FF: Case = Case::new("opcode-ff", Xdp)
    .teaches(
        "A byte that no instruction starts with. An object for a newer instruction \
        set looks like that on an old kernel.",
    )
    .program(|a| {
        a.raw(Slot { opcode: 0xff, dst: 0, src: 0, off: 0, imm: 0 });
        a.exit();
    })
    .expect(refuse(EINVAL, "unknown opcode ff"))
    .twin(
        Twin::new("an instruction", |a| {
            a.raw(Slot { opcode: opcode::MOV64_K, dst: 0, src: 0, off: 0, imm: 2 });
            a.exit();
        })
        .expect(accept(2)),
    );

const SIGNED_DIVISION: Case = Case::new("signed-division", Xdp)
    .teaches(
        "Signed division came with the instruction set v4, in Linux 6.6: it is an \
        unsigned division with offset 1. Older kernels call that a reserved field.",
    )
    .program(|a| {
        a.mov(R0, -4);
        a.sdiv(R0, 2);
        a.exit();
    })
    .expect(accept(3))
    .except(&[(until(6, 1), To(reject(EINVAL, 1, "BPF_ALU uses reserved fields", 2)))])
    .twin(
        Twin::new("unsigned", |a| {
            a.mov(R0, -4);
            a.div(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );

const SIGN_EXTENDING_LOAD: Case = Case::new("sign-extending-load", Xdp)
    .teaches(
        "Loads that extend the sign came with Linux 6.6 too, under a mode bit that \
        older kernels do not know. Shifts to the left and back do the same there.",
    )
    .program(|a| {
        a.load_sx(SxSize::S8, R0, R10 - 8);
        a.exit();
    })
    .expect(accept(2))
    .except(&[(until(6, 1), To(refuse(EINVAL, "BPF_LDX uses reserved fields")))])
    .twin(
        Twin::new("an unsigned load", |a| {
            a.load(U8, R0, R10 - 8);
            a.exit();
        })
        .expect(accept(2))
        .except(&[(until(5, 10), To(reject(EACCES, 0, "invalid read from stack R10 off=-8 size=1", 1)))])
        .fault(&[(until(5, 10), "uninitialised-stack")]),
    );

const BYTE_SWAP: Case = Case::new("byte-swap", Xdp)
    .teaches(
        "`bswap16` without a byte order is of Linux 6.6; `be16` has always been there \
        and swaps on little-endian machines.",
    )
    .program(|a| {
        a.mov(R0, 2);
        a.bswap(SwapBits::B16, R0);
        a.exit();
    })
    .expect(accept(3))
    .except(&[(until(6, 1), To(refuse(EINVAL, "unknown opcode d7")))])
    .twin(
        Twin::new("`be16`", |a| {
            a.mov(R0, 2);
            a.be(SwapBits::B16, R0);
            a.exit();
        })
        .expect(accept(3)),
    );

const LOAD_ACQUIRE: Case = Case::new("load-acquire", Xdp)
    .teaches(
        "Loads with acquire order are atomics of Linux 6.15. A plain load is what \
        older kernels have.",
    )
    .program(|a| {
        a.store(U64, R10 - 8, 2);
        a.load_acquire(U64, R0, R10 - 8);
        a.exit();
    })
    .expect(accept(3))
    .except(&[
        (until(5, 10), To(refuse(EINVAL, "BPF_STX uses reserved fields"))),
        (between((6, 1), (6, 12)), To(reject(EINVAL, 0, "BPF_ATOMIC uses invalid atomic opcode 100", 2))),
    ])
    .twin(
        Twin::new("a plain load", |a| {
            a.store(U64, R10 - 8, 2);
            a.load(U64, R0, R10 - 8);
            a.exit();
        })
        .expect(accept(3)),
    );
