//! The program ends without a result.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "uninitialised-result",
    place: 20,
    title: "the program ends without a result in r0",
    cases: &[EXIT_WITHOUT_RESULT, RESULT_READ_BEFORE_CALL],
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

const RESULT_READ_BEFORE_CALL: Case = Case::new("result-read-before-call", Xdp)
    .teaches(
        "A helper's result is in r0 after the call, and nothing is there before. \
        Reading it too early is refused like any register that was never written. \
        What a helper returns may be the program's result as well: XDP takes any \
        number.",
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
