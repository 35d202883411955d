//! A called function sees its arguments and nothing else.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "callee-saved-lost",
    place: 390,
    title: "a called function does not see its caller's registers",
    cases: &[CALLER_REGISTER_IN_CALLEE],
};

const CALLER_REGISTER_IN_CALLEE: Case = Case::new("caller-register-in-callee", Xdp)
    .teaches(
        "r6 to r9 of the caller are saved over a call of a function, and inside they \
        start empty. What the function needs comes in r1 to r5.",
    )
    .program(|a| {
        let callee = a.function("callee", Linkage::Static, &[]);
        a.mov(R6, 2);
        a.call_function(callee);
        a.exit();
        a.begin(callee);
        a.mov(R0, R6);
        a.exit();
    })
    .expect(reject(EACCES, 3, "R6 !read_ok", 3))
    .twin(
        Twin::new("the value is an argument", |a| {
            let callee = a.function("callee", Linkage::Static, &["verdict"]);
            a.mov(R1, 2);
            a.call_function(callee);
            a.exit();
            a.begin(callee);
            a.mov(R0, R1);
            a.exit();
        })
        .expect(accept(5)),
    );
