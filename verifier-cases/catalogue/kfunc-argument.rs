//! What a kernel function wants of its arguments.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "kfunc-argument",
    place: 1030,
    title: "an argument is not what the kernel function takes",
    cases: &[SLICE_OF_ANY_SIZE],
};

/// A dynptr at fp-24, of a map's value.
#[track_caller]
fn dynptr(a: &mut Asm) {
    let map = a.map(MapDef::new::<u32, [u8; 24]>("m", MapType::Array, 1));
    a.load_map_value(R1, map, 0);
    a.mov(R2, 24);
    a.mov(R3, 0);
    a.mov(R4, R10);
    a.add(R4, -24);
    a.call(Helper::DynptrFromMem);
}

const SLICE_OF_ANY_SIZE: Case = Case::new("slice-of-any-size", Xdp)
    .unmodelled()
    .teaches(
        "bpf_dynptr_slice gives a pointer to so many bytes of a dynptr. How many has \
        to be a constant: the verifier must know how much memory it is.",
    )
    .program(|a| {
        dynptr(a);
        a.call(Helper::GetPrandomU32);
        a.mov(R4, R0);
        a.mov(R1, R10);
        a.add(R1, -24);
        a.mov(R2, 0);
        a.mov(R3, 0);
        a.call_kernel("bpf_dynptr_slice");
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 13, "R4 must be a known constant", 13))
    .except(&[
        (until(5, 10), To(reject(EINVAL, 6, "invalid func unknown#197", 6))),
        (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
    ])
    .fault(&[(until(5, 10), "unknown-helper"), (only(6, 1), "unknown-kfunc")])
    .twin(
        Twin::new("a constant", |a| {
            dynptr(a);
            a.call(Helper::GetPrandomU32);
            a.mov(R4, 8);
            a.mov(R1, R10);
            a.add(R1, -24);
            a.mov(R2, 0);
            a.mov(R3, 0);
            a.call_kernel("bpf_dynptr_slice");
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(15))
        .except(&[
            (until(5, 10), To(reject(EINVAL, 6, "invalid func unknown#197", 6))),
            (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
        ])
        .fault(&[(until(5, 10), "unknown-helper"), (only(6, 1), "unknown-kfunc")]),
    );
