//! A string that nobody can change.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "constant-string",
    place: 1150,
    title: "a string argument is not constant",
    cases: &[NAME_IN_A_MAP],
};

/// `bpf_strncmp(fp-8, 8, r3)` of a text of zeroes; the program's result.
#[track_caller]
fn compared(a: &mut Asm) {
    a.store(U64, R10 - 8, 0);
    a.mov(R1, R10);
    a.add(R1, -8);
    a.mov(R2, 8);
    a.call(Helper::Strncmp);
    a.exit();
}

const NAME_IN_A_MAP: Case = Case::new("name-in-a-map", Xdp)
    .unmodelled()
    .teaches(
        "Some helpers read a string up to its end, which has to be there when the \
        program is loaded and stay there. So it lies in a map that programs can only \
        read and that user space has frozen: what C calls .rodata.",
    )
    .program(|a| {
        let names = a.map(MapDef::new::<u32, [u8; 8]>("names", MapType::Array, 1));
        a.load_map_value(R3, names, 0);
        compared(a);
    })
    .expect(reject(EACCES, 6, "R3 does not point to a readonly map'", 6))
    .except(&[(until(5, 10), To(reject(EINVAL, 6, "invalid func unknown#182", 6)))])
    .fault(&[(until(5, 10), "unknown-helper")])
    .twin(
        Twin::new("a frozen one", |a| {
            let names = a.map(MapDef::constants("names", b"eth0\0\0\0\0".to_vec()));
            a.load_map_value(R3, names, 0);
            compared(a);
        })
        .expect(accept(7))
        .except(&[(until(5, 10), To(reject(EINVAL, 6, "invalid func unknown#182", 6)))])
        .fault(&[(until(5, 10), "unknown-helper")]),
    );
