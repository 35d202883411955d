//! An address in a map.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "pointer-into-map",
    place: 900,
    title: "an address is stored in a map",
    cases: &[POINTER_STORED_WITHOUT_PERFMON, POINTER_STORED_AS_ROOT, POINTER_ADDED_WITHOUT_PERFMON],
};

const POINTER_STORED_WITHOUT_PERFMON: Case = Case::new("pointer-stored-without-perfmon", Xdp)
    .teaches(
        "User space could read the address from the map. Without CAP_PERFMON the \
        store is refused.",
    )
    .without_perfmon()
    .program(|a| {
        let out = a.label("out");
        found_value(a, 8, out);
        a.store(U64, R0 + 0, R10);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 7, "R10 leaks addr into map", 7))
    .twin(
        Twin::new("a number", |a| {
            let out = a.label("out");
            found_value(a, 8, out);
            a.store(U64, R0 + 0, 1);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(10)),
    );

const POINTER_STORED_AS_ROOT: Case = Case::new("pointer-stored-as-root", Xdp)
    .teaches("With CAP_PERFMON it is accepted, and what comes back is a number.")
    .program(|a| {
        let out = a.label("out");
        found_value(a, 8, out);
        a.store(U64, R0 + 0, R10);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(accept(10))
    .twin(
        Twin::new("used as a pointer again", |a| {
            let out = a.label("out");
            found_value(a, 8, out);
            a.store(U64, R0 + 0, R10);
            a.load(U64, R1, R0 + 0);
            a.load(U64, R1, R1 - 8);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(reject(EACCES, 9, "R1 invalid mem access 'scalar'", 9))
        .except(&[(until(5, 10), Message("R1 invalid mem access 'inv'"))])
        .states(&[state(until(5, 10), 8, R1, "inv(id=0)"), state(since(6, 1), 8, R1, "scalar()")])
        .fault(&[(ALL, "null-dereference")]),
    );

const POINTER_ADDED_WITHOUT_PERFMON: Case = Case::new("pointer-added-without-perfmon", Xdp)
    .teaches(
        "An atomic addition of an address puts it into the map like a store. Without \
        CAP_PERFMON it is refused, in other words. Root may do it, though there is \
        no use for the sum.",
    )
    .without_perfmon()
    .program(|a| {
        let out = a.label("out");
        found_value(a, 8, out);
        a.atomic_add(AtomicSize::U64, R0 + 0, R10);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 7, "R10 leaks addr into mem", 7))
    .twin(
        Twin::new("a number", |a| {
            let out = a.label("out");
            found_value(a, 8, out);
            a.mov(R1, 1);
            a.atomic_add(AtomicSize::U64, R0 + 0, R1);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(11)),
    );
