//! A million instructions.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "too-many-instructions",
    place: 700,
    title: "the verifier gives up after a million instructions",
    cases: &[LOOP_OF_A_MILLION],
};

const LOOP_OF_A_MILLION: Case = Case::new("loop-of-a-million", Xdp)
    .teaches(
        "Every round costs its instructions, and after a million the verifier gives \
        up: `BPF program is too large. Processed 1000001 insn`. (The log of that \
        walk is too large to be kept, so this case is loaded without one.) The limit \
        counts what is walked, not what the program has.",
    )
    .verdict_only()
    .program(|a| {
        a.mov(R1, 0);
        let top = a.label_here("top");
        moves(a, 998);
        a.add(R1, 1);
        a.goto_if(R1.lt(1000), top);
        a.exit();
    })
    .expect(refuse_silently(E2BIG))
    .twin(
        Twin::new("one round less", |a| {
            a.mov(R1, 0);
            let top = a.label_here("top");
            moves(a, 998);
            a.add(R1, 1);
            a.goto_if(R1.lt(999), top);
            a.exit();
        })
        .expect(accept_silently()),
    );
