//! A lock is given back before the program ends.

use super::vocabulary::*;

pub(super) const CLASS: Class =
    Class { slug: "lock-region", place: 1210, title: "a lock is kept or used wrongly", cases: &[LOCK_KEPT] };

const LOCK_KEPT: Case = Case::new("lock-kept", Xdp)
    .unmodelled()
    .typed_maps()
    .teaches(
        "bpf_spin_lock keeps other processors from a value until bpf_spin_unlock. A \
        program that ends with the lock would stop them for ever, so every path gives \
        it back. Between the two there are loads and stores and hardly any calls.",
    )
    .program(|a| {
        locked_value(a);
        a.call(Helper::SpinLock);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(
        EINVAL,
        4,
        "BPF_EXIT instruction in main prog cannot be used inside bpf_spin_lock-ed region",
        4,
    ))
    .except(&[(until(6, 12), Message("bpf_spin_unlock is missing"))])
    .twin(
        Twin::new("it is given back", |a| {
            locked_value(a);
            a.mov(R6, R1);
            a.call(Helper::SpinLock);
            a.mov(R1, R6);
            a.call(Helper::SpinUnlock);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(7)),
    );
