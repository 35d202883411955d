//! An argument that must be a constant.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "size-not-constant",
    place: 550,
    title: "an argument must be a constant",
    cases: &[RESERVE_VARIABLE_SIZE],
};

const RESERVE_VARIABLE_SIZE: Case = Case::new("reserve-variable-size", Xdp)
    .teaches(
        "The verifier has to know how large a reserved record is, so \
        bpf_ringbuf_reserve takes a constant size only. A variable one is refused \
        even if bounded; bpf_ringbuf_output copies data of any size. (The stray \
        quote is the kernel's.)",
    )
    .program(|a| {
        let out = a.label("out");
        let map = a.map(MapDef::ring_buffer("events", 4096));
        a.load(U32, R2, R1 + 16);
        a.and(R2, 8);
        a.load_map(R1, map);
        a.mov(R3, 0);
        a.call(Helper::RingbufReserve);
        a.goto_if(R0.eq(0), out);
        a.mov(R1, R0);
        a.mov(R2, 0);
        a.call(Helper::RingbufSubmit);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 5, "R2 is not a known constant'", 5))
    .except(&[
        (since(7, 3), To(reject(EINVAL, 5, "R2 is not a const", 5))),
        (until(5, 10), Message("R2 unbounded size, use 'var &= const' or 'if (var < const)'")),
    ])
    .twin(
        Twin::new("a constant", |a| {
            let out = a.label("out");
            let map = a.map(MapDef::ring_buffer("events", 4096));
            a.mov(R2, 8);
            a.load_map(R1, map);
            a.mov(R3, 0);
            a.call(Helper::RingbufReserve);
            a.goto_if(R0.eq(0), out);
            a.mov(R1, R0);
            a.mov(R2, 0);
            a.call(Helper::RingbufSubmit);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(11)),
    );
