//! The address of a lock.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "lock-place",
    place: 1220,
    title: "the pointer does not point to the lock",
    cases: &[LOCK_BESIDE],
};

/// `bpf_spin_lock(r1)`, `bpf_spin_unlock(r1)`, the end.
#[track_caller]
fn locks(a: &mut Asm) {
    a.mov(R6, R1);
    a.call(Helper::SpinLock);
    a.mov(R1, R6);
    a.call(Helper::SpinUnlock);
    a.mov(R0, 2);
    a.exit();
}

const LOCK_BESIDE: Case = Case::new("lock-beside", Xdp)
    .unmodelled()
    .typed_maps()
    .teaches(
        "Where in a value the lock lies is known from the value's type. The address \
        has to be just that one: here it is that of the number after it.",
    )
    .program(|a| {
        locked_value(a);
        a.add(R1, 4);
        locks(a);
    })
    .expect(reject(EINVAL, 4, "off 4 doesn't point to 'struct bpf_spin_lock' that is at 0", 4))
    .except(&[(until(6, 1), To(reject(EACCES, 4, "off 4 doesn't point to 'struct bpf_spin_lock'", 4)))])
    .twin(
        Twin::new("the lock's own", |a| {
            locked_value(a);
            locks(a);
        })
        .expect(accept(7)),
    );
