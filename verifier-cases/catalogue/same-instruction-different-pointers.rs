//! One instruction, two kinds of pointer.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "same-instruction-different-pointers",
    place: 480,
    title: "one load is reached with pointers of different kinds",
    cases: &[LOAD_FROM_CONTEXT_OR_STACK],
};

const LOAD_FROM_CONTEXT_OR_STACK: Case = Case::new("load-from-context-or-stack", Xdp)
    .teaches(
        "Accesses to the context are rewritten, others are not, and one instruction \
        cannot be both. The second path to reach the load is refused, though each \
        alone would be fine. Duplicate the load.",
    )
    .program(|a| {
        let load = a.label("load");
        a.store(U64, R10 - 24, 0);
        a.load(U32, R0, R1 + 16);
        a.goto_if(R0.eq(0), load);
        a.mov(R1, R10);
        a.add(R1, -24);
        a.bind(load);
        a.load(U32, R0, R1 + 16);
        a.exit();
    })
    .expect(reject(EINVAL, 5, "same insn cannot be used with different pointers", 8))
    .twin(
        Twin::new("a load on each branch", |a| {
            let other = a.label("other");
            a.store(U64, R10 - 24, 0);
            a.load(U32, R0, R1 + 16);
            a.goto_if(R0.eq(0), other);
            a.mov(R1, R10);
            a.add(R1, -24);
            a.load(U32, R0, R1 + 0);
            a.exit();
            a.bind(other);
            a.load(U32, R0, R1 + 16);
            a.exit();
        })
        .expect(accept(9)),
    );
