//! The stack at a variable offset.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
slug: "stack-variable-offset",
title: "the stack is accessed at a variable offset",
cases: &[Case::new("stack-variable-write-without-perfmon", Xdp)
.teaches("Without CAP_PERFMON a store at a variable stack offset is refused: under speculation \
it might go anywhere. Root may do it within the bounds.").without_perfmon().program(|a| {
a.load(U32, R1, R1 + 16);
a.and(R1, 7);
a.store(U64, R10 - 8, 0);
a.mov(R2, R10);
a.add(R2, -8);
a.add(R2, R1);
a.store(U8, R2 + 0, 1);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("a constant offset", |a| {
a.load(U32, R1, R1 + 16);
a.and(R1, 7);
a.store(U64, R10 - 8, 0);
a.mov(R2, R10);
a.add(R2, -8);
a.add(R2, 3);
a.store(U8, R2 + 0, 1);
a.mov(R0, 2);
a.exit();
}).expect(accept(0))),
Case::new("stack-variable-write-border", Xdp)
.teaches("Root may store at a variable offset, as long as every possible byte is in the frame. \
A mask of 15 from fp-8 on reaches up to fp+7. (The verifier reports the largest \
offset's end.)").program(|a| {
a.load(U32, R1, R1 + 16);
a.and(R1, 15);
a.mov(R2, R10);
a.add(R2, -8);
a.add(R2, R1);
a.store(U8, R2 + 0, 1);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("a mask of 7", |a| {
a.load(U32, R1, R1 + 16);
a.and(R1, 7);
a.mov(R2, R10);
a.add(R2, -8);
a.add(R2, R1);
a.store(U8, R2 + 0, 1);
a.mov(R0, 2);
a.exit();
}).expect(accept(0))),
Case::new("stack-unbounded-write", Xdp)
.teaches("An index of 32 bits without a bound has no business on the stack: the access is \
called unbounded.").program(|a| {
a.load(U32, R1, R1 + 16);
a.mov(R2, R10);
a.add(R2, -8);
a.add(R2, R1);
a.store(U8, R2 + 0, 1);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)).twin(Twin::new("a mask of 7", |a| {
a.load(U32, R1, R1 + 16);
a.and(R1, 7);
a.mov(R2, R10);
a.add(R2, -8);
a.add(R2, R1);
a.store(U8, R2 + 0, 1);
a.mov(R0, 2);
a.exit();
}).expect(accept(0)))],
};
