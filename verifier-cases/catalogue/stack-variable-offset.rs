//! The stack at a variable offset.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "stack-variable-offset",
    place: 330,
    title: "the stack is accessed at a variable offset",
    cases: &[STACK_VARIABLE_WRITE_WITHOUT_PERFMON, STACK_VARIABLE_WRITE_BORDER, STACK_UNBOUNDED_WRITE],
};

const STACK_VARIABLE_WRITE_WITHOUT_PERFMON: Case = Case::new("stack-variable-write-without-perfmon", Xdp)
    .teaches(
        "Without CAP_PERFMON a store at a variable stack offset is refused: under \
        speculation it might go anywhere. Root may do it within the bounds.",
    )
    .without_perfmon()
    .program(|a| {
        a.load(U32, R1, R1 + 16);
        a.and(R1, 7);
        a.store(U64, R10 - 8, 0);
        a.mov(R2, R10);
        a.add(R2, -8);
        a.add(R2, R1);
        a.store(U8, R2 + 0, 1);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 5, "R2 variable stack access prohibited for !root, var_off=(0x0; 0x7) off=-8", 6))
    .except(&[(
        since(7, 1),
        Message(
            "R2 variable stack access prohibited for !root, var_off=(0xfffffffffffffff8; \
        0x7) off=-8",
        ),
    )])
    .twin(
        Twin::new("a constant offset", |a| {
            a.load(U32, R1, R1 + 16);
            a.and(R1, 7);
            a.store(U64, R10 - 8, 0);
            a.mov(R2, R10);
            a.add(R2, -8);
            a.add(R2, 3);
            a.store(U8, R2 + 0, 1);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(9)),
    );

const STACK_VARIABLE_WRITE_BORDER: Case = Case::new("stack-variable-write-border", Xdp)
    .teaches(
        "Root may store at a variable offset, as long as every possible byte is in \
        the frame. A mask of 15 from fp-8 on reaches up to fp+7. Up to 7.0 the \
        message has the bits and the offset of the address, later both in one.",
    )
    .program(|a| {
        a.load(U32, R1, R1 + 16);
        a.and(R1, 15);
        a.mov(R2, R10);
        a.add(R2, -8);
        a.add(R2, R1);
        a.store(U8, R2 + 0, 1);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(
        EINVAL,
        5,
        "invalid variable-offset write to stack R2 var_off=(0x0; 0xf) off=-8 size=1",
        6,
    ))
    .except(&[
        (until(6, 1), Message("invalid variable-offset write to stack R2 var_off=(0x0; 0xf) size=1")),
        (
            since(7, 1),
            Message(
                "invalid variable-offset write to stack R2 var_off=(0x0; 0xffffffffffffffff) \
        off=0 size=1",
            ),
        ),
    ])
    .states(&[
        state(until(5, 10), 4, R2, "fp(id=0,off=-8,umax_value=15,var_off=(0x0; 0xf))"),
        state(only(6, 1), 4, R2, "fp(off=-8,umax=15,var_off=(0x0; 0xf))"),
        state(
            between((6, 12), (7, 0)),
            4,
            R2,
            "fp(off=-8,smin=smin32=0,smax=umax=smax32=umax32=15,var_off=(0x0; 0xf))",
        ),
        state(since(7, 1), 4, R2, "fp(smin=smin32=-8,smax=smax32=7)"),
    ])
    .twin(
        Twin::new("a mask of 7", |a| {
            a.load(U32, R1, R1 + 16);
            a.and(R1, 7);
            a.mov(R2, R10);
            a.add(R2, -8);
            a.add(R2, R1);
            a.store(U8, R2 + 0, 1);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(8)),
    );

const STACK_UNBOUNDED_WRITE: Case = Case::new("stack-unbounded-write", Xdp)
    .teaches(
        "An index of 32 bits without a bound has no business on the stack: the access \
        is called unbounded.",
    )
    .program(|a| {
        a.load(U32, R1, R1 + 16);
        a.mov(R2, R10);
        a.add(R2, -8);
        a.add(R2, R1);
        a.store(U8, R2 + 0, 1);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 4, "invalid unbounded variable-offset write to stack R2", 5))
    .twin(
        Twin::new("a mask of 7", |a| {
            a.load(U32, R1, R1 + 16);
            a.and(R1, 7);
            a.mov(R2, R10);
            a.add(R2, -8);
            a.add(R2, R1);
            a.store(U8, R2 + 0, 1);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(8)),
    );
