//! Alignment in map values.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "map-value-alignment",
    place: 770,
    title: "a map value access that is not aligned",
    cases: &[VALUE_MISALIGNED, VALUE_MISALIGNED_STRICT],
};

const VALUE_MISALIGNED: Case = Case::new("value-misaligned", Xdp)
    .teaches(
        "On x86 an unaligned load of a map value is accepted: the machine does it. \
        With strict alignment, and on machines that need it, it is refused.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U64, R0, R0 + 4);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(accept(10))
    .twin(
        Twin::new("behind the value's end", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U64, R0, R0 + 9);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(reject(EACCES, 7, "R0 min value is outside of the allowed memory range", 7))
        .fault(&[(ALL, "map-value-offset")]),
    );

const VALUE_MISALIGNED_STRICT: Case = Case::new("value-misaligned-strict", Xdp)
    .teaches(
        "The same load with BPF_F_STRICT_ALIGNMENT. Objects for several machines are \
        best tested with it.",
    )
    .with_flags(BPF_F_STRICT_ALIGNMENT)
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U64, R0, R0 + 4);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 7, "misaligned value access off 0+0+4 size 8", 7))
    .except(&[
        (until(6, 1), Message("misaligned value access off (0x0; 0x0)+0+4 size 8")),
        (since(7, 1), Message("misaligned value access off 0+4 size 8")),
    ])
    .twin(
        Twin::new("aligned", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U64, R0, R0 + 8);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(10)),
    );
