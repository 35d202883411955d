//! A jump from one function into another.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "jump-between-functions",
    place: 730,
    title: "a jump leads from one function into another",
    cases: &[JUMP_INTO_CALLEE],
};

const JUMP_INTO_CALLEE: Case = Case::new("jump-into-callee", Xdp)
    .teaches(
        "Functions are entered by calls. A jump over their border is refused, with \
        the instruction that jumps.",
    )
    .program(|a| {
        let callee = a.function("callee", Linkage::Static, &[]);
        let inside = a.label("inside");
        a.goto_if(R1.eq(0), inside);
        a.call_function(callee);
        a.exit();
        a.begin(callee);
        a.mov(R0, 2);
        a.bind(inside);
        a.exit();
    })
    .expect(refuse(EINVAL, "jump out of range from insn 0 to 4"))
    .twin(
        Twin::new("a jump inside", |a| {
            let callee = a.function("callee", Linkage::Static, &[]);
            let inside = a.label("inside");
            a.mov(R0, 2);
            a.goto_if(R1.eq(0), inside);
            a.call_function(callee);
            a.bind(inside);
            a.exit();
            a.begin(callee);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(7)),
    );
