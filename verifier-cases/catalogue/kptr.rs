//! Kernel pointers in map values.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "kptr",
    place: 1250,
    title: "a kernel pointer in a map value is used against its rules",
    cases: &[EXCHANGE_WITH_A_NUMBER],
};

/// `r1` is the only value of an array: a number, by its type.
#[track_caller]
fn number(a: &mut Asm) {
    let map = a.map(MapDef::new::<u32, u64>("numbers", MapType::Array, 1));
    a.load_map_value(R1, map, 0);
}

const EXCHANGE_WITH_A_NUMBER: Case = Case::new("exchange-with-a-number", Xdp)
    .unmodelled()
    .typed_maps()
    .teaches(
        "bpf_kptr_xchg puts a kernel object's pointer into a map value and gives what \
        was there. The value's type has to mark the field as such a pointer, __kptr, \
        so that the map gives the object back when it's deleted. Here it's a number.",
    )
    .program(|a| {
        number(a);
        a.mov(R2, 0);
        a.call(Helper::KptrXchg);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 3, "R1 has no valid kptr", 3))
    .except(&[
        (until(5, 10), Message("invalid func unknown#194")),
        (only(6, 1), To(reject(EACCES, 3, "map 'numbers' has no valid kptr", 3))),
    ])
    .fault(&[(until(5, 10), "unknown-helper")])
    .twin(
        Twin::new("it's stored as a number", |a| {
            number(a);
            a.store(U64, R1 + 0, 0);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(4)),
    );
