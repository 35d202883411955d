//! Code that the verifier knows to be dead.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "dead-branch",
    place: 940,
    title: "code after a condition that is known",
    cases: &[FAULT_ON_DEAD_BRANCH],
};

const FAULT_ON_DEAD_BRANCH: Case = Case::new("fault-on-dead-branch", Xdp)
    .teaches(
        "The condition is known to be true, so the verifier never walks the other \
        branch, whatever is wrong in it: the load through r0 is not seen. Dead code \
        is removed after the verification.",
    )
    .program(|a| {
        let out = a.label("out");
        a.mov(R0, 2);
        a.goto_if(R0.eq(2), out);
        a.load(U64, R0, R0 + 0);
        a.bind(out);
        a.exit();
    })
    .expect(accept(3))
    .twin(
        Twin::new("a condition that is not known", |a| {
            let out = a.label("out");
            a.load(U32, R0, R1 + 16);
            a.goto_if(R0.eq(2), out);
            a.load(U64, R0, R0 + 0);
            a.bind(out);
            a.exit();
        })
        .expect(reject(EACCES, 2, "R0 invalid mem access 'scalar'", 3))
        .except(&[(until(5, 10), Message("R0 invalid mem access 'inv'"))])
        .fault(&[(ALL, "null-dereference")]),
    );
