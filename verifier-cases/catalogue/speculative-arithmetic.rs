//! Pointer arithmetic without CAP_PERFMON.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "speculative-arithmetic",
    place: 920,
    title: "pointer arithmetic that speculation could take out of bounds",
    cases: &[VALUE_PLUS_VARIABLE_WITHOUT_PERFMON, PACKET_PLUS_VARIABLE_WITHOUT_PERFMON],
};

const VALUE_PLUS_VARIABLE_WITHOUT_PERFMON: Case = Case::new("value-plus-variable-without-perfmon", Xdp)
    .teaches(
        "For programs without CAP_PERFMON the verifier masks pointer arithmetic \
        against speculation, and wants to know the limit at the addition. A pointer \
        that may leave the value, although it is checked at the access, is refused \
        at once.",
    )
    .without_perfmon()
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U8, R1, R0 + 0);
        a.add(R0, R1);
        a.mov(R0, 2);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(
        EACCES,
        8,
        "R0 pointer arithmetic of map value goes out of range, prohibited for !root",
        8,
    ))
    .except(&[(since(7, 3), Message("R0 max value is outside of the allowed memory range"))])
    .twin(
        Twin::new("a mask in front", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U8, R1, R0 + 0);
            a.and(R1, 15);
            a.add(R0, R1);
            a.mov(R0, 2);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(15)),
    );

const PACKET_PLUS_VARIABLE_WITHOUT_PERFMON: Case = Case::new("packet-plus-variable-without-perfmon", Xdp)
    .teaches(
        "Packet pointers cannot be masked, so that adding a variable to one needs \
        CAP_PERFMON. Without it, parse at constant offsets, or use \
        bpf_xdp_load_bytes. On 5.10 even the comparison with data_end is refused.",
    )
    .without_perfmon()
    .program(|a| {
        let out = a.label("out");
        packet(a);
        a.mov(R0, R2);
        a.add(R0, 15);
        a.goto_if(R0.gt(R3), out);
        a.load(U8, R1, R2 + 14);
        a.and(R1, 15);
        a.add(R2, R1);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(
        EACCES,
        7,
        "R2 has pointer with unsupported alu operation, pointer arithmetic with it \
        prohibited for !root",
        8,
    ))
    .except(&[(until(5, 10), To(reject(EACCES, 4, "R3 pointer comparison prohibited", 5)))])
    .fault(&[(until(5, 10), "pointer-comparison")])
    .twin(
        Twin::new("a constant", |a| {
            let out = a.label("out");
            packet(a);
            a.mov(R0, R2);
            a.add(R0, 15);
            a.goto_if(R0.gt(R3), out);
            a.load(U8, R1, R2 + 14);
            a.and(R1, 15);
            a.add(R2, 15);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(12))
        .except(&[(until(5, 10), To(reject(EACCES, 4, "R3 pointer comparison prohibited", 5)))])
        .fault(&[(until(5, 10), "pointer-comparison")]),
    );
