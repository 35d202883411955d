//! A dynptr that was never made.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "uninitialised-dynptr",
    place: 555,
    title: "a dynptr is used that was never made",
    cases: &[DYNPTR_NEVER_MADE],
};

/// `bpf_dynptr_read(fp-8, 8, fp-24, 0, 0)`: reads 8 bytes through the dynptr at fp-24.
#[track_caller]
fn read(a: &mut Asm) {
    a.mov(R1, R10);
    a.add(R1, -8);
    a.mov(R2, 8);
    a.mov(R3, R10);
    a.add(R3, -24);
    a.mov(R4, 0);
    a.mov(R5, 0);
    a.call(Helper::DynptrRead);
    a.mov(R0, 2);
    a.exit();
}

const DYNPTR_NEVER_MADE: Case = Case::new("dynptr-never-made", Xdp)
    .unmodelled()
    .teaches(
        "A dynptr is 16 bytes of stack that only helpers may fill: they note in them \
        where memory is and how much. Reading through one needs a helper that has \
        made it on the same path, such as bpf_dynptr_from_mem.",
    )
    .program(read)
    .expect(reject(EINVAL, 7, "Expected an initialized dynptr as arg #2", 8))
    .except(&[
        (until(5, 10), Message("invalid func unknown#201")),
        (only(6, 1), Message("Expected an initialized dynptr as arg #3")),
        (since(7, 2), Message("Expected an initialized dynptr as R3")),
    ])
    .fault(&[(until(5, 10), "unknown-helper")])
    .twin(
        Twin::new("bpf_dynptr_from_mem makes it before", |a| {
            let map = a.map(MapDef::new::<u32, [u8; 24]>("m", MapType::Array, 1));
            a.load_map_value(R1, map, 0);
            a.mov(R2, 24);
            a.mov(R3, 0);
            a.mov(R4, R10);
            a.add(R4, -24);
            a.call(Helper::DynptrFromMem);
            read(a);
        })
        .expect(accept(16))
        .except(&[(until(5, 10), To(reject(EINVAL, 6, "invalid func unknown#197", 6)))])
        .fault(&[(until(5, 10), "unknown-helper")]),
    );
