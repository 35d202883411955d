//! A result that the program type does not have.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "result-range",
    place: 740,
    title: "the program's result is outside of what its type may return",
    cases: &[CGROUP_SKB_RESULT, CGROUP_SKB_RESULT_UNKNOWN, XDP_ANY_RESULT],
};

const CGROUP_SKB_RESULT: Case = Case::new("cgroup-skb-result", CgroupSkb)
    .teaches(
        "A cgroup_skb program returns 0 (drop) or 1 (pass), for some attach types \
        also 2 and 3. The verifier checks the range at every exit. Older kernels \
        print the known bits in the message, newer ones the range.",
    )
    .program(|a| {
        a.mov(R0, 77);
        a.exit();
    })
    .expect(reject(
        EINVAL,
        1,
        "At program exit the register R0 has smin=77 smax=77 should have been in [0, 1]",
        2,
    ))
    .except(&[(
        until(6, 1),
        Message(
            "At program exit the register R0 has value (0x4d; 0x0) should have been in \
        (0x0; 0x1)",
        ),
    )])
    .twin(
        Twin::new("1", |a| {
            a.mov(R0, 1);
            a.exit();
        })
        .expect(accept(2)),
    );

const CGROUP_SKB_RESULT_UNKNOWN: Case = Case::new("cgroup-skb-result-unknown", CgroupSkb)
    .teaches(
        "A result that is not known must be bounded: any number of the packet's mark \
        is not a verdict.",
    )
    .program(|a| {
        a.load(U32, R0, R1 + 8);
        a.exit();
    })
    .expect(reject(
        EINVAL,
        1,
        "At program exit the register R0 has smin=0 smax=4294967295 should have been \
        in [0, 1]",
        2,
    ))
    .except(&[(
        until(6, 1),
        Message(
            "At program exit the register R0 has value (0x0; 0xffffffff) should have \
        been in (0x0; 0x1)",
        ),
    )])
    .twin(
        Twin::new("masked", |a| {
            a.load(U32, R0, R1 + 8);
            a.and(R0, 1);
            a.exit();
        })
        .expect(accept(3)),
    );

const XDP_ANY_RESULT: Case = Case::new("xdp-any-result", Xdp)
    .teaches(
        "XDP has no range: 77 is accepted by the verifier, and the driver treats it \
        as XDP_ABORTED with a warning. Even a pointer would be accepted from root.",
    )
    .program(|a| {
        a.mov(R0, 77);
        a.exit();
    })
    .expect(accept(2))
    .twin(
        Twin::new("no result", |a| {
            a.exit();
        })
        .expect(reject(EACCES, 0, "R0 !read_ok", 1))
        .fault(&[(ALL, "uninitialised-result")]),
    );
