//! A spilled pointer is kept whole or not at all.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "spilled-pointer",
    place: 340,
    title: "a spilled pointer is read or overwritten in part",
    cases: &[PARTIAL_FILL_OF_POINTER, OVERWRITTEN_POINTER_FILLED, POINTER_CORRUPTED_WITHOUT_PERFMON],
};

const PARTIAL_FILL_OF_POINTER: Case = Case::new("partial-fill-of-pointer", Xdp)
    .teaches(
        "A pointer spilled with eight bytes must be filled with eight. Reading half \
        of it would turn an address into a number.",
    )
    .program(|a| {
        a.store(U64, R10 - 8, R1);
        a.load(U32, R0, R10 - 8);
        a.exit();
    })
    .expect(reject(EACCES, 1, "invalid size of register fill", 2))
    .twin(
        Twin::new("all eight bytes, into a register for the context", |a| {
            a.store(U64, R10 - 8, R1);
            a.load(U64, R1, R10 - 8);
            a.load(U32, R0, R1 + 16);
            a.exit();
        })
        .expect(accept(4)),
    );

const OVERWRITTEN_POINTER_FILLED: Case = Case::new("overwritten-pointer-filled", Xdp)
    .teaches(
        "One byte stored into the slot destroys the pointer in it: what is filled \
        afterwards is a number. As root that is allowed, and the damage shows at the \
        next use.",
    )
    .program(|a| {
        a.store(U64, R10 - 8, R1);
        a.store(U8, R10 - 8, 0);
        a.load(U64, R1, R10 - 8);
        a.load(U32, R0, R1 + 16);
        a.exit();
    })
    .expect(reject(EACCES, 3, "R1 invalid mem access 'scalar'", 4))
    .except(&[(until(5, 10), Message("R1 invalid mem access 'inv'"))])
    .twin(
        Twin::new("the byte goes to another slot", |a| {
            a.store(U64, R10 - 8, R1);
            a.store(U8, R10 - 16, 0);
            a.load(U64, R1, R10 - 8);
            a.load(U32, R0, R1 + 16);
            a.exit();
        })
        .expect(accept(5)),
    );

const POINTER_CORRUPTED_WITHOUT_PERFMON: Case = Case::new("pointer-corrupted-without-perfmon", Xdp)
    .teaches("Without CAP_PERFMON the store into the spilled pointer is refused itself.")
    .without_perfmon()
    .program(|a| {
        a.store(U64, R10 - 8, R1);
        a.store(U8, R10 - 8, 0);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 1, "attempt to corrupt spilled pointer on stack", 2))
    .twin(
        Twin::new("the byte goes to another slot", |a| {
            a.store(U64, R10 - 8, R1);
            a.store(U8, R10 - 16, 0);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(4)),
    );
