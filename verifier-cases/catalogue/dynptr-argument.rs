//! What a dynptr may be made of.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "dynptr-argument",
    place: 556,
    title: "the argument is no such dynptr",
    cases: &[DYNPTR_OF_STACK],
};

/// `bpf_dynptr_from_mem(r1, 8, 0, fp-24)`.
#[track_caller]
fn dynptr_from(a: &mut Asm) {
    a.mov(R2, 8);
    a.mov(R3, 0);
    a.mov(R4, R10);
    a.add(R4, -24);
    a.call(Helper::DynptrFromMem);
    a.mov(R0, 2);
    a.exit();
}

const DYNPTR_OF_STACK: Case = Case::new("dynptr-of-stack", Xdp)
    .unmodelled()
    .teaches(
        "A dynptr of memory may be made of a map's value. The stack is gone when its \
        function returns, and what is left of the dynptr would lead there.",
    )
    .program(|a| {
        a.store(U64, R10 - 8, 0);
        a.mov(R1, R10);
        a.add(R1, -8);
        dynptr_from(a);
    })
    .expect(reject(EACCES, 7, "Unsupported reg type fp for bpf_dynptr_from_mem data", 8))
    .except(&[(until(5, 10), To(reject(EINVAL, 7, "invalid func unknown#197", 8)))])
    .fault(&[(until(5, 10), "unknown-helper")])
    .twin(
        Twin::new("a map's value", |a| {
            let map = a.map(MapDef::new::<u32, [u8; 24]>("m", MapType::Array, 1));
            a.load_map_value(R1, map, 0);
            dynptr_from(a);
        })
        .expect(accept(8))
        .except(&[(until(5, 10), To(reject(EINVAL, 6, "invalid func unknown#197", 6)))])
        .fault(&[(until(5, 10), "unknown-helper")]),
    );
