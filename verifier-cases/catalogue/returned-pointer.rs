//! An address as a result.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "returned-pointer",
    place: 750,
    title: "the program returns an address",
    cases: &[POINTER_RETURNED_WITHOUT_PERFMON, POINTER_RETURNED_AS_ROOT],
};

const POINTER_RETURNED_WITHOUT_PERFMON: Case = Case::new("pointer-returned-without-perfmon", Xdp)
    .teaches(
        "A result that is an address would tell user space where the kernel keeps \
        things. Without CAP_PERFMON it is refused.",
    )
    .without_perfmon()
    .program(|a| {
        a.mov(R0, R10);
        a.exit();
    })
    .expect(reject(EACCES, 1, "R0 leaks addr as return value", 2))
    .twin(
        Twin::new("a number", |a| {
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(2)),
    );

const POINTER_RETURNED_AS_ROOT: Case = Case::new("pointer-returned-as-root", Xdp)
    .teaches("Root may leak addresses, to itself.")
    .program(|a| {
        a.mov(R0, R10);
        a.exit();
    })
    .expect(accept(2))
    .twin(
        Twin::new("nothing in r0", |a| {
            a.mov(R1, R10);
            a.exit();
        })
        .expect(reject(EACCES, 1, "R0 !read_ok", 2))
        .fault(&[(ALL, "uninitialised-result")]),
    );
