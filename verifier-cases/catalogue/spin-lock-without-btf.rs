//! A spin lock needs BTF.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "spin-lock-without-btf",
    place: 840,
    title: "a spin lock in a map whose value type is not known",
    cases: &[SPIN_LOCK_IN_PLAIN_MAP],
};

const SPIN_LOCK_IN_PLAIN_MAP: Case = Case::new("spin-lock-in-plain-map", Xdp)
    .teaches(
        "bpf_spin_lock finds its lock by the BTF of the map's value. A map without \
        BTF has none. (Loaders make BTF from the map's definition in C.)",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.mov(R1, R0);
        a.call(Helper::SpinLock);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 8, "map 'm' has to have BTF in order to use bpf_spin_lock", 8))
    .except(&[(until(6, 1), Errno(EACCES))])
    .twin(
        Twin::new("an atomic addition instead of a lock", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.mov(R1, 1);
            a.atomic_add(AtomicSize::U64, R0 + 0, R1);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(11)),
    );
