//! A function that calls itself.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "recursion",
    place: 370,
    title: "a function calls itself",
    cases: &[FUNCTION_CALLS_ITSELF],
};

const FUNCTION_CALLS_ITSELF: Case = Case::new("function-calls-itself", Xdp)
    .teaches(
        "Recursion is a loop over frames: there is no bound on the stack, and the \
        verifier refuses the call chain. Loops inside a function are fine if they \
        end.",
    )
    .program(|a| {
        let callee = a.function("callee", Linkage::Static, &[]);
        a.call_function(callee);
        a.exit();
        a.begin(callee);
        a.call_function(callee);
        a.exit();
    })
    .expect(reject(E2BIG, 2, "the call stack of 9 frames is too deep", 8))
    .except(&[
        (until(6, 1), To(refuse(EINVAL, "back-edge from insn 2 to 2"))),
        (since(7, 1), To(refuse(EINVAL, "recursive call from () to ()"))),
    ])
    .twin(
        Twin::new("the function returns", |a| {
            let callee = a.function("callee", Linkage::Static, &[]);
            a.call_function(callee);
            a.exit();
            a.begin(callee);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(4)),
    );
