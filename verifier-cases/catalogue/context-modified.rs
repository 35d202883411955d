//! The context pointer must be as it came.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "context-modified",
    place: 410,
    title: "the context pointer was moved before the access",
    cases: &[CONTEXT_POINTER_MOVED, CONTEXT_VARIABLE_OFFSET],
};

const CONTEXT_POINTER_MOVED: Case = Case::new("context-pointer-moved", Xdp)
    .teaches(
        "An access to the context is rewritten to the kernel's own struct, which \
        works only if the pointer is the original one. Its offset belongs into the \
        load, where a constant is all it takes.",
    )
    .program(|a| {
        a.add(R1, 4);
        a.load(U32, R0, R1 + 0);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 1, "dereference of modified ctx ptr R1 off=4 disallowed", 2))
    .twin(
        Twin::new("the offset is in the load", |a| {
            a.load(U32, R0, R1 + 4);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );

const CONTEXT_VARIABLE_OFFSET: Case = Case::new("context-variable-offset", Xdp)
    .teaches(
        "A variable offset into the context cannot be rewritten to a field. Even if \
        both fields could be read, the load is refused: branch and load one or the \
        other.",
    )
    .program(|a| {
        a.load(U32, R2, R1 + 16);
        a.and(R2, 4);
        a.add(R1, R2);
        a.load(U32, R0, R1 + 12);
        a.exit();
    })
    .expect(reject(EACCES, 3, "variable ctx access var_off=(0x0; 0x4) disallowed", 4))
    .twin(
        Twin::new("no variable", |a| {
            a.load(U32, R2, R1 + 16);
            a.and(R2, 4);
            a.load(U32, R0, R1 + 12);
            a.exit();
        })
        .expect(accept(4)),
    );
