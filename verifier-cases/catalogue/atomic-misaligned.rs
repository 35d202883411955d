//! Atomics must be aligned.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "atomic-misaligned",
    place: 800,
    title: "an atomic operation that is not aligned",
    cases: &[ATOMIC_ON_VALUE_MISALIGNED],
};

const ATOMIC_ON_VALUE_MISALIGNED: Case = Case::new("atomic-on-value-misaligned", Xdp)
    .teaches("Unlike plain accesses, atomics must be aligned on every machine.")
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.mov(R1, 1);
        a.atomic_add(AtomicSize::U64, R0 + 4, R1);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 8, "misaligned value access off 0+0+4 size 8", 8))
    .except(&[
        (until(6, 1), Message("misaligned value access off (0x0; 0x0)+0+4 size 8")),
        (since(7, 1), Message("misaligned value access off 0+4 size 8")),
    ])
    .twin(
        Twin::new("aligned", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.mov(R1, 1);
            a.atomic_add(AtomicSize::U64, R0 + 8, R1);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(11)),
    );
