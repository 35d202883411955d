//! The program ends without a result.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "uninitialised-result",
    title: "the program ends without a result in r0",
    cases: &[EXIT_WITHOUT_RESULT, EXIT_AFTER_DELETE_OF_RESULT],
};

const EXIT_WITHOUT_RESULT: Case = Case::new("exit-without-result", Xdp)
    .teaches(
        "The result of a program is r0, and exit reads it. Where no path has written \
        it, the verifier refuses the exit itself. Every path needs a result.",
    )
    .program(|a| {
        a.exit();
    })
    .expect(reject(EACCES, 0, "R0 !read_ok", 1))
    .twin(
        Twin::new("r0 is written", |a| {
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(2)),
    );

const EXIT_AFTER_DELETE_OF_RESULT: Case = Case::new("exit-after-delete-of-result", Xdp)
    .teaches(
        "A call to a helper writes r0, with the helper's result, and a result of any \
        helper is a result of the program. Moving the exit in front of the call \
        takes it away. In XDP any number is accepted as a result.",
    )
    .program(|a| {
        a.mov(R1, R0);
        a.call(Helper::KtimeGetNs);
        a.exit();
    })
    .expect(reject(EACCES, 0, "R0 !read_ok", 1))
    .twin(
        Twin::new("the call comes first", |a| {
            a.call(Helper::KtimeGetNs);
            a.mov(R1, R0);
            a.exit();
        })
        .expect(accept(3)),
    );
