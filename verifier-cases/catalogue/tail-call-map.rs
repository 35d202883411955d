//! A tail call wants a program array.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "tail-call-map",
    place: 510,
    title: "a tail call without a program array",
    cases: &[TAIL_CALL_THROUGH_HASH],
};

const TAIL_CALL_THROUGH_HASH: Case = Case::new("tail-call-through-hash", Xdp)
    .teaches(
        "bpf_tail_call takes a map of programs as its second argument, and any other \
        map is refused. Up to 6.16 the message blames the kernel (`misconfigured \
        verifier`). The newer one lacks its end of line, so that the statistics \
        stand after it.",
    )
    .program(|a| {
        let map = hash_map(a, 8);
        a.load_map(R2, map);
        a.mov(R3, 0);
        a.call(Helper::TailCall);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 3, "expected prog array map for tail call", 3))
    .except(&[(until(6, 16), Message("kernel subsystem misconfigured verifier"))])
    .twin(
        Twin::new("a program array", |a| {
            let map = a.map(MapDef::new::<u32, u32>("m", MapType::ProgArray, 4));
            a.load_map(R2, map);
            a.mov(R3, 0);
            a.call(Helper::TailCall);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(5)),
    );
