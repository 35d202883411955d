//! Fields of values that the kernel keeps.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "special-field",
    place: 1230,
    title: "a field that the kernel keeps is touched directly",
    cases: &[LOCK_OVERWRITTEN],
};

const LOCK_OVERWRITTEN: Case = Case::new("lock-overwritten", Xdp)
    .unmodelled()
    .typed_maps()
    .teaches(
        "A lock in a value is the kernel's: a program that writes its bytes could \
        break it for all others. That goes for a copy of the whole value too. Write \
        the fields beside it.",
    )
    .program(|a| {
        locked_value(a);
        a.store(U32, R1 + 0, 0);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 2, "bpf_spin_lock cannot be accessed directly by load/store", 2))
    .twin(
        Twin::new("the field beside it", |a| {
            locked_value(a);
            a.store(U32, R1 + 4, 0);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(4)),
    );
