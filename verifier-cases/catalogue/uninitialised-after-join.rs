//! A register that only one of two branches writes.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "uninitialised-after-join",
    place: 30,
    title: "only one of two branches writes a register that is read where they meet",
    cases: &[WRITTEN_ON_ONE_BRANCH],
};

const WRITTEN_ON_ONE_BRANCH: Case = Case::new("written-on-one-branch", Xdp)
    .teaches(
        "The verifier walks every path by itself. Where a register is read after a \
        join, each path into the join has to have written it; the path that did not \
        is the one in the log. Writing the register before the branch serves both.",
    )
    .program(|a| {
        let join = a.label("join");
        a.load(U32, R2, R1 + 16);
        a.goto_if(R2.eq(0), join);
        a.mov(R6, 2);
        a.bind(join);
        a.mov(R0, R6);
        a.exit();
    })
    .expect(reject(EACCES, 3, "R6 !read_ok", 6))
    .twin(
        Twin::new("r6 is written before the branch", |a| {
            let join = a.label("join");
            a.load(U32, R2, R1 + 16);
            a.mov(R6, 1);
            a.goto_if(R2.eq(0), join);
            a.mov(R6, 2);
            a.bind(join);
            a.mov(R0, R6);
            a.exit();
        })
        .expect(accept(8)),
    );
